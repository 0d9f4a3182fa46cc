# parts of folios of 256 KiB are unmapped, protected, dropped and moved
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-256kB/enabled madvise
spawn P
mmap P a 4M
madvise P a hugepage
touch P a write
snap full
munmap P a 1028K 8K
snap hole
madvise P a dontneed 1536K 64K
snap dropped
touch P a write 1536K 64K
snap refilled
madvise P a dontneed 2M 512K
touch P a write 2M 4K
snap whole
mprotect P a r 3000K 20K
touch P a read 3000K 20K
snap protected
madvise P a free 3500K 8K
snap freed
touch P a write 3500K 4K
snap kept
exit P
