#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sysstat: sar, iostat, mpstat, pidstat. libsensors, which sar asks first,
# wants a true sysfs and says so.
. "$(dirname "$0")/lib-tools.sh"
need_command sar iostat mpstat pidstat
load_machine small-vm

# what OPTION: the words of the "Average" line
average()
{
	seen "sar $1 1 1 2>&1 | grep -v ^sensors_init"
	average=$(echo "$out" | grep ^Average: | tail -1)
}

average -r
expect 'sar -r: free' = "$(column "$average" Average: 1)" "$(kb MemFree)"
expect 'sar -r: cached' = "$(column "$average" Average: 6)" "$(kb Cached)"
expect 'sar -r: commit' = "$(column "$average" Average: 7)" \
	"$(kb Committed_AS)"
expect 'sar -r: dirty' = "$(column "$average" Average: 11)" "$(kb Dirty)"
average -S
expect 'sar -S' = "$(column "$average" Average: 1)" "$(kb SwapFree)"
average -H
expect 'sar -H' = "$(column "$average" Average: 1)" 0
average -v
expect 'sar -v: inodes' = "$(column "$average" Average: 3)" \
	"$(awk '{ print $1 }' "$MNT/proc/sys/fs/inode-nr")"

# A second in which the machine reads 4 MiB and takes faults.
ctl 'mkfile /srv/more 4M' >/dev/null
"$FAUX" -m "$MNT" run -- sar -B 1 1 >"$TESTDIR/sar" 2>/dev/null &
sleep 0.5
ctl 'read hog /srv/more 0 4M' 'advance 10s' >/dev/null
wait $!
out=$(cat "$TESTDIR/sar")
expect 'sar -B: pgpgin' '!=' "$(column "$out" Average: 1)" 0.00

seen iostat -d -k
expect 'iostat: kB read' = "$(column "$out" vda 5)" \
	$(($(awk '$3 == "vda" { print $6 }' "$MNT/proc/diskstats") / 2))
seen iostat -x
match 'iostat -x' '^vda ' "$out"
seen mpstat -P ALL
expect 'mpstat: CPUs' = "$(echo "$out" | grep -Ec ' [0-9]+ .*[0-9]$')" \
	"$(grep -c ^processor "$MNT/proc/cpuinfo")"
seen pidstat -r -C hog
expect 'pidstat: RSS' = "$(echo "$out" | awk '$NF == "hog" { print $7 }')" \
	"$(field "$MNT/proc/$(cat "$MNT"/proc/[0-9]*/stat |
		awk '$2 == "(hog)" { print $1 }')/status" VmRSS)"
finish
