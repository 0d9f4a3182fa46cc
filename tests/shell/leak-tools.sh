#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# faux memleak names what grows; faux ksmtuned starts KSM by its rule.
. "$(dirname "$0")/lib.sh"
mount_machine -c "$PROFILES/lab.ini" --set machine.speed=0

pid=$(ctl 'spawn leaky' | awk '{ print $3 }')
ctl 'mmap leaky keep 4M' 'malloc leaky chunk 200K' 'leak leaky rate=2M/s' \
	>/dev/null
"$FAUX" -m "$MNT" memleak -a -p "$pid" 3 1 >"$TESTDIR/out" &
job=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	grep -qs Attaching "$TESTDIR/out" && break
	sleep 0.1
done
ctl 'advance 3s' >/dev/null
wait $job || fault "memleak ended with $?"
out=$(grep ' bytes from ' "$TESTDIR/out")
match 'memleak: an address each' "^.addr = [0-9a-f]+ size = 4194304$" \
	"$(cat "$TESTDIR/out")"
match 'memleak: the leak is first' '^.[0-9]+ bytes from \[anon\], grown by [1-9]' \
	"$(echo "$out" | head -n 1)"
match 'memleak: what stays' ' bytes from keep, grown by 0;' "$out"
match 'memleak: malloc' '^.204800 bytes from chunk, grown by 0;' "$out"
expect 'memleak: nothing of the program' = \
	"$(echo "$out" | grep -cE 'from (bss|data|text|stack),')" 0
expect 'memleak: what grew' = "$(echo "$out" |
	awk '{ sub(";", "", $7); sum += $7 } END { print sum }')" 6291456
"$FAUX" -m "$MNT" memleak -p 30000 1 1 >/dev/null 2>"$TESTDIR/why"
expect 'memleak: no such process' = $? 1
match 'memleak: which' '^faux memleak: no process 30000 .*ls .*/proc' \
	"$(cat "$TESTDIR/why")"
"$FAUX" -m "$MNT" memleak -a >/dev/null 2>&1
expect 'memleak: no pid' = $? 2

# Little memory: KSM runs, more pages a turn while free memory is short.
ksm=$MNT/sys/kernel/mm/ksm
"$FAUX" -m "$MNT" ksmtuned -n leaky >"$TESTDIR/out" || fault "ksmtuned: $?"
expect 'ksmtuned: run' = "$(cat "$ksm/run")" 1
expect 'ksmtuned: boost' = "$(cat "$ksm/pages_to_scan")" 300
expect 'ksmtuned: sleep' = "$(cat "$ksm/sleep_millisecs")" \
	$((167772160 / $(field "$MNT/proc/meminfo" MemTotal)))
expect 'ksmtuned: committed' = "$(awk '{ print $6 }' "$TESTDIR/out")" \
	"$(field "$MNT/proc/$pid/status" VmSize)"
"$FAUX" -m "$MNT" ksmtuned 1 4 >/dev/null || fault "ksmtuned: $?"
expect 'ksmtuned: the most' = "$(cat "$ksm/pages_to_scan")" 1250
unmount
# Much memory, nothing committed: stop.
mount_machine -c "$PROFILES/small-vm.ini" --set machine.memory=16G
echo 1 >"$MNT/sys/kernel/mm/ksm/run"
match 'ksmtuned: stop' ': stop$' "$("$FAUX" -m "$MNT" ksmtuned)"
expect 'ksmtuned: stop' = "$(cat "$MNT/sys/kernel/mm/ksm/run")" 0
finish
