#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A driver's memory in a process: where it shows, which frames it has, how long
# it lives.
. "$(dirname "$0")/lib.sh"
need_command awk dd od
need_fuse
scratch
cd "$TESTDIR" || exit 1
mount_machine -c "$PROFILES/small-vm.ini" --set machine.speed=0

# pfn PID ADDR: by model/PID/walk; entry FILE N: eight bytes, in hex
pfn()
{
	echo "$2" >"$MNT/model/$1/walk"
	awk '$1 == "frame" { print $2 }' "$MNT/model/$1/walk"
}
entry()
{
	dd if="$1" bs=8 skip="$2" count=1 2>/dev/null | od -An -v -t x8 |
		tr -d ' '
}
areas()
{
	grep -c ' mapdrv_alloc.* user' "$MNT/proc/vmallocinfo"
}
# of the mapping at $1 of process $p
smaps()
{
	awk -v s="$1" -v f="$2:" '$1 ~ "^" s "-" { on = 1; next }
		on && $1 == f { print $2; exit }' "$MNT/proc/$p/smaps"
}

expect 'devices' = "$(awk '/^Block/ { exit } $2 == "mapdrv" { print $1 }' \
	"$MNT/proc/devices")" 254
# So that the free list is no row of frames.
ctl 'alloc_pages hold 0 2000' 'free_pages hold 2' >/dev/null
reply=$(ctl 'spawn p' 'mmap p m 64K dev=mapdrv' \
	'mmap p r 64K dev=mapdrv remap' 'mmap p n 64K dev=mapdrv remap=pfn shared')
p=$(echo "$reply" | awk '$1 == "p" { print $3; exit }')
for name in m r n; do
	eval "$name=$(echo "$reply" | sed -n "s,^p/$name \([0-9a-f]*\)-.*,\1,p")"
done
expect 'one area each' = "$(areas)" 3
# shellcheck disable=SC2154
{
	match 'maps: device and path' \
		"^$m-[0-9a-f]* rw-p 00000000 00:06 [0-9]* */dev/mapdrv\$" \
		"$(grep "^$m" "$MNT/proc/$p/maps")"
	match 'a page a fault' ' minflt 16 majflt 0$' "$(ctl 'touch p m read')"
	match 'all at once' ' minflt 0 majflt 0$' "$(ctl 'touch p r read')"
	match 'as numbers' ' minflt 0 majflt 0$' "$(ctl 'touch p n write')"
	expect 'pages count' = "$(smaps "$m" Rss) $(smaps "$r" Pss)" '64 64'
	expect 'numbers do not' = "$(smaps "$n" Rss) $(smaps "$n" Pss)" '0 0'
	match 'flags: by fault' ' de ac dd $' \
		"$(awk -v s="$m" '$1 ~ "^" s "-" { on = 1 }
			on && /VmFlags/ { print; exit }' "$MNT/proc/$p/smaps")"
	match 'flags: at once' ' de ac dd mm $' \
		"$(awk -v s="$r" '$1 ~ "^" s "-" { on = 1 }
			on && /VmFlags/ { print; exit }' "$MNT/proc/$p/smaps")"
	match 'flags: numbers' ' pf io de dd $' \
		"$(awk -v s="$n" '$1 ~ "^" s "-" { on = 1 }
			on && /VmFlags/ { print; exit }' "$MNT/proc/$p/smaps")"
}

# Pages in a row for the process and the kernel, not in memory.
area=$(awk '/mapdrv_alloc.* user/ { print substr($1, 3, 16); exit }' \
	"$MNT/proc/vmallocinfo")
row=0
scattered=0
last=
for i in 0 1 2 3 4 5 6 7; do
	user=$(printf %x $((0x$m + i * 4096)))
	kernel=$(printf %s%05x "${area%?????}" \
		$((0x${area#"${area%?????}"} + i * 4096)))
	now=$(pfn "$p" "$user")
	[ "$now" = "$(pfn "$p" "$kernel")" ] && row=$((row + 1))
	[ -n "$last" ] && [ "$now" != $((last + 1)) ] &&
		scattered=$((scattered + 1))
	last=$now
done
expect 'the frames are the area'"'"'s' = "$row" 8
expect 'scattered' -gt "$scattered" 0
echo "$m" >"$MNT/model/$p/walk"
match 'walk: the file' '^file /dev/mapdrv 0$' "$(cat "$MNT/model/$p/walk")"

# FILE MMAP_EXCLUSIVE PRESENT of pages; a number is present and nothing else.
frame=$(printf %014x "$(pfn "$p" "$m")")
expect 'pagemap: a page' = "$(entry "$MNT/proc/$p/pagemap" $((0x$m / 4096)))" \
	"a1$frame"
frame=$(printf %014x "$(pfn "$p" "$n")")
expect 'pagemap: a number' = \
	"$(entry "$MNT/proc/$p/pagemap" $((0x$n / 4096)))" "80$frame"
expect 'kpagecount: a page' = \
	"$((0x$(entry "$MNT/proc/kpagecount" "$(pfn "$p" "$m")")))" 1
expect 'kpagecount: a number' = \
	"$((0x$(entry "$MNT/proc/kpagecount" "$(pfn "$p" "$n")")))" 0
echo "$(pfn "$p" "$m")" >"$MNT/model/page"
expect 'page: owner, users' = \
	"$(awk '$1 == "owner" || $1 == "users" { print $2 }' \
		"$MNT/model/page" | tr '\n' ' ')" "vmalloc $p:$m "

# It does not grow, is not locked, is not written back; no cached area stays.
match 'mremap: it does not grow' '(EFAULT)' "$(ctl 'mremap p m 128K' 2>&1)"
match 'msync: no driver has it' '(EINVAL)' "$(ctl 'msync p n' 2>&1)"
match 'dontneed of numbers' '(EINVAL)' "$(ctl 'madvise p n dontneed' 2>&1)"
match 'private numbers' '(EINVAL)' \
	"$(ctl 'mmap p x 64K dev=mapdrv remap=pfn' 2>&1)"
ctl 'mlock p m' >/dev/null
expect 'never locked' = "$(field "$MNT/proc/$p/status" VmLck)" 0

# Saved and loaded it is the same.
before=$(cat "$MNT/model/digest")
ctl 'save saved' 'touch p m write' 'load saved' >/dev/null ||
	fault 'save and load'
expect 'saved and loaded' = "$(cat "$MNT/model/digest")" "$before"

# Who maps it keeps it.
ctl 'fork p c' 'exit p' >/dev/null
expect 'the child has it' = "$(areas)" 3
ctl 'munmap c m' >/dev/null
expect 'one went' = "$(areas)" 2
ctl 'exec c other' >/dev/null
expect 'none is left' = "$(areas)" 0
cd / || exit 1
finish
