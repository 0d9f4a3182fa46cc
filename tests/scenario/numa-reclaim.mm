# SPDX-License-Identifier: Apache-2.0
# zone_reclaim_mode: a node's own cache goes before memory of another is used.
mkfile f 80M
spawn p
cpu p 0
read p f 0 80M
mmap p far 40M
touch p far write
expect /sys/devices/system/node/node1/numastat numa_miss > 4000
expect /sys/devices/system/node/node0/meminfo FilePages > 75000
expect /proc/vmstat zone_reclaim_success = 0
munmap p far
set /proc/sys/vm/zone_reclaim_mode 1
mmap p near 60M
touch p near write
expect /proc/p/numa_maps N0 = 15360
expect /sys/devices/system/node/node0/meminfo FilePages < 40000
expect /proc/vmstat zone_reclaim_success > 100
expect /proc/vmstat allocstall_movable = 0
expect /model/check 1 = ok
# What is mapped stays without bit 4; then it fails, and the other node is used.
exit p
set /proc/sys/vm/drop_caches 1
spawn q
cpu q 0
mmap q m 80M file=f shared
touch q m read
mmap q near 40M
touch q near write
expect /proc/vmstat zone_reclaim_failed = 0
expect /sys/devices/system/node/node0/meminfo Mapped > 70000
expect /proc/q/numa_maps N1 > 2000
set /proc/sys/vm/zone_reclaim_mode 5
mmap q here 20M
touch q here write
expect /proc/vmstat zone_reclaim_success > 200
expect /sys/devices/system/node/node0/meminfo Mapped < 70000
expect /model/check 1 = ok
exit q
