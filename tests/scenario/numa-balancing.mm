# SPDX-License-Identifier: Apache-2.0
# NUMA balancing: memory follows its process to another node.
expect /proc/sys/kernel/numa_balancing 1 = 1
spawn p
cpu p 0
mmap p a 16M
touch p a write
expect /proc/p/numa_maps N0 = 4096
# It uses its CPU for a while: what is local is left alone.
workload p - cpu=100%
advance 4s
expect /proc/vmstat numa_pte_updates = 0
cpu p 2
advance 4s
expect /proc/vmstat numa_pte_updates = 4096
expect /proc/vmstat numa_hint_faults = 0
touch p a read
expect /proc/vmstat numa_hint_faults = 4096
expect /proc/vmstat numa_hint_faults_local = 0
expect /proc/vmstat numa_pages_migrated = 4096
expect /proc/vmstat pgmigrate_success = 4096
expect /proc/p/numa_maps N1 = 4096
expect /model/check 1 = ok
# A policy of its own is left in peace, and so is everything when it is off.
mempolicy p bind 2
cpu p 0
advance 20s
expect /proc/vmstat numa_pte_updates = 4096
mempolicy p default
set /proc/sys/kernel/numa_balancing 0
advance 20s
expect /proc/vmstat numa_pte_updates = 4096
# Half of it is huge, and hints stay when what they are in is split, forked
# or protected.
set /proc/sys/kernel/numa_balancing 1
set /sys/kernel/mm/transparent_hugepage/enabled always
mmap p h 8M
touch p h write
cpu p 2
advance 20s
expect /proc/vmstat numa_huge_pte_updates = 4
mprotect p a r 0 1M
munmap p h 0 64K
fork p child
touch child a read
touch p h write 64K 6M
touch p a read
expect /proc/vmstat thp_migration_success >= 2
expect /model/check 1 = ok
munmap p h
exit child
exit p
expect /model/check 1 = ok
