#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing written to the tree ends the daemon or bends the model.
. "$(dirname "$0")/lib.sh"
need_fuse
mount_machine -c "$PROFILES/laptop.ini" --set machine.speed=0
out=$(ctl 'spawn db' 'touch db nowhere write' 2>/dev/null)
match 'an error names the line' \
	'^error: line 2: touch: .*\(EINVAL\)' "$out"
match 'lines before it stay done' '^db pid [0-9]+$' "$out"
clock=$(cat "$MNT/model/clock")
for line in nonsense 'touch db' 'touch nobody heap write' 'advance -5s'; do
	ctl "$line" >/dev/null 2>&1 && fault "taken: $line"
done
expect 'refused input takes no time' = "$(cat "$MNT/model/clock")" "$clock"
python3 "$(dirname "$0")/bad_input.py" "$MNT" || fault 'bad input'
finish
