#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A page of 1 GiB as the files see it that ask for one address or one frame.
. "$(dirname "$0")/lib.sh"
need_command dd od awk
need_fuse
scratch
cat >"$TESTDIR/profile" <<'END'
[machine]
memory = 6G
cpus = 1
spawn = bare
[set]
/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages = 2
END
mount_machine -c "$TESTDIR/profile"
reply=$(ctl 'spawn a' 'mmap a r 2G hugetlb=1G' 'touch a r write 0 4K' \
	'mmap a s 4K')
a=$(echo "$reply" | awk '$1 == "a" { print $3; exit }')
range=$(awk '$1 == "r" { print $2 }' "$MNT/model/$a/regions")
start=${range%-*}

# word FILE N: the N-th eight bytes
word()
{
	dd if="$1" bs=8 skip="$2" count=1 2>/dev/null | od -An -v -t x8 |
		tr -d ' '
}

# 700 MiB into the page
page=$((0x$start / 4096 + 700 * 256))
printf '%x\n' $((page * 4096 + 5)) >"$MNT/model/$a/walk"
walk=$(cat "$MNT/model/$a/walk")
expect 'walk: levels' = \
	"$(echo "$walk" | awk '/^(pgd|p4d|pud|pmd|pte) / { printf $1 }')" pgdpud
match 'walk: the last entry' '^pud .*huge' "$walk"
pfn=$(echo "$walk" | awk '$1 == "frame" { print $2 }')
head=$((pfn - 700 * 256))
expect 'aligned' = $((head % (1 << 18))) 0
# present, nobody else's, anonymous
expect 'pagemap' = "$(word "$MNT/proc/$a/pagemap" $page)" \
	"$(printf '81%014x' "$pfn")"
expect 'pagemap: the other page' = \
	"$(word "$MNT/proc/$a/pagemap" $((page + (1 << 18))))" 0000000000000000
expect 'kpagecount' = "$(word "$MNT/proc/kpagecount" "$pfn")" \
	0000000000000001
# MMAP COMPOUND_HEAD HUGE, then COMPOUND_TAIL
mask=$(((1 << 11) | (1 << 15) | (1 << 16) | (1 << 17)))
expect 'kpageflags: head' = \
	$((0x$(word "$MNT/proc/kpageflags" $head) & mask)) \
	$(((1 << 11) | (1 << 15) | (1 << 17)))
for at in 1 1024 $((pfn - head)) $(((1 << 18) - 1)); do
	expect "kpageflags: tail $at" = \
		$((0x$(word "$MNT/proc/kpageflags" $((head + at))) & mask)) \
		$(((1 << 11) | (1 << 16) | (1 << 17)))
done
echo "$pfn" >"$MNT/model/page"
expect 'page: order' = "$(field "$MNT/model/page" order)" 18
expect 'page: refcount' = "$(field "$MNT/model/page" refcount)" 1
expect 'page: users' = "$(field "$MNT/model/page" users)" \
	"$a:$(printf %x $((page * 4096)))"
expect 'numa_maps' = \
	"$(grep -c 'huge anon=1 dirty=1 N0=1 kernelpagesize_kB=1048576' \
		"$MNT/proc/$a/numa_maps")" 1
# The page that is free, and what i386 has not.
match 'no such size' EINVAL "$(ctl 'mmap a t 4M hugetlb=4M' 2>&1)"
match 'part of a page' EINVAL "$(ctl 'munmap a r 2M 2M' 2>&1)"
match 'a reservation does not grow' EINVAL "$(ctl 'mremap a r 3G' 2>&1)"
expect 'check' = "$(cat "$MNT/model/check")" ok
finish
