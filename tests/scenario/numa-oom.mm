# SPDX-License-Identifier: Apache-2.0
# Memory of one node runs out: who is bound to another is spared, however big.
spawn big
mempolicy big bind 1
mmap big m 80M
touch big m write
spawn small
mempolicy small bind 2
mmap small m 40M
touch small m write
spawn b
mempolicy b bind 2
mmap b m 200M
touch b m write
expect /proc/vmstat oom_kill = 1
expect /proc/big/numa_maps N0 = 20480
expect /proc/small/numa_maps N1 = 10240
expect /sys/devices/system/node/node1/meminfo MemFree > 40000
expect /model/check 1 = ok
