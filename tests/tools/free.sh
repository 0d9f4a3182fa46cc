#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib-tools.sh"
need_command free
load_machine small-vm
seen free -w -k
expect total = "$(column "$out" Mem: 1)" "$(kb MemTotal)"
expect free = "$(column "$out" Mem: 3)" "$(kb MemFree)"
expect shared = "$(column "$out" Mem: 4)" "$(kb Shmem)"
expect buffers = "$(column "$out" Mem: 5)" "$(kb Buffers)"
expect cache = "$(column "$out" Mem: 6)" \
	$(($(kb Cached) + $(kb SReclaimable)))
expect available = "$(column "$out" Mem: 7)" "$(kb MemAvailable)"
expect swap = "$(column "$out" Swap: 1)" "$(kb SwapTotal)"
seen free -h
match 'free -h' '^Mem: .*Mi' "$out"
seen free -l -k
expect low = "$(column "$out" Low: 1)" "$(kb MemTotal)"
finish
