#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real programs on MNT/disk and MNT/dev, seen in meminfo, slabinfo, diskstats,
# vmstat and pcstat.
. "$(dirname "$0")/lib.sh"
scratch
cat >"$TESTDIR/p.ini" <<'END'
[machine]
memory = 512M
cpus = 2
seed = 1
[disk vda]
size = 4G
latency = 100us
bandwidth = 200M
filesystem = /
[disk vdb]
size = 64M
[disk vdc]
size = 1G
filesystem = /other
[file /data/big]
size = 64M
END
mount_machine -c "$TESTDIR/p.ini"
disk=$MNT/disk
info=$MNT/proc/meminfo

objects()
{
	awk '$1 == "dentry" || $1 == "ext4_inode_cache" { n += $2 }
		END { print n }' "$MNT/proc/slabinfo"
}

# counted COUNTER COMMAND...: how much it rose
counted()
{
	counted_name=$1
	shift
	before=$(field "$MNT/proc/vmstat" "$counted_name")
	"$@" >/dev/null 2>&1 || fault "$* ended with $?"
	echo $(($(field "$MNT/proc/vmstat" "$counted_name") - before))
}

drop()
{
	echo 3 >"$MNT/proc/sys/vm/drop_caches"
}

# --- a file fills Cached, once -----------------------------------------------
expect 'what operations made' = "$(stat -c %s "$disk/data/big")" 67108864
drop
cached=$(field "$info" Cached)
n=$(counted pgpgin dd if="$disk/data/big" of=/dev/null bs=1M)
expect 'read: from the disk' -ge "$n" 65536
expect 'read: not twice' -lt "$n" 67000
n=$(($(field "$info" Cached) - cached))
expect 'read: Cached' = "$n" 65536
expect 'pcstat' = "$("$FAUX" -m "$MNT" pcstat "$disk/data/big" |
	awk '/big/ { print $10 }')" 100.000
n=$(counted pgpgin dd if="$disk/data/big" of=/dev/null bs=1M)
expect 'read again: from memory' = "$n" 0
drop
n=$(counted pgpgin dd if="$disk/data/big" of=/dev/null bs=1M)
expect 'read after drop_caches' -ge "$n" 65536

# --- past the cache ---------------------------------------------------------
drop
cached=$(field "$info" Cached)
n=$(counted pgpgin dd if="$disk/data/big" of=/dev/null bs=1M iflag=direct)
expect 'direct: from the disk' -ge "$n" 65536
expect 'direct: Cached' = "$(field "$info" Cached)" "$cached"

# --- a device fills Buffers -------------------------------------------------
drop
buffers=$(field "$info" Buffers)
n=$(counted pgpgin dd if="$MNT/dev/vda" of=/dev/null bs=1M count=16)
expect 'device: from the disk' -ge "$n" 16384
expect 'device: Buffers' -ge $(($(field "$info" Buffers) - buffers)) 16384
expect 'device: Cached' = "$(field "$info" Cached)" "$cached"
expect 'device: its size' = "$(stat -c %s "$MNT/dev/vda")" 4294967296
(: >>"$MNT/dev/vda") 2>/dev/null &&
	fault 'a mounted device was opened to write'
dd if=/dev/urandom of="$TESTDIR/bytes" bs=1M count=3 2>/dev/null
dd if="$TESTDIR/bytes" of="$MNT/dev/vdb" bs=64K seek=16 conv=notrunc \
	2>/dev/null || fault 'a device cannot be written'
dd if="$MNT/dev/vdb" bs=1M skip=1 count=3 2>/dev/null |
	cmp - "$TESTDIR/bytes" || fault 'a device has other bytes'
dd if=/dev/zero of="$MNT/dev/vdb" bs=1M count=65 2>"$TESTDIR/err" &&
	fault 'a device has no end'
match 'end of a device' 'No space left' "$(cat "$TESTDIR/err")"

# --- names ------------------------------------------------------------------
for i in 0 1 2 3 4 5 6 7 8 9; do
	mkdir "$disk/d$i"
	(cd "$disk/d$i" && touch $(seq -f %g.conf 30)) ||
		fault 'files cannot be made'
