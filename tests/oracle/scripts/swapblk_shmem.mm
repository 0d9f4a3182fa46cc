set /sys/kernel/mm/transparent_hugepage/shmem_enabled advise
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/shmem_enabled advise
swapon /dev/vdb 128M
spawn P
mmap P a 4M shared
madvise P a hugepage
touch P a write
mmap P b 300K shared
madvise P b hugepage
touch P b write
snap full
madvise P a pageout
madvise P b pageout
snap out
touch P a read 0 4K
touch P b write 0 4K
snap back
madvise P a pageout
madvise P b pageout
madvise P a pageout
madvise P b pageout
snap twice
fork P Q
touch Q a write
touch Q b read
snap all
exit Q
exit P
swapoff /dev/vdb
