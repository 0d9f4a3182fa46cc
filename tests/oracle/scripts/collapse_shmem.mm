# MADV_COLLAPSE of shared memory, whatever shmem_enabled says
set /sys/kernel/mm/transparent_hugepage/shmem_enabled advise
spawn P
mmap P a 6M shared
touch P a write
snap small
madvise P a collapse 0 2M
snap one
touch P a read
snap read
madvise P a collapse
snap all
touch P a write
snap written
mmap P b 4M shared
touch P b write 0 1M
madvise P b collapse
snap part
touch P b read
snap filled
fork P Q
touch Q a read
snap forked
exit Q
munmap P b 100K 100K
snap hole
exit P
