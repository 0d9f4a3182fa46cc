# shared memory that two map is collapsed for both
set /sys/kernel/mm/transparent_hugepage/shmem_enabled advise
spawn P
mmap P a 4M shared
touch P a write
fork P Q
touch Q a read
snap both
madvise P a collapse
snap collapsed
touch Q a read
snap seen
touch Q a write 0 64K
madvise Q a dontneed
snap dropped
touch Q a read 0 4K
snap again
exit P
snap left
exit Q
