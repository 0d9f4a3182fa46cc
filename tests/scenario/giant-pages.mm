# SPDX-License-Identifier: Apache-2.0
# Pages of 1 GiB: mapped by an entry of the PUD table, reserved, shared, copied
# on write, given back; the pool of 2 MiB does not move.
expect /proc/meminfo HugePages_Total = 0
expect /proc/meminfo Hugetlb = 2097152
spawn a
mmap a m 1025M hugetlb=1G
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/resv_hugepages 1 = 2
# A private mapping more: nothing is left to reserve.
spawn more
mmap more small 4M
touch a m write 4K 8K
touch a m read 1073737728 12K
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages 1 = 0
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/resv_hugepages 1 = 0
expect /sys/devices/system/node/node0/hugepages/hugepages-1048576kB/free_hugepages 1 = 0
expect /proc/vmstat nr_hugetlb = 524288
expect /proc/a/status HugetlbPages = 2097152
expect /proc/a/status VmRSS = 0
expect /proc/a/smaps Private_Hugetlb = 2097152
expect /proc/a/smaps KernelPageSize = 1048576
expect /proc/a/smaps MMUPageSize = 1048576
expect /proc/a/smaps_rollup Private_Hugetlb = 2097152
expect /proc/a/numa_maps 4 = huge
expect /model/check 1 = ok
# One entry of the first level for each.
touch a m read stride=4M
expect /model/tlb 24 = 2
fork a b
expect /proc/b/smaps Shared_Hugetlb = 2097152
# The pool is empty: the child may look, and dies when it writes.
touch b m read
touch b m write 0 4K
expect /proc/a/smaps Private_Hugetlb = 2097152
expect /model/check 1 = ok
# The owner of the reservation takes what its child has.
fork a c
touch a m write 0 4K
expect /proc/a/smaps Private_Hugetlb = 1048576
touch c m read 1G 4K
touch c m read 0 4K
expect /proc/a/smaps Private_Hugetlb = 2097152
expect /model/check 1 = ok
# Half of it back, not a part of a page.
munmap a m 1G 1G
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages 1 = 1
expect /proc/a/status HugetlbPages = 1048576
# What is in use leaves as surplus when the pool shrinks.
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 0
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 1 = 1
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/surplus_hugepages 1 = 1
exit a
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 1 = 0
expect /proc/meminfo Hugetlb = 0
expect /proc/vmstat nr_hugetlb = 0
expect /model/check 1 = ok
# Shared: one page for both, read or written, and noreserve takes none ahead.
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 1
spawn p
mmap p s 1G hugetlb=1G shared noreserve populate
expect /proc/p/smaps Private_Hugetlb = 1048576
fork p q
expect /proc/q/smaps Private_Hugetlb = 0
touch q s write
touch p s read
expect /proc/p/smaps Private_Hugetlb = 0
expect /proc/p/smaps Shared_Hugetlb = 1048576
madvise p s dontneed
expect /proc/q/smaps Private_Hugetlb = 1048576
mprotect q s r
touch q s read 512M 4K
expect /model/check 1 = ok
exit p
exit q
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages 1 = 1
# A page of the pool becomes 512 of the smaller one.
set /sys/kernel/mm/hugepages/hugepages-1048576kB/demote 1
expect /proc/meminfo HugePages_Free = 512
mmap more t 4M hugetlb=2M
touch more t write
expect /proc/more/smaps KernelPageSize = 2048
expect /proc/meminfo HugePages_Free = 510
expect /model/check 1 = ok
