#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib-tools.sh"
need_command numactl numastat
load_machine numa-server
NODE=$MNT/sys/devices/system/node/node
seen numactl -H
match numactl '^available: 4 nodes \(0-3\)$' "$out"
match numactl '^node 1 cpus: 8 9 10 11 12 13 14 15$' "$out"
match numactl '^ +0: +10 +12 +21 +21 *$' "$out"
for node in 0 1 2 3; do
	match numactl "^node $node size: $(($(awk '/MemTotal/ { print $4 }' \
		"$NODE$node/meminfo") / 1024)) MB\$" "$out"
	match numactl "^node $node free: $(($(awk '/MemFree/ { print $4 }' \
		"$NODE$node/meminfo") / 1024)) MB\$" "$out"
done
seen numastat
expect numastat = "$(column "$out" numa_hit 1)" \
	"$(field "${NODE}0/numastat" numa_hit)"
expect numastat = "$(column "$out" numa_hit 2)" \
	"$(field "${NODE}1/numastat" numa_hit)"
# Where the memory of each is, and of a process bound to the last node.
ctl 'spawn far' 'mempolicy far bind 8' 'mmap far r 64M' 'touch far r write' \
	>/dev/null
seen 'numastat -m 2>/dev/null'
expect numastat-m = "$(column "$out" MemTotal 5 | cut -d. -f1)" \
	"$(($(kb MemTotal) / 1024))"
seen 'numastat -p far'
expect numastat-p = "$(column "$out" Private 4)" 64.00
seen 'cat /proc/$(pidof far)/numa_maps'
match numa_maps ' bind:3 anon=16384 .* N3=16384 ' "$out"
finish
