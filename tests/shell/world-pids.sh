#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tools that look at processes say of a simulated one what its files say.
. "$(dirname "$0")/lib.sh"
need_fuse
need_namespaces
need_command ps top pmap pgrep pidof uptime awk
scratch

cat >"$TESTDIR/script" <<'END'
spawn db
mmap db heap1 64M
touch db heap1 write 0 40M
mmap db file1 1M shared
touch db file1 write 0 512K
mmap db ro 8K prot=r
mlock db ro
fork db child
mkfile /data 4M
read db /data 0 4M
advance 90s
END
cat >"$TESTDIR/profile" <<'END'
[machine]
memory = 2G
cpus = 2
[disk vda]
filesystem = /
[process idler]
count = 2
uid = 1000
heap = 1M
END

# Everything below runs in one world: ask NAME COMMAND writes it down.
ask()
{
	name=$1
	shift
	printf '(%s\n) >"%s" 2>"%s" || echo "ended with $?" >>"%s"\n' "$*" \
		"$TESTDIR/$name.out" "$TESTDIR/$name.err" "$TESTDIR/$name.err"
}

# answer NAME: its output in $out; it must have ended well and silently
answer()
{
	out=$(cat "$TESTDIR/$1.out")
	[ ! -s "$TESTDIR/$1.err" ] || fault "$1: $(cat "$TESTDIR/$1.err")"
}

# part N: the N-th part of $out, parts end with a line --
part()
{
	printf '%s\n' "$out" | awk -v n="$1" \
		'$0 == "--" { n--; next } n == 1'
}

# line N: the N-th line of $out, its words one blank apart
line()
{
	printf '%s\n' "$out" | awk -v n="$1" 'NR == n { $1 = $1; print }'
}

{
echo 'p=$(pgrep -x db)'
# Every column that this ps knows can be asked for.
ask columns 'for c in $(ps L | awk "{ print \$1 }"); do
	ps -p $p -o $c= >/dev/null || echo $c; done'
ask db 'ps -p $p -o ppid=,vsz=,rss=,pss=,min_flt=,maj_flt=
	ps -p $p -o ni=,pri=,stat=,comm=,etimes=
	awk "/^(PPid|VmRSS|VmSize):/ { printf \"%s \", \$2 }" /proc/$p/status
	awk "/^Pss:/ { printf \"%s \", \$2 }" /proc/$p/smaps_rollup
	cut -d" " -f10,12 /proc/$p/stat'
ask all 'ps -eo pid,ppid,vsz,rss,ni,stat,args'
ask forest 'ps axf'
ask users 'ps -U 1000 -o comm= | sort | uniq -c'
ask top 'top -b -n1 -w 200; echo --; ps -p $p -o vsz=,rss='
ask top-p 'top -b -n2 -d 0.1 -p $p'
ask pmap-x 'pmap -x $p; echo --
	awk "/^(VmSize|VmRSS):/ { print \$2 }" /proc/$p/status; echo --
	awk "/^(Shared|Private)_Dirty:/ { d += \$2 } END { print d }" \
		/proc/$p/smaps_rollup'
ask pmap 'pmap -X $p | tail -n 1; pmap -XX $p; pmap -d $p'
ask pgrep 'pgrep -c idler; pgrep -P 1 -x db | wc -l; pidof db | wc -w
	pgrep -l -x child'
ask uptime 'uptime; cut -d" " -f1 /proc/uptime'
command -v smem >/dev/null 2>&1 && ask smem 'smem -c "name pss uss rss"
	smem -t >/dev/null; smem -m >/dev/null; smem -w >/dev/null'
command -v pidstat >/dev/null 2>&1 && ask pidstat 'pidstat -r -u -d -p $p'
command -v numastat >/dev/null 2>&1 && ask numastat 'numastat -p $p'
command -v pstree >/dev/null 2>&1 && ask pstree 'pstree -p 1'
ask check 'cat "$FAUXPROC_MNT/model/check"'
} >"$TESTDIR/all"
"$FAUX" run -c "$TESTDIR/profile" -s "$TESTDIR/script" -o list=sim+self -- \
	sh "$TESTDIR/all" || fault "faux run ended with $?"

answer columns
expect 'ps: columns refused' = "$out" ''
answer db
expect 'ps: what the files say' = \
	"$(line 1)" "$(line 3)"
expect 'ps: locked, asleep, 90 seconds old' = "$(line 2)" '0 19 SLs db 90'
answer all
match 'ps -e' '^ *1 +0 +[1-9][0-9]+ +[1-9][0-9]+ +0 Ss +init' "$out"
match 'ps -e' '^ *2 +0 +0 +0 +0 S +\[kthreadd\]$' "$out"
match 'ps -e' '^ *[0-9]+ +2 +0 +0 +0 S +\[kswapd0\]$' "$out"
match 'ps -e' '^ *[0-9]+ +2 +0 +0 +19 SN +\[khugepaged\]$' "$out"
match 'ps -e' '^ *[0-9]+ +2 +0 +0 +5 SN +\[ksmd\]$' "$out"
answer forest
match 'ps axf' '\\_ \[kswapd0\]$' "$out"
answer users
match 'ps -U' '^ *2 idler$' "$out"

answer top
match top '^Tasks: +[0-9]+ total, +[0-9]+ running, ' "$out"
expect 'top: VIRT and RES' = \
	"$(part 1 | awk '$NF == "db" { print $5, $6 }')" \
	"$(part 2 | awk '{ print $1, $2 }')"
answer top-p
expect 'top -p: twice' = "$(echo "$out" | grep -c ' db *$')" 2

answer pmap-x
# pmap counts the page of vsyscall, which is not in VmSize.
expect 'pmap -x: size and resident' = \
	"$(part 1 | awk '$1 == "total" { print $3 - 4, $4 }')" \
	"$(part 2 | tr '\n' ' ' | sed 's/ $//')"
expect 'pmap -x: dirty' = "$(part 1 | awk '$1 == "total" { print $5 }')" \
	"$(part 3)"
answer pmap
match 'pmap -X' '^ *[0-9]+ +[0-9]+ .* KB ?$' "$out"
match 'pmap -XX' ' VmFlags ' "$out"
match 'pmap -d' 'shared: 1024K$' "$out"

answer pgrep
expect 'pgrep -c, pgrep -P, pidof' = "$(line 1) $(line 2) $(line 3)" '2 1 1'
match 'pgrep -l' '^[0-9]+ child$' "$out"
answer uptime
match uptime ' up 1 min, .* load average: ' "$out"
match uptime '^9[0-9]\.[0-9][0-9]$' "$out"

if [ -e "$TESTDIR/smem.out" ]; then
	answer smem
	expect 'smem: uss <= pss < rss of what forked' = "$(echo "$out" |
		awk '$1 == "db" { print $3 <= $2 && $2 < $4 }')" 1
fi
if [ -e "$TESTDIR/pidstat.out" ]; then
	answer pidstat
	match pidstat ' db$' "$out"
fi
if [ -e "$TESTDIR/numastat.out" ]; then
	answer numastat
	match numastat '^Total +[0-9]+' "$out"
fi
if [ -e "$TESTDIR/pstree.out" ]; then
	answer pstree
	match pstree '^init\(1\)-' "$out"
fi
answer check
expect 'model/check' = "$out" ok
finish
