# SPDX-License-Identifier: Apache-2.0
# Low memory runs out while high memory is free: 3 GiB of it help nobody who
# needs a page that the kernel can address.
set /sys/kernel/mm/transparent_hugepage/enabled never
expect /proc/meminfo HighFree: > 3000000
# A driver takes most of low memory.
slab pile kmalloc-4k 197400
expect /proc/meminfo LowFree: < 40000
expect /proc/meminfo HighFree: > 3000000
# A page of each 2 MiB: 5 MiB of data, which lie high, and 5 MiB of tables,
# which must lie low.
spawn s1
mmap s1 m 2500M noreserve
touch s1 m write stride=2M
expect /proc/s1/status VmPTE: > 5000
spawn s2
mmap s2 m 2500M noreserve
touch s2 m write stride=2M
spawn s3
mmap s3 m 2500M noreserve
touch s3 m write stride=2M
spawn s4
mmap s4 m 2500M noreserve
touch s4 m write stride=2M
spawn s5
mmap s5 m 2500M noreserve
touch s5 m write stride=2M
spawn s6
mmap s6 m 2500M noreserve
touch s6 m write stride=2M
# Somebody was killed for a page table, with 3 GiB free.
expect /proc/vmstat oom_kill = 1
expect /proc/meminfo HighFree: > 3000000
snap killed
show /proc/meminfo
expect /model/check 1 = ok
