# khugepaged collapses shared memory; who maps it faults it in anew
set /sys/kernel/mm/transparent_hugepage/shmem_enabled advise
set /sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none 511
set /sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan 100000
set /sys/kernel/mm/transparent_hugepage/khugepaged/alloc_sleep_millisecs 10
set /sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs 10
spawn P
mmap P a 6M shared
touch P a write 0 4M
touch P a write 5M 4K
madvise P a hugepage
fork P Q
touch Q a read 0 2M
mmap P b 4M
touch P b write 0 3M
madvise P b hugepage
advance 2s
snap huge
set /sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs 3600000
touch P a read
touch Q a read
snap mapped
exit Q
exit P
