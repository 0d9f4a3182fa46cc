# SPDX-License-Identifier: Apache-2.0
# A group at its limit and huge pages: how often is reclaimed before a smaller
# one has to do (try_charge_memcg()); memory.events counts the attempts.
set /sys/kernel/mm/transparent_hugepage/enabled always
mkcgroup g
set /sys/fs/cgroup/g/memory.max 3M
# Nothing may be waited for: refused at once, no reclaim, no event.
set /sys/kernel/mm/transparent_hugepage/defrag never
spawn a
cgroup a g
mmap a m 4M
touch a m write 0 2M
touch a m write 2M 64K
expect /proc/vmstat thp_fault_alloc = 1
expect /proc/vmstat thp_fault_fallback = 1
expect /proc/vmstat thp_fault_fallback_charge = 1
expect /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/anon_fault_fallback_charge 1 = 1
expect /sys/fs/cgroup/g/memory.events max = 0
# __GFP_NORETRY: twice.
set /sys/kernel/mm/transparent_hugepage/defrag always
mmap a n 2M
touch a n write 0 64K
expect /proc/vmstat thp_fault_fallback_charge = 2
expect /sys/fs/cgroup/g/memory.events max = 2
# Advised: as often as for a small page, but nobody is killed.
mmap a o 2M
madvise a o hugepage
touch a o write 0 64K
expect /proc/vmstat thp_fault_fallback_charge = 3
expect /sys/fs/cgroup/g/memory.events max = 20
expect /sys/fs/cgroup/g/memory.events oom = 0
# Smaller sizes of anonymous and of shared memory, each counted once.
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled always
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/shmem_enabled always
mkcgroup h
set /sys/fs/cgroup/h/memory.max 256K
spawn b
cgroup b h
mmap b m 1M
touch b m write 0 64K
expect /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/anon_fault_alloc 1 = 1
touch b m write 64K 160K
expect /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/anon_fault_fallback_charge 1 >= 1
exit b
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled always
# With swap there is something to reclaim.
swapon /swap 16M
mmap a p 2M
touch a p write
expect /proc/vmstat thp_fault_alloc = 2
expect /proc/vmstat thp_fault_fallback = 3
expect /sys/fs/cgroup/g/memory.swap.current 1 > 1048576
expect /model/check 1 = ok
# khugepaged reclaims as often for each block it would collapse.
mkcgroup k
set /sys/fs/cgroup/k/memory.max 3M
swapoff /swap
spawn c
cgroup c k
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled madvise
mmap c m 2M
touch c m write
madvise c m hugepage
set /sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs 100
set /sys/kernel/mm/transparent_hugepage/khugepaged/alloc_sleep_millisecs 100
until /proc/vmstat thp_collapse_alloc >= 3 max=10s
expect /sys/fs/cgroup/k/memory.events max >= 36
set /sys/fs/cgroup/k/memory.max 6M
until /proc/c/smaps AnonHugePages = 2048 max=10s
expect /model/check 1 = ok
