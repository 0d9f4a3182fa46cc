#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# faux import: a twin has the zones, lists and free pages of the machine whose
# /proc it was made from: one of our own, and this host's. faux replay: logs of
# strace and lackey become scripts that run.
. "$(dirname "$0")/lib.sh"
scratch
cd "$TESTDIR" || exit 1

# kB of NAME in a file like meminfo
kb()
{
	awk -v n="$2:" '$1 == n { print $2; exit }' "$1"
}

# WHAT A B PERCENT: no further apart than that, or 2 MiB
near()
{
	awk -v a="$2" -v b="$3" -v p="$4" 'BEGIN {
		d = a > b ? a - b : b - a; exit !(d <= 2048 || d * 100 <= b * p) }' ||
		fault "$1: $2 is not near $3"
}

cat >load.mm <<'EOF'
spawn db-main
mmap db-main m 100M
touch db-main m write
set /proc/db-main/oom_score_adj 300
mkfile /big 200M
read db-main /big 0 200M
read db-main /big 0 50M
EOF
"$FAUX" dump -c "$PROFILES/small-vm.ini" -s load.mm --set machine.thp=never \
	real || fault dump
"$FAUX" import -o twin real/proc || fault "import ended with $?"
"$FAUX" sim --check twin.ini || fault 'the profile of the twin'
for file in proc/meminfo proc/zoneinfo model/check; do
	echo "show /$file"
done | sed 's,/model,model,' >looks
cat twin.mm looks >both.mm
"$FAUX" sim twin.ini both.mm >out || fault "the twin: $(tail -n 1 out)"
match 'sound' '^ok$' "$(tail -n 1 out)"
for name in MemTotal MemFree 'Active(file)' 'Inactive(file)' SwapTotal; do
	near "$name" "$(kb out "$name")" "$(kb real/proc/meminfo "$name")" 1
done
for name in AnonPages Cached MemAvailable Slab; do
	near "$name" "$(kb out "$name")" "$(kb real/proc/meminfo "$name")" 20
done
expect 'free pages of each zone' = \
	"$(awk '/pages free/ { printf "%s ", $3 }' out)" \
	"$(awk '/pages free/ { printf "%s ", $3 }' real/proc/zoneinfo)"
match 'processes' '^spawn db-main-[0-9]+$' "$(cat twin.mm)"
match 'and their scores' 'oom_score_adj 300$' "$(cat twin.mm)"

# Memory that was plugged in is in no zone of some kernels, whose reserves are
# of before.
mkdir plugged
cp real/proc/meminfo plugged
awk '/managed/ && $2 > 100000 { $2 -= 10000; early = $2 }
		{ print }
		END { print early >"early" }' real/proc/zoneinfo >plugged/zoneinfo
"$FAUX" import -o plug plugged || fault 'import of a machine with more memory'
match 'as it was' "^early = $(cat early)\$" "$(cat plug.ini)"
expect 'all of it' = "$(echo 'show /proc/meminfo' |
	"$FAUX" sim plug.ini - | field /dev/stdin MemTotal)" \
	"$(field real/proc/meminfo MemTotal)"

# What-if.
"$FAUX" sim --csv --no-header --set vm.swappiness=0,60 --print MemFree \
	twin.ini twin.mm >whatif || fault 'what-if'
expect 'two lines' = "$(grep -c ',ok,' whatif)" 2

# This host as it is; zones of one kind only.
if grep -q 'zone *Normal' /proc/zoneinfo; then
	"$FAUX" import -o host || fault 'import of the host'
	"$FAUX" sim --check host.ini || fault 'the profile of the host'
	grep -q '^spawn ' host.mm || fault 'no process of the host'
	expect 'as much memory' = "$(echo 'show /proc/meminfo' |
		"$FAUX" sim host.ini - | field /dev/stdin MemTotal)" \
		"$(field /proc/meminfo MemTotal)"
fi
"$FAUX" import -o x nosuchfolder 2>why && fault 'a folder that is not there'
match 'why' 'nosuchfolder/meminfo: No such file' "$(cat why)"

