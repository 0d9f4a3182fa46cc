#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# faux top -b: what it prints is what the files say.
. "$(dirname "$0")/lib.sh"
mount_machine -c "$PROFILES/small-vm.ini" --set machine.speed=0
pid=$(ctl 'spawn hog' | awk '{ print $3 }')
ctl 'mmap hog m 64M' 'touch hog m write' >/dev/null
"$FAUX" -m "$MNT" top -b >"$TESTDIR/out" || fault "top -b ended with $?"
out=$(cat "$TESTDIR/out")
mem=$MNT/proc/meminfo
used=$(($(field "$mem" MemTotal) - $(field "$mem" MemAvailable)))
match 'memory' "^Used +\[\|+ +\] $used of $(field "$mem" MemTotal) kB$" "$out"
match 'LRU' " $(field "$mem" 'Inactive(file)') inactive, [0-9]+ unevict" "$out"
free=$(awk '/pages free/ { n = $3 } $1 == "managed" && $2 { sum += n }
	END { print sum }' "$MNT/proc/zoneinfo")
expect 'zones: free' = "$(awk '/^ +[0-9]+ (DMA|Normal)/ { sum += $3 }
	END { print sum }' "$TESTDIR/out")" "$free"
match 'zones: level' '^ +0 DMA32 .* above high$' "$out"
match 'rates' 'pgfault/s +[1-9]' "$out"
# The columns of every process, by Pss.
for p in "$MNT"/proc/[1-9]*; do
	pss=$(field "$p/smaps_rollup" Pss 2>/dev/null)
	[ -z "$pss" ] || echo "${p##*/} $pss $(cat "$p/comm")"
done | sort -k2,2nr -k1,1n >"$TESTDIR/want"
awk 'on { print $1, $2, $5 } / PSS / { on = 1 }' "$TESTDIR/out" >"$TESTDIR/got"
expect 'processes' -ge "$(wc -l <"$TESTDIR/want")" 3
cmp "$TESTDIR/want" "$TESTDIR/got" || fault 'processes by Pss'
match 'hog' "^$pid 6[5-9][0-9]{3} hog$" "$(cat "$TESTDIR/got")"
"$FAUX" -m "$MNT" graph -o "$TESTDIR/g.svg" 2 5 || fault "graph ended with $?"
expect 'graph: layers' = "$(grep -c '<polygon' "$TESTDIR/g.svg")" 7
expect 'graph: lines' = "$(grep -c '<polyline' "$TESTDIR/g.svg")" 2
match 'graph: its time' '>[89][.0-9]* s</text>' "$(cat "$TESTDIR/g.svg")"
"$FAUX" -m "$MNT" graph -x >/dev/null 2>&1
expect 'graph: usage' = $? 2
"$FAUX" -m "$MNT" top -x >/dev/null 2>&1
expect 'usage' = $? 2
"$FAUX" -m "$MNT" top >"$TESTDIR/out" 2>&1 </dev/null
expect 'no terminal' = $? 2
match 'no terminal' '^faux top: .* top -b ' "$(cat "$TESTDIR/out")"
# Half a terminal: nobody can type q.
if command -v script >/dev/null 2>&1; then
	SHELL=/bin/sh timeout 20 script -qec \
		"'$FAUX' -m '$MNT' top </dev/null" /dev/null </dev/null >/dev/null
	expect 'no keyboard' = $? 2
fi
"$FAUX" -m "$TESTDIR" top -b >/dev/null 2>&1
expect 'no machine' = $? 1
finish
