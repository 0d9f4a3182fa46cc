# advice about parts of folios of 64 KiB
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
swapon swapfile 64M
spawn P
mmap P a 1M
madvise P a hugepage
touch P a write
snap full
madvise P a pageout 32K 64K
snap out
madvise P a cold 160K 64K
snap cold
madvise P a free 288K 64K
snap free
fork P Q
madvise P a pageout 416K 64K
madvise P a cold 448K 100K
madvise P a free 600K 64K
snap shared
madvise Q a dontneed 700K 64K
exit Q
madvise P a pageout
snap rest
touch P a read
exit P
swapoff swapfile
