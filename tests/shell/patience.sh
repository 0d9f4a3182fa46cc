#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who types an operation that takes its time is told that it is under way, on a
# terminal; a pipe gets the replies alone. Who forgets the quotes is told, too.
. "$(dirname "$0")/lib.sh"
need_command script
mount_machine -c "$PROFILES/lab.ini" --set machine.speed=1
wait='until /proc/meminfo SwapTotal > 0 max=4s'

# SHELL, as script would start whatever the user's is.
SHELL=/bin/sh script -qec "'$FAUX' -m '$MNT' ctl 'spawn a' '$wait'" /dev/null \
	>"$TESTDIR/out" 2>&1 </dev/null
match 'on a terminal' "faux ctl: at work, the machine's clock is at [0-9]+\.[0-9]{3} s" \
	"$(cat "$TESTDIR/out")"
match 'then the reply' 'a pid [0-9]+' "$(cat "$TESTDIR/out")"
match 'and the reason' 'line 2: until: SwapTotal is 0 kB' \
	"$(cat "$TESTDIR/out")"
"$FAUX" -m "$MNT" ctl "$wait" >"$TESTDIR/out" 2>&1 </dev/null
expect 'without a terminal' = "$(grep -c 'at work' "$TESTDIR/out")" 0
"$FAUX" -m "$MNT" ctl spawn web >"$TESTDIR/out" 2>&1 && fault 'two lines of a word'
match 'a hint' "each argument is a line: quote it, faux ctl 'spawn web'" \
	"$(cat "$TESTDIR/out")"
"$FAUX" -m "$MNT" ctl 'spawn web' 'spawn web' >"$TESTDIR/out" 2>&1 &&
	fault 'a name twice'
expect 'no hint' = "$(grep -c 'quote it' "$TESTDIR/out")" 0
finish
