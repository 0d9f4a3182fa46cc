#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How the command ends: statuses, messages, two of them on one folder.
. "$(dirname "$0")/lib.sh"
need_fuse
scratch
cd "$TESTDIR" || exit 1
MNT=$TESTDIR/mnt
mkdir mnt
P=$PROFILES/small-vm.ini

# ends WHAT STATUS PATTERN COMMAND...
ends()
{
	ends_what=$1
	ends_want=$2
	ends_pattern=$3
	shift 3
	"$@" >out 2>&1 </dev/null
	expect "$ends_what" = $? "$ends_want"
	[ -z "$ends_pattern" ] ||
		match "$ends_what" "$ends_pattern" "$(cat out)"
}

ends version 0 '^fauxproc [0-9]' "$FAUXPROC" -V
ends help 0 '^usage: fauxproc ' "$FAUXPROC" -h
ends 'no folder' 2 '^usage: ' "$FAUXPROC"
ends 'two folders' 2 'one MNT' "$FAUXPROC" mnt mnt
ends 'unknown option' 2 'usage: ' "$FAUXPROC" --nonsense mnt
ends 'unknown -o' 2 'nonsense' "$FAUXPROC" -c "$P" -o nonsense mnt
ends 'unknown list' 2 'sim\+self' "$FAUXPROC" -c "$P" -o list=all mnt
printf 'spawn a\n\nspawn a\n' >twice.mm
# In the foreground, too, the end is a clean one.
for f in '' -f; do
	# No word where there is no option: the split is wanted.
	# shellcheck disable=SC2086
	set -- "$FAUXPROC" $f -c
	ends 'no profile' 1 'nowhere.ini' "$@" nowhere.ini mnt
	ends 'bad --set' 1 'memory' "$@" "$P" --set machine.memory=x mnt
	ends 'not there' 3 'nowhere' "$@" "$P" nowhere
	ends 'no folder' 3 'out' "$@" "$P" out
	ends 'host limit' 4 'max_host_memory' \
		"$@" "$P" --set machine.max_host_memory=1M mnt
	ends 'script' 1 'twice.mm:3: spawn: .*a.* lives' \
		"$@" "$P" -s twice.mm mnt
	ends 'no script' 1 'nowhere.mm' "$@" "$P" -s nowhere.mm mnt
done
is_mounted "$MNT" && fault 'something was mounted'

# It returns when the tree can be read, the script has run, and is silent.
printf 'spawn a\nmmap a m 1M\n' >one.mm
ends start 0 '' "$FAUXPROC" -c "$P" -s one.mm mnt
expect 'start: silent' = "$(cat out)" ''
match 'script ran' '^m ' "$(cat mnt/model/*/regions)"
ends 'a second one' 3 'mounted there already' "$FAUXPROC" -c "$P" mnt
expect 'the first one lives' = "$(cat mnt/model/check)" ok

# While a file is open the mount is busy, and taken down lazily it goes when
# the file is closed.
exec 4<mnt/proc/meminfo
fusermount3 -u mnt 2>/dev/null && fault 'unmounted under an open file'
fusermount3 -u -z mnt || fault 'fusermount3 -uz'
read -r line <&4
match 'the open file can be read' '^MemTotal:' "$line"
exec 4<&-

# Two at once: one of them wins.
"$FAUXPROC" -c "$P" mnt 2>/dev/null &
first=$!
"$FAUXPROC" -c "$P" mnt 2>/dev/null
a=$?
wait $first
b=$?
[ "$a $b" = '0 3' ] || [ "$a $b" = '3 0' ] || fault "two at once: $a $b"
expect 'two at once: mounts' = "$(grep -c " $MNT " /proc/self/mountinfo)" 1
unmount

# What it prints about itself can be mounted, and is the same machine.
"$FAUXPROC" -c "$P" mnt || fault start
cat mnt/model/config >again.ini
a=$(cat mnt/model/digest)
unmount
ends config 0 '' "$FAUXPROC" -c again.ini mnt
expect 'the same machine' = "$(cat mnt/model/digest)" "$a"
unmount

# Pieces of any size are the same file.
"$FAUXPROC" -c "$P" mnt || fault start
cat mnt/proc/zoneinfo >whole
unmount
"$FAUXPROC" -c "$P" -o max_read=4096 mnt || fault 'start with max_read'
cat mnt/proc/zoneinfo | cmp -s - whole || fault 'max_read: another file'
expect 'max_read: /proc/self/mountinfo' = \
	"$(grep " $MNT " /proc/self/mountinfo | grep -c max_read=4096)" 1
unmount

# -f stays, says what fails, and ends well.
"$FAUXPROC" -f -c "$P" mnt 2>err &
pid=$!
for try in $(seq 100); do
	is_mounted "$MNT" && break
	sleep 0.05
done
echo nonsense 2>/dev/null >mnt/ctl && fault 'nonsense was taken'
kill -TERM $pid
wait $pid
expect '-f: status' = $? 0
match '-f: failures' "ctl: line 1: no operation 'nonsense'.*EINVAL" \
	"$(cat err)"
is_mounted "$MNT" && fault '-f: still mounted'

if unshare -m true 2>/dev/null; then
	ends 'no /dev/fuse' 3 '/dev/fuse: No such file' \
		unshare -m sh -c 'mount -t tmpfs none /dev
			exec "$0" -c "$1" mnt' "$FAUXPROC" "$P"
	match 'what works without' 'faux sim' "$(cat out)"
fi
cd /
finish
