#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib-tools.sh"
need_command vmstat
load_machine small-vm

seen vmstat
expect 'free' = "$(echo "$out" | awk 'NR == 3 { print $4 }')" "$(kb MemFree)"
seen vmstat -a
expect 'inactive' = "$(echo "$out" | awk 'NR == 3 { print $5 }')" \
	"$(kb Inactive)"
expect 'active' = "$(echo "$out" | awk 'NR == 3 { print $6 }')" "$(kb Active)"
seen vmstat -s
match 'vmstat -s' "^ +$(kb MemTotal) K total memory\$" "$out"
match 'vmstat -s' "^ +$(kb MemFree) K free memory\$" "$out"
match 'vmstat -s' "^ +$(field "$MNT/proc/vmstat" pgpgin) K paged in\$" "$out"
match 'vmstat -s' "^ +$(field "$MNT/proc/stat" processes) forks\$" "$out"
match 'vmstat -s' "^ +$(field "$MNT/proc/stat" btime) boot time\$" "$out"
seen vmstat -f
match 'vmstat -f' "^ +$(field "$MNT/proc/stat" processes) forks\$" "$out"
seen vmstat -m
expect 'vmstat -m: caches' = "$(echo "$out" | grep -vc '^Cache ')" \
	"$(tail -n +3 "$MNT/proc/slabinfo" | wc -l)"
expect 'vmstat -m: objects' = "$(column "$out" 'vm_area_struct ' 2)" \
	"$(awk '$1 == "vm_area_struct" { print $3 }' "$MNT/proc/slabinfo")"
seen vmstat -d
expect 'vmstat -d: sectors' = "$(column "$out" 'vda ' 3)" \
	"$(awk '$3 == "vda" { print $6 }' "$MNT/proc/diskstats")"
seen vmstat -D
match 'vmstat -D' '^ +1 disks' "$out"
expect 'vmstat -D: reads' = \
	"$(echo "$out" | awk '$2 == "total" && $3 == "reads" { print $1 }')" \
	"$(awk '$3 == "vda" { print $4 }' "$MNT/proc/diskstats")"

# With a clock that runs, lines follow each other.
ctl 'speed 1' >/dev/null
seen vmstat 1 2
expect 'vmstat 1 2: idle' -ge "$(echo "$out" | awk 'END { print $15 }')" 90
finish
