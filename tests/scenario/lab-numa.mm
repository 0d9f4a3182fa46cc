# SPDX-License-Identifier: Apache-2.0
# Near memory and far memory (docs/labs/35-numa.md): tests/scenario/numa.ini
mkfile f 80M
spawn a
cpu a 0
read a f 0 80M
mmap a m 40M
touch a m write
expect /proc/a/numa_maps N0 < 5000
expect /proc/a/numa_maps N1 > 5000
expect /sys/devices/system/node/node0/meminfo FilePages > 75000
exit a
set /proc/sys/vm/drop_caches 1
set /proc/sys/vm/zone_reclaim_mode 1
spawn a
cpu a 0
read a f 0 80M
mmap a m 40M
touch a m write
expect /proc/a/numa_maps N0 > 10200
expect /sys/devices/system/node/node0/meminfo FilePages < 60000
set /proc/sys/vm/zone_reclaim_mode 0
exit a
set /proc/sys/vm/drop_caches 1
spawn b
mempolicy b bind 2
mmap b m 200M
touch b m write
expect /proc/vmstat oom_kill = 1
expect /sys/devices/system/node/node0/meminfo MemFree > 80000
spawn c
cpu c 0
mmap c m 32M
touch c m write
cpu c 2
workload c - cpu=80%
workload c m random rate=10000/s
advance 10s
expect /proc/c/numa_maps N1 = 8192
expect /proc/vmstat numa_pages_migrated = 8192
expect /model/check 1 = ok
