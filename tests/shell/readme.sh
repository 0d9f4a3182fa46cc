#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command of the first steps in README.md, as written.
. "$(dirname "$0")/lib.sh"
need_fuse
need_namespaces
need_command free ps pgrep awk
readme=$(cd "$(dirname "$0")/../.." && pwd)/README.md
mount_machine -c "$PROFILES/laptop.ini" --set machine.speed=0
PATH=$(dirname "$FAUX"):$PATH

# What is indented by four, from the first experiment to the end of the last.
awk '/^### Give a process/ { on = 1 } /^## A world/ { on = 0 }
	on && /^    / { print substr($0, 5) }' "$readme" >"$TESTDIR/steps"
expect 'commands found' -ge "$(wc -l <"$TESTDIR/steps")" 15
# Up to the last line that takes the machine down: finish looks at it first.
sed -i '/^faux umount/d' "$TESTDIR/steps"
(cd "$TESTDIR" && sh -ex ./steps) >"$TESTDIR/out" 2>"$TESTDIR/err" || {
	fault "README.md: ended with $?"
	tail -n 3 "$TESTDIR/err"
}
match 'ps after mmap' '^ +[0-9]+ 26[0-9]{4} +[0-9]{4} db$' "$(cat "$TESTDIR/out")"
match 'ps after touch' '^ +[0-9]+ 26[0-9]{4} 6[0-9]{4} db$' \
	"$(cat "$TESTDIR/out")"
match 'what the cache holds' '^Cached: +[5-9][0-9]{5} kB$' "$(cat "$TESTDIR/out")"
match 'and holds no more' '^Cached: +[12]?[0-9]{5} kB$' "$(cat "$TESTDIR/out")"
expect 'a leak is seen to grow' = \
	"$(grep VmRSS "$TESTDIR/out" | sort -u | wc -l)" 3
expect 'Pss halves by fork' -lt "$(tail -n 1 "$TESTDIR/out")" 40000
finish
