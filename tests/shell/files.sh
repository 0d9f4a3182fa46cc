#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tree as file tools see it: listed, found, stat, read in pieces.
. "$(dirname "$0")/lib.sh"
need_fuse
need_command find python3
mount_machine -c "$PROFILES/laptop.ini" --set machine.speed=0

# Kernel threads have no program; nothing else may fail.
err=$(LC_ALL=C ls -lR "$MNT" 2>&1 >/dev/null | grep -v '/exe.: No such file')
expect 'ls -lR' = "$err" ''
a=$(find "$MNT/proc" -type f | sort | cksum)
expect 'find twice' = "$(find "$MNT/proc" -type f | sort | cksum)" "$a"
expect 'pids in order' = "$(find "$MNT/proc" -maxdepth 1 -name '[0-9]*' |
	sed 's/.*\///' | cksum)" "$(find "$MNT/proc" -maxdepth 1 \
	-name '[0-9]*' | sed 's/.*\///' | sort -n | cksum)"

for f in proc/meminfo proc/zoneinfo proc/sys/vm/swappiness \
	sys/kernel/mm/ksm/run; do
	expect "$f: st_size" = "$(stat -c %s "$MNT/$f")" \
		"$(wc -c <"$MNT/$f")"
done
for f in proc/1/smaps model/check ctl; do
	expect "$f: st_size" = "$(stat -c %s "$MNT/$f")" 0
done
expect 'st_blksize' = "$(stat -c %o "$MNT/proc/meminfo")" 65536
expect 'inode numbers stay' = "$(stat -c %i "$MNT/proc/sys/vm/swappiness")" \
	"$(stat -c %i "$MNT/proc/sys/vm/swappiness")"
expect 'dd in pieces' = "$(dd if="$MNT/proc/zoneinfo" bs=7 2>/dev/null |
	cksum)" "$(cksum <"$MNT/proc/zoneinfo")"

# An open file is one text until it is rewound.
exec 4<"$MNT/proc/uptime"
read -r a _ <&4
ctl 'advance 100s' >/dev/null
b=$(python3 -c 'import os; os.lseek(4, 0, 0); print(os.read(4, 99).split()[0].decode())')
exec 4<&-
expect 'a rewind prints anew' != "$a" "$b"

# Of a process that ends, a handle says ESRCH and the name is gone.
pid=$(ctl 'spawn db' | awk '{ print $3 }')
exec 4<"$MNT/proc/$pid/status"
ctl 'kill db' >/dev/null
match 'an open file of the dead' 'No such process' "$(cat <&4 2>&1)"
exec 4<&-
[ -e "$MNT/proc/$pid" ] && fault 'the dead shows'

# self is who asks; in a plain mount its pid is not there.
match self '^[0-9]+$' "$(readlink "$MNT/proc/self")"
match thread-self '^[0-9]+/task/[0-9]+$' "$(readlink "$MNT/proc/thread-self")"
expect 'self' = "$(sh -c 'readlink "$0/proc/self" & wait; echo $!' "$MNT" |
	uniq | wc -l)" 1
expect '.host is empty' = "$(ls -A "$MNT/proc/.host")" ''

for i in 1 2 3 4 5 6 7 8; do
	for k in 1 2 3 4 5 6 7 8; do
		cat "$MNT/proc/meminfo" "$MNT/proc/vmstat" \
			"$MNT"/proc/[0-9]*/smaps >/dev/null &
	done
done
wait
finish
