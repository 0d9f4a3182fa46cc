# large folios of shared memory paged out to a swap file
set /sys/kernel/mm/transparent_hugepage/shmem_enabled advise
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/shmem_enabled advise
swapon swapfile 64M
spawn P
mmap P a 2M shared
madvise P a hugepage
touch P a write
mmap P b 300K shared
madvise P b hugepage
touch P b write
snap full
madvise P a pageout
madvise P b pageout
snap out
touch P a write 0 4K
touch P b read
snap back
exit P
swapoff swapfile
