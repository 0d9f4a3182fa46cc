#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib-tools.sh"
need_command slabtop
load_machine small-vm
seen slabtop -o -s c
kib=$(echo "$out" | sed -n 's/.*Total Size.*: .* \/ \([0-9]*\).* (.*/\1/p')
expect 'slabtop: size in KiB' -le "$kib" "$(kb Slab)"
expect 'slabtop: size in KiB' -ge "$kib" $(($(kb Slab) * 8 / 10))
expect 'slabtop: objects' = \
	"$(echo "$out" | awk '/Total Objects/ { print $10 }')" \
	"$(awk 'NR > 2 { n += $3 } END { print n }' "$MNT/proc/slabinfo")"
for cache in task_struct vm_area_struct radix_tree_node; do
	expect "slabtop: $cache" = \
		"$(echo "$out" | awk -v c=$cache '$8 == c { print $1 }')" \
		"$(awk -v c=$cache '$1 == c { print $3 }' "$MNT/proc/slabinfo")"
done
finish
