#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The machine's clock: still at speed 0, as fast as asked for otherwise.
. "$(dirname "$0")/lib.sh"
need_fuse
mount_machine -c "$PROFILES/small-vm.ini"

# milliseconds of the machine's clock
now_ms()
{
	awk '{ sub(/\./, ""); print int($1 / 1000000) }' "$MNT/model/clock"
}

a=$(cat "$MNT/model/clock")
sleep 0.3
expect 'speed 0 stands still' = "$(cat "$MNT/model/clock")" "$a"

ctl 'speed 20' >/dev/null
a=$(now_ms)
sleep 1
b=$(now_ms)
# A busy host sleeps longer, never shorter.
expect 'speed 20: a second is at least 20 s' -ge $((b - a)) 20000
expect 'speed 20: and not many more' -lt $((b - a)) 200000
match 'the pace is told' ' speed=20$' "$(cat "$MNT/model/clock")"
up=$(awk '{ print int($1 * 1000) }' "$MNT/proc/uptime")
expect 'uptime follows' -ge "$up" $((b - 10))

# advance does not wait for the wall, and the pace goes on from there.
ctl 'advance 100000s' >/dev/null
expect 'advance' -ge "$(now_ms)" 100000000
a=$(now_ms)
sleep 0.2
expect 'the pace after advance' -gt "$(now_ms)" "$a"

# What takes simulated time takes the wall's.
ctl 'speed 1' 'spawn db' 'mmap db m 256M' >/dev/null
a=$(now_ms)
ctl 'async touch db m write loops=20' 'wait db' >/dev/null
expect 'an operation at speed 1' -ge "$(now_ms)" "$a"

# At a speed it sleeps between events: ticks of CPU time in a second.
pid=$(pgrep -f "fauxproc.* $MNT\$")
a=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
sleep 1
b=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
expect 'an idle machine costs next to nothing' -lt $((b - a)) 20

ctl 'speed 0' >/dev/null
a=$(cat "$MNT/model/clock")
sleep 0.2
expect 'speed 0 again' = "$(cat "$MNT/model/clock")" "$a"
finish
