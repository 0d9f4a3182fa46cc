#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The everyday tools, unmodified, see the machine and nothing of the host.
. "$(dirname "$0")/lib.sh"
need_fuse
need_namespaces
need_command free vmstat top ps pmap sysctl awk
scratch

cat >"$TESTDIR/script" <<'END'
spawn db
mmap db heap1 64M
touch db heap1 write
mmap db file1 1M shared
END
cat >"$TESTDIR/profile" <<'END'
[machine]
memory = 2G
cpus = 2
[disk vda]
filesystem = /
END

# in_world NAME COMMAND: standard output, must end well and be silent
in_world()
{
	name=$1
	shift
	out=$("$FAUX" run -c "$TESTDIR/profile" -s "$TESTDIR/script" \
		-o list=sim+self -- sh -c "$*" 2>"$TESTDIR/err") ||
		fault "$name ended with $?"
	[ ! -s "$TESTDIR/err" ] || fault "$name said: $(cat "$TESTDIR/err")"
}

in_world free 'free -k; grep -E "^(MemTotal|MemFree):" /proc/meminfo'
match free '^Mem: +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+$' "$out"
expect 'free: total' = \
	"$(echo "$out" | awk '$1 == "Mem:" { print $2 }')" \
	"$(echo "$out" | awk '$1 == "MemTotal:" { print $2 }')"
expect 'free: the host is not seen' -lt \
	"$(echo "$out" | awk '$1 == "Mem:" { print $2 }')" 2097152

in_world vmstat 'vmstat 1 2'
expect 'vmstat: lines' = "$(echo "$out" | wc -l)" 4
in_world 'vmstat -a' 'vmstat -a'
match 'vmstat -a' '^ r +b +swpd +free +inact +active ' "$out"
in_world 'vmstat -s' 'vmstat -s'
match 'vmstat -s' ' K active memory$' "$out"

in_world ps 'ps aux'
match ps ' db$|/db$|\[db\]$' "$out"
match ps '\[kswapd0\]$' "$out"
expect 'ps: resident' -ge \
	"$(echo "$out" | awk '$NF ~ /db/ { print $6; exit }')" 65536

in_world top 'top -b -n1'
match top 'KiB Mem|MiB Mem' "$out"
match top ' db *$' "$out"

in_world pmap 'pmap -X $(pgrep -x db)'
match pmap '^ *[0-9a-f]+ +rw-p .* 65536 +65536 ' "$out"
in_world 'pmap -x' 'pmap -x $(pgrep -x db)'
match 'pmap -x' '^total kB +[0-9]+ +[0-9]+ +[0-9]+$' "$out"

in_world sysctl 'sysctl vm'
match sysctl '^vm.swappiness = 60$' "$out"
in_world 'sysctl -w' 'sysctl -w vm.swappiness=10; cat /proc/sys/vm/swappiness'
match 'sysctl -w' '^10$' "$out"

in_world cat 'cat /proc/self/comm'
match cat '^cat$' "$out"
# Each mapping's Pss is cut to a whole kB.
in_world awk 'for p in /proc/[1-9]*; do
		# Seven digits: a real process.
		[ ${#p} -ge 13 ] || cat $p/smaps 2>/dev/null
	done |
	awk "/^Pss:/ { n++; sum += \$2 } END { print sum, sum + n }"
	awk "/^(AnonPages|Mapped):/ { sum += \$2 } END { print sum }" \
		/proc/meminfo'
mapped=$(echo "$out" | sed -n 2p)
expect 'the sum of all Pss is what is mapped' -le \
	"$(echo "$out" | awk '{ print $1; exit }')" "$mapped"
expect 'the sum of all Pss, not cut, is what is mapped' -ge \
	"$(echo "$out" | awk '{ print $2; exit }')" "$mapped"

in_world check 'cat "$FAUXPROC_MNT/model/check"'
expect 'model/check' = "$out" ok
finish
