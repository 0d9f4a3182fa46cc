#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# model/: one address and one frame, asked for with echo and cat.
. "$(dirname "$0")/lib.sh"
need_command dd od awk
need_fuse
scratch
cat >"$TESTDIR/profile" <<'END'
[machine]
memory = 512M
cpus = 1
spawn = bare
[disk vda]
filesystem = /
END
mount_machine -c "$TESTDIR/profile"
reply=$(ctl 'spawn a' 'mmap a r 1M' 'touch a r write' 'fork a b')
a=$(echo "$reply" | awk '$1 == "a" { print $3; exit }')
b=$(echo "$reply" | awk '$1 == "b" { print $3; exit }')
range=$(awk '$1 == "r" { print $2 }' "$MNT/model/$a/regions")
start=${range%-*}

# entry FILE N: the lower 52 bits of the N-th eight bytes
entry()
{
	echo $((0x$(dd if="$1" bs=8 skip="$2" count=1 2>/dev/null |
		od -An -v -t x8 | tr -d ' ' | cut -c4-)))
}

echo "$start" >"$MNT/model/$a/walk"
walk=$(cat "$MNT/model/$a/walk")
pfn=$(echo "$walk" | awk '$1 == "frame" { print $2 }')
expect 'walk: levels' = \
	"$(echo "$walk" | awk '/^(pgd|pud|pmd|pte) / { printf $1 }')" \
	pgdpudpmdpte
expect 'walk: the other user' = \
	"$(echo "$walk" | awk '$1 == "users" { print $2, NF }')" "$b:$start 2"
expect 'walk: the frame of pagemap' = \
	"$(entry "$MNT/proc/$a/pagemap" $((0x$start / 4096)))" "$pfn"

echo "$pfn" >"$MNT/model/page"
expect 'page: users' = \
	"$(awk '$1 == "users" { print $2, $3 }' "$MNT/model/page")" \
	"$a:$start $b:$start"
expect 'page: mapcount' = "$(field "$MNT/model/page" mapcount)" 2
expect 'kpagecount' = "$(entry "$MNT/proc/kpagecount" "$pfn")" 2
# UPTODATE LRU MMAP ANON SWAPBACKED
expect 'kpageflags' = $(($(entry "$MNT/proc/kpageflags" "$pfn") & 0x5828)) \
	$((0x5828))
expect 'kpagecount: length' = "$(wc -c <"$MNT/proc/kpagecount")" \
	$((512 * 256 * 8))

# What is asked is no part of the machine.
before=$(cat "$MNT/model/digest")
journal=$(wc -c <"$MNT/model/journal")
echo 0 >"$MNT/model/page"
echo ffffffff81000000 >"$MNT/model/walk"
match 'walk: range' '^range kernel_text$' "$(cat "$MNT/model/walk")"
match 'walk: its address is kept' "^linear 0*$start\$" \
	"$(cat "$MNT/model/$a/walk")"
expect 'digest' = "$(cat "$MNT/model/digest")" "$before"
expect 'journal' = "$(wc -c <"$MNT/model/journal")" "$journal"

for bad in '' x '1 2' -1 99999999999; do
	(echo "$bad" >"$MNT/model/page") 2>/dev/null &&
		fault "page takes '$bad'"
	(echo "$bad x" >"$MNT/model/$a/walk") 2>/dev/null &&
		fault "walk takes '$bad x'"
done
expect 'page: mode' = "$(stat -c %a "$MNT/model/page")" 600

# Gone processes have no files.
ctl 'exit b' >/dev/null
[ ! -e "$MNT/model/$b" ] || fault 'model/PID outlives its process'
expect 'walk: nobody else' = \
	"$(awk '$1 == "users" { print $2 }' "$MNT/model/$a/walk")" -

# A block of 8 pages: split off a larger one, and merged again once the
# CPU's list is emptied.
ctl 'alloc_pages x 3 1 gfp=dma' 'free_pages x' \
	'set /proc/sys/vm/compact_memory 1' >/dev/null
told()
{
	grep -c " $1 .*zone=DMA " "$MNT/model/events"
}
expect 'allocated once' = "$(told page_alloc)" 1
expect 'given back once' = "$(told page_free)" 1
expect 'split' -ge "$(told buddy_split)" 1
expect 'merged as often' = "$(told buddy_merge)" "$(told buddy_split)"
finish