done
ctl sync >/dev/null
drop
buffers=$(field "$info" Buffers)
names=$(objects)
n=$(counted pgpgin find "$disk" -name '*.conf' -size -1k)
expect 'find: from the disk' -gt "$n" 0
expect 'find: Buffers' -gt "$(field "$info" Buffers)" "$buffers"
expect 'find: dentries and inodes' -ge $(($(objects) - names)) 500
n=$(counted pgpgin find "$disk" -name '*.conf' -size -1k)
expect 'find again: from memory' = "$n" 0
expect 'find: all of them' = "$(find "$disk" -name '*.conf' | wc -l)" 300

# --- writing ----------------------------------------------------------------
dirty=$(field "$info" Dirty)
dd if="$TESTDIR/bytes" of="$disk/new" bs=1M 2>/dev/null
expect 'write: Dirty' -ge $(($(field "$info" Dirty) - dirty)) 3072
out=$(counted pgpgout sync -d "$disk/new")
expect 'fsync: to the disk' -ge "$out" 3072
expect 'fsync: Dirty' -lt "$(field "$info" Dirty)" 3072
cmp "$disk/new" "$TESTDIR/bytes" || fault 'other bytes than were written'
echo more >>"$disk/new"
ctl 'advance 40s' >/dev/null
expect 'the flusher' = "$(field "$info" Dirty)" 0
dd if=/dev/zero of="$disk/wide" bs=1M count=200 2>/dev/null
expect 'throttled' -lt "$(field "$info" Dirty)" 102400

# --- scripts and programs on the same files ---------------------------------
ctl 'mkfile /made 1M' 'spawn w' 'write w /made 1M 1M' >/dev/null
expect 'made by an operation' = "$(stat -c %s "$disk/made")" 2097152
ctl 'rm /made' >/dev/null
[ -e "$disk/made" ] && fault 'rm of an operation'
echo x >"$disk/made"
ctl 'read w /made 0 2' >/dev/null || fault 'made by a program'
rm "$disk/made"
ctl 'read w /made 0 2' >/dev/null 2>&1 && fault 'rm of a program'

# --- several disks ----------------------------------------------------------
expect 'other disk' = "$(stat -f -c %b "$disk/other")" 262144
: >"$disk/other/file"
mv "$disk/other/file" "$disk/file" || fault 'mv to another disk'
ln "$disk/file" "$disk/other/link" 2>"$TESTDIR/err" && fault 'a link to it'
match 'a link to another disk' 'cross-device' "$(cat "$TESTDIR/err")"
rmdir "$disk/other" 2>/dev/null && fault 'a mount point was removed'

# --- who is it --------------------------------------------------------------
echo line >"$disk/followed"
tail -f "$disk/followed" >"$TESTDIR/tail" &
job=$!
left=100
until grep -q line "$TESTDIR/tail"; do
	left=$((left - 1))
	[ $left -gt 0 ] || break
	sleep 0.1
done
sim=$(awk '$2 == "(tail)" { print $1 }' "$MNT"/proc/[0-9]*/stat)
[ -n "$sim" ] || fault 'no stand-in'
expect 'a stand-in has no memory' = \
	"$(cat "$MNT/proc/$sim/statm" "$MNT/proc/$sim/maps")" '0 0 0 0 0 0 0'
expect 'a stand-in is no victim' = "$(cat "$MNT/proc/$sim/oom_score_adj")" -1000
ctl "touch $sim @400000 write" >/dev/null 2>&1 &&
	fault 'a stand-in touched memory'
kill $job
wait $job 2>/dev/null
left=100
while [ -e "$MNT/proc/$sim" ] && [ $left -gt 0 ]; do
	left=$((left - 1))
	sleep 0.1
done
[ -e "$MNT/proc/$sim" ] && fault 'a stand-in stays when its program ended'
match 'journal' '^async read [0-9]+ /data/big 0 1048576$' \
	"$(cat "$MNT/model/journal")"
match 'journal' '^async client dd$' "$(cat "$MNT/model/journal")"
finish
