# anonymous folios of 256 KiB after fork: one page is copied at a time
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
set /sys/kernel/mm/transparent_hugepage/hugepages-256kB/enabled madvise
spawn P
mmap P a 1M
madvise P a hugepage
touch P a write
snap full
fork P Q
snap forked
touch Q a write 100K 4K
snap child
touch P a write 100K 4K
touch P a write 300K 64K
snap parent
touch Q a read
touch Q a write 512K 256K
snap quarter
exit Q
touch P a write
snap alone
exit P
