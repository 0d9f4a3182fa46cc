#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# MNT/ctl as scripts use it: replies, errors, interruption, interleaving.
. "$(dirname "$0")/lib.sh"
need_fuse
need_command bash python3
mount_machine -c "$PROFILES/laptop.ini"

# A shell reads a reply word by word from the handle it wrote to.
pid=$(bash -c 'exec 3<>"$0/ctl"; echo "spawn db" >&3; read -r _ _ pid <&3
	echo "$pid"' "$MNT")
expect 'bash: pid' = "$(cat "$MNT/proc/$pid/comm")" db

match 'a reader alone gets the list' '^touch P R' "$(cat "$MNT/ctl")"
expect 'stat: size' = "$(stat -c %s "$MNT/ctl")" 0
expect 'stat: mode' = "$(stat -c %a "$MNT/ctl")" 600

out=$(ctl 'mmap db m 64K' 'touch db m write' 'snap here' 'advance 1500ms')
match mmap '^db/m [0-9a-f]+-[0-9a-f]+ minflt 0 majflt 0$' "$out"
match touch '^ok minflt 16 majflt 0$' "$out"
match snap '^here$' "$out"
match advance '^now [0-9]+\.[0-9]{9}$' "$out"
out=$(ctl 'show /proc/sys/vm/swappiness')
expect show = "$out" "/proc/sys/vm/swappiness 3
60"
timeout 60 python3 "$(dirname "$0")/ctl.py" "$MNT" ||
	fault "ctl.py ended with $?"
finish