cat >strace.log <<'EOF'
1001 brk(NULL)                         = 0x555555560000
1001 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000
1001 openat(AT_FDCWD, "/usr/lib/li, odd.so", O_RDONLY|O_CLOEXEC) = 3
1001 read(3, "\177ELF\2\1) = 3"..., 832)    = 832
1001 mmap(NULL, 2000000, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0x7f0000100000
1001 mmap(0x7f0000128000, 1400000, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3, 0x28000) = 0x7f0000128000
1001 close(3)                          = 0
1001 mprotect(0x7f0000000000, 8192, PROT_READ) = 0
1001 brk(0x555555581000)               = 0x555555581000
1001 munmap(0x7f0000180000, 4096)      = 0
1001 madvise(0x7f0000000000, 8192, MADV_DONTNEED) = 0
1001 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 1002
1002 munmap(0x7f0000000000, 8192)      = 0
1002 exit_group(0)                     = ?
1001 openat(AT_FDCWD, "/nofile", O_RDONLY) = -1 ENOENT (No such file or directory)
1001 mremap(0x7f0000000000, 8192, 16384, MREMAP_MAYMOVE) = 0x7f0000800000
1001 openat(AT_FDCWD, "/tmp/out", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3
1001 write(3, "hello", 5)              = 5
1001 fsync(3)                          = 0
1001 +++ exited with 0 +++
EOF
"$FAUX" replay -p prog strace.log >replay.mm || fault 'replay of strace'
expect 'calls of the log' = "$(grep -vc "^#" replay.mm)" 16
match 'a piece' '^munmap prog r3 360448 4096$' "$(cat replay.mm)"
match 'a file over a file' ' off=163840 fixed=r2.163840$' "$(cat replay.mm)"
echo 'show /proc/prog/maps' >>replay.mm
"$FAUX" sim "$PROFILES/small-vm.ini" replay.mm >maps || fault 'the replay'
expect 'as many mappings of the file' = "$(grep -c 'li,_odd.so' maps)" 4
expect 'touched' = "$("$FAUX" replay -t strace.log | grep -c '^touch')" 4

# Sizes of huge pages are bits of the flags.
cat >strace.log <<'EOF'
7 mmap(NULL, 1073741824, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|30<<MAP_HUGE_SHIFT, -1, 0) = 0x7f0000000000
7 mmap(NULL, 2097152, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE|MAP_HUGETLB, -1, 0) = 0x7f1000000000
EOF
expect 'huge pages' = "$("$FAUX" replay -p prog strace.log | grep '^mmap')" \
	'mmap prog r1 1073741824 prot=rw hugetlb=1048576K
mmap prog r2 2097152 prot=r noreserve hugetlb'

# Processes that run at once: lines of others between the two halves of a
# call, a child before its parent knows of it, one that is killed.
cat >strace.log <<'EOF'
7 brk(NULL)                         = 0x1000000
7 brk(0x1021000)                    = 0x1021000
7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 <unfinished ...>
7 <... mmap resumed>)               = 0x7f0000000000
7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f <unfinished ...>
8 munmap(0x7f0000000000, 4096 <unfinished ...>
7 <... clone resumed>)              = 8
7 vfork( <unfinished ...>
8 <... munmap resumed>)             = 0
9 brk(NULL)                         = 0x1021000
9 execve("/bin/x", ["x"], 0x7f /* 1 var */) = 0
7 <... vfork resumed>)              = 9
9 brk(NULL)                         = 0x2000000
9 brk(0x2021000 <unfinished ...>
8 +++ killed by SIGKILL +++
9 <... brk resumed>)                = 0x2021000
9 exit_group(0)                     = ?
9 +++ exited with 0 +++
7 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---
7 +++ exited with 0 +++
EOF
"$FAUX" replay -p prog strace.log | grep -v '^#' >replay.mm ||
	fault 'replay of several processes'
expect 'several at once' = "$(cat replay.mm)" 'spawn prog
brk prog +135168
mmap prog r1 8192 prot=rw
fork prog prog-1
munmap prog-1 r1 0 4096
clone prog prog-2
exec prog-2 prog
exit prog-1
brk prog-2 +135168
exit prog-2'
"$FAUX" sim "$PROFILES/small-vm.ini" replay.mm >out ||
	fault "several processes: $(tail -n 1 out)"

printf '%s\n' '==1== Lackey' 'I  04001000,3' ' L 04010000,8' 'I  04001003,3' \
	' S 05000000,4' ' S 05001000,4' ' L 05000010,4' ' M 05002000,4' >lackey.log
"$FAUX" replay lackey.log >replay.mm || fault 'replay of lackey'
expect 'pages in a row are one touch' = \
	"$(grep -c '^touch p s1 write 0p 3p$' replay.mm)" 1
"$FAUX" sim "$PROFILES/small-vm.ini" replay.mm >/dev/null || fault 'lackey'

# What is neither of them, and names that no process has.
echo 'a line (of text) and another' >text.log
for log in text.log /dev/null; do
	"$FAUX" replay "$log" >out 2>why && fault "replay of $log"
	match 'why not' ': no line of strace -f or of valgrind' "$(cat why)"
	expect 'no script' = "$(cat out)" ''
done
for name in 9x '' 'a b' averylongname; do
	"$FAUX" replay -p "$name" lackey.log >out 2>why &&
		fault "a process called '$name'"
	match 'why not' "^faux replay: -p '$name': .*a letter" "$(cat why)"
done

# Real logs, where the tools are there and may trace.
if strace -f -e trace=memory,file,desc,process -o real.log ls / >/dev/null 2>&1
then
	{ "$FAUX" replay -t real.log; echo 'show model/check'; } >real.mm
	"$FAUX" sim "$PROFILES/small-vm.ini" real.mm >out ||
		fault "a real log: $(tail -n 2 out)"
	match 'sound after a real log' '^ok$' "$(tail -n 1 out)"
fi
finish
