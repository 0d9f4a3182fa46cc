# SPDX-License-Identifier: Apache-2.0
# Pages go from node to node: all of a process, of a range, by a new policy.
swapon /swap 64M
mkfile f 4M
spawn p
cpu p 0
mmap p a 4M
touch p a write
mmap p m 4M file=f shared
touch p m write
mmap p s 2M shared
touch p s write
mmap p l 64K locked
fork p child
migratepages p 0 1
expect /proc/p/numa_maps 7ffff7a00000.N1 = 1024
expect /proc/child/numa_maps 7ffff7a00000.N1 = 1024
expect /proc/p/numa_maps 7ffff7600000.N1 = 1024
expect /proc/p/numa_maps 7ffff7400000.N1 = 512
expect /proc/vmstat pgmigrate_success >= 2560
expect /proc/vmstat pgmigrate_fail = 0
expect /model/check 1 = ok
# What the child maps too is not p's alone to move, but for what p wrote since.
touch p a write 1M 1M
movepages p a 0
expect /proc/p/numa_maps 7ffff7a00000.N0 = 256
expect /proc/child/numa_maps 7ffff7a00000.N1 = 1024
exit child
movepages p a 0 0 2M
expect /proc/p/numa_maps 7ffff7a00000.N0 = 512
# A policy that holds for what is there already.
mbind p a interleave 3
mbind p a bind 1 move strict
expect /proc/p/numa_maps 7ffff7a00000.N0 = 1024
expect /proc/p/numa_maps 7ffff7a00000 = bind:0
expect /model/check 1 = ok
# Huge pages move whole.
set /sys/kernel/mm/transparent_hugepage/enabled always
mmap p h 8M
touch p h write
expect /proc/vmstat thp_fault_alloc >= 3
migratepages p 0 1
expect /proc/vmstat thp_migration_success >= 3
expect /proc/vmstat thp_split_page = 0
expect /model/check 1 = ok
# So does what waits in the swap cache.
set /sys/kernel/mm/transparent_hugepage/enabled never
mmap p w 2M
touch p w write
madvise p w pageout
advance 1s
touch p w read
migratepages p 1 0
expect /proc/vmstat pswpout > 0
expect /proc/vmstat pgmigrate_fail = 0
expect /proc/p/numa_maps swapcache = 512
expect /proc/p/numa_maps 7ffff6a00000.N0 = 2560
expect /model/check 1 = ok
migratepages p 0 0
exit p
expect /model/check 1 = ok
