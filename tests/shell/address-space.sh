#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Address spaces seen from outside: segments, sharing, faults, refusals.
. "$(dirname "$0")/lib.sh"
need_command dd od awk
need_fuse
scratch
cat >"$TESTDIR/profile" <<'END'
[machine]
memory = 1G
cpus = 1
[disk vda]
filesystem = /
END
mount_machine -c "$TESTDIR/profile"
aslr=$MNT/proc/sys/kernel/randomize_va_space

# spawned NAME...: their pids
spawned()
{
	for one; do
		ctl "spawn $one" | awk '{ print $3 }'
	done
}

# at PID NAME: the address where region NAME begins
at()
{
	awk -v name="$2" '$1 == name { sub("-.*", "", $2); print $2 }' \
		"$MNT/model/$1/regions"
}

# frame PID ADDRESS: where it leads
frame()
{
	echo "$2" >"$MNT/model/$1/walk" && field "$MNT/model/$1/walk" frame
}

# Segments, and where they lie.
echo 0 >"$aslr"
set -- $(spawned a b)
a=$1 b=$2
ctl 'brk a +64K' >/dev/null
for name in '\[heap\]' '\[stack\]' '\[vdso\]' '\[vvar\]' '/usr/bin/a'; do
	match "maps: $name" " $name\$" "$(cat "$MNT/proc/$a/maps")"
done
for name in text rodata data bss stack vdso vvar; do
	expect "regions: $name" -gt "$(grep -c "^$name " \
		"$MNT/model/$a/regions")" 0
done
expect 'no randomness: libraries in one place' = \
	"$(awk '/\.so/ { print $1 }' "$MNT/proc/$a/maps")" \
	"$(awk '/\.so/ { print $1 }' "$MNT/proc/$b/maps")"
expect 'no randomness: one stack' = "$(at "$a" stack)" "$(at "$b" stack)"
expect 'no randomness: text where a debugger looks for it' = \
	"$(head -n 1 "$MNT/proc/$b/maps" | cut -d- -f1)" 555555554000
echo 2 >"$aslr"
set -- $(spawned r1 r2 r3 r4 r5 r6 r7 r8 r9 r10)
expect 'randomness: ten stacks' = "$(for p; do at "$p" stack; done |
	sort -u | wc -l)" 10
expect 'randomness: ten images' = "$(for p; do at "$p" text; done |
	sort -u | wc -l)" 10

# One address, two frames.
x=$(at "$a" data)
expect 'one address in two processes' = "$x" "$(at "$b" data)"
ctl 'touch a data write' 'touch b data write' >/dev/null
expect 'two frames' != "$(frame "$a" "$x")" "$(frame "$b" "$x")"
expect 'one kernel half' = \
	"$(echo ffff888000100000 >"$MNT/model/$a/walk" &&
		grep -v cr3 "$MNT/model/$a/walk")" \
	"$(echo ffff888000100000 >"$MNT/model/$b/walk" &&
		grep -v cr3 "$MNT/model/$b/walk")"

# Only virtual until touched.
ctl 'mmap a big 8M' >/dev/null
big=$(at "$a" big)
expect 'untouched: Size, Rss' = "$(awk -v s="$big" '
	$1 ~ "^" s "-" { on = 1; next }
	on && /^(Size|Rss):/ { printf "%s ", $2 }
	/^VmFlags:/ { on = 0 }' "$MNT/proc/$a/smaps")" '8192 0 '

# Copy on write: a page is one until somebody writes.
pair=$(spawned parent)
ctl 'mmap parent m 1M' 'touch parent m write' >/dev/null
child=$(ctl 'fork parent child' | awk '{ print $3 }')
m=$(at "$pair" m)
expect 'fork: one frame' = "$(frame "$pair" "$m")" "$(frame "$child" "$m")"
pss=$(field "$MNT/proc/$pair/smaps_rollup" Pss_Anon)
expect 'fork: a fault a page' = \
	"$(ctl 'touch child m write' | awk '{ print $3 }')" 256
expect 'written: two frames' != "$(frame "$pair" "$m")" "$(frame "$child" "$m")"
expect 'written: Pss' = "$(field "$MNT/proc/$pair/smaps_rollup" Pss_Anon)" \
	$((pss + 512))
twin=$(ctl 'vfork parent twin' | awk '{ print $3 }')
expect 'vfork: two users of one mm' = \
	"$(field "$MNT/model/$twin/mm" mm_users)" 2
expect 'vfork: one table' = "$(field "$MNT/model/$pair/mm" pgd)" \
	"$(field "$MNT/model/$twin/mm" pgd)"

ctl 'exit twin' >/dev/null

# Three share thirty pages, then two.
ctl 'mkfile /lib 120K' >/dev/null
set -- $(spawned s1 s2 s3)
for p in s1 s2 s3; do
	ctl "mmap $p lib 120K file=/lib shared" "touch $p lib read" >/dev/null
done
pss_of_lib()
{
	awk '/^[0-9a-f]+-/ { on = $6 == "/lib" } on && $1 == "Pss:" { print $2 }' \
		"$MNT/proc/$1/smaps"
}
for p; do
	expect 'Pss of a third' = "$(pss_of_lib "$p")" 39
done
ctl 'exit s3' >/dev/null
for p in $1 $2; do
	expect 'Pss of a half' = "$(pss_of_lib "$p")" 60
done

# All Pss together are the memory that is mapped; each line loses below 1 kB.
cat "$MNT"/proc/[0-9]*/smaps >"$TESTDIR/smaps" 2>/dev/null
pss=$(awk '/^Pss:/ { sum += $2 } END { print sum }' "$TESTDIR/smaps")
vmas=$(grep -c '^Size:' "$TESTDIR/smaps")
used=$(awk '/^(AnonPages|Mapped):/ { sum += $2 } END { print sum }' \
	"$MNT/proc/meminfo")
expect 'sum of Pss: no more than is mapped' -le "$pss" "$used"
expect 'sum of Pss: all that is mapped' -gt $((pss + vmas)) "$used"

# Refused accesses kill.
n=0
kills()
{
	n=$((n + 1))
	spawned "k$n" >/dev/null
	ctl "mmap k$n ro 8K prot=r" "mmap k$n gone 8K" "munmap k$n gone" \
		>/dev/null
	match "$1" 'killed SIGSEGV$' "$(ctl "$(echo "$1" | sed "s/P/k$n/")")"
}
kills 'touch P ro write'
kills 'touch P data exec'
kills 'touch P @0 read'
kills 'touch P @10000 read'
kills 'touch P @ffff888000000000 read'
kills 'touch P @7ffffffff000 read'
kills 'stack P 9M'
match 'a deep stack' '^ok minflt 17[0-9][0-9] ' \
	"$(spawned deep >/dev/null; ctl 'stack deep 7M')"
expect 'events' -ge "$(grep -c 'killed signal=11' "$MNT/model/events")" 7
finish
