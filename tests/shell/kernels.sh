#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# [machine] kernel=: the same state in the rows that older kernels had, by
# their mm/vmstat.c, fs/proc/meminfo.c and fs/proc/task_mmu.c.
. "$(dirname "$0")/lib.sh"
golden=$(cd "$(dirname "$0")/../golden/kernels" && pwd) || exit 1
scratch
cd "$TESTDIR" || exit 1
cat >script <<'EOF'
spawn a
mmap a r 4M
touch a r write
mkfile /f 4M
read a /f 0 4M
EOF
for kernel in 3.10 4.19 5.10 6.1 6.12 6.18; do
	"$FAUX" dump -c "$PROFILES/small-vm.ini" -s script \
		--set "machine.kernel=$kernel" "$kernel" || fault "$kernel"
	cp "$kernel"/proc/30[0-9]/smaps "$kernel/smaps" 2>/dev/null ||
		cat "$kernel"/proc/[1-9]*/smaps >"$kernel/smaps"
done

# Names and order as the kernel has them.
for file in "$golden"/vmstat-*; do
	kernel=$(basename "$file" | sed 's/.*-//')
	name=$(basename "$file" | sed 's/-.*//')
	awk '{ sub(":$", "", $1); print $1 }' "$kernel/proc/$name" >names
	diff names "$file" >differs || fault "$name of $kernel: $(cat differs)"
done

# One state: rows that two kernels share have the same figure.
for kernel in 3.10 4.19 5.10 6.1 6.12; do
	awk 'NR == FNR { v[$1] = $2; next } ($1 in v) && v[$1] != $2 { print }' \
		6.18/proc/vmstat "$kernel/proc/vmstat" >differs
	[ -s differs ] && fault "vmstat of $kernel: $(cat differs)"
	awk 'NR == FNR { v[$1] = $2; next }
		($1 in v) && $1 != "VmallocUsed:" && v[$1] != $2 { print }' \
		6.18/proc/meminfo "$kernel/proc/meminfo" >differs
	[ -s differs ] && fault "meminfo of $kernel: $(cat differs)"
	match "version $kernel" "^Linux version $kernel" "$(cat "$kernel/proc/version")"
done

has()
{
	grep -q "^ *$3" "$1/$2" || fault "$1: no $3 in $2"
}
lacks()
{
	grep -q "^ *$3" "$1/$2" && fault "$1: $3 in $2"
}
lacks 3.10 proc/meminfo MemAvailable
has 4.19 proc/meminfo MemAvailable
lacks 4.19 proc/meminfo KReclaimable
has 5.10 proc/meminfo KReclaimable
lacks 6.12 proc/zoneinfo promo
lacks 5.10 proc/zoneinfo boost
has 6.1 proc/zoneinfo boost
has 3.10 proc/zoneinfo all_unreclaimable
has 3.10 proc/zoneinfo scanned
lacks 6.1 smaps KSM:
has 6.12 smaps KSM:
lacks 3.10 smaps SwapPss:
has 3.10 smaps KernelPageSize:
lacks 4.19 smaps THPeligible:
# The notes' sum of all Pss works on each of them.
for kernel in 3.10 4.19 5.10 6.1 6.12 6.18; do
	awk '/^Pss:/ { s += $2 } END { print s }' "$kernel"/proc/[1-9]*/smaps
done | sort -u >sums
expect 'one sum of Pss' = "$(wc -l <sums)" 1

"$FAUX" sim --check --set machine.kernel=5.11 "$PROFILES/small-vm.ini" 2>why &&
	fault 'kernel 5.11 was taken'
match 'which there are' '6.18, 6.12, 6.1, 5.10, 4.19 or 3.10' "$(cat why)"
finish
