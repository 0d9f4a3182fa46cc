#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib-tools.sh"
need_command numactl numastat
load_machine numa-server
NODE=$MNT/sys/devices/system/node/node
seen numactl -H
match numactl '^available: 2 nodes \(0-1\)$' "$out"
match numactl '^node 1 cpus: 8 9 10 11 12 13 14 15$' "$out"
match numactl '^ +0: +10 +21 *$' "$out"
for node in 0 1; do
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
finish
