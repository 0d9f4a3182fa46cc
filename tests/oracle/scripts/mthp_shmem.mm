# locked pages amid folios of 64 KiB, and shared memory beside
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/shmem_enabled advise
spawn P
mmap P s 1M shared
madvise P s hugepage
touch P s write 0 1M stride=64K
snap shared
fork P Q
touch Q s read
snap both
madvise P s dontneed 100K 100K
snap dropped
touch P s write 100K 200K
snap again
mmap P a 1M locked
madvise P a hugepage
snap locked
mmap P b 1M
madvise P b hugepage
madvise P b populate_write 0 300K
snap populated
exit Q
exit P
