# folios of 64 KiB paged out to a swap file come back page by page
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
swapon swapfile 64M
spawn P
mmap P a 1M
madvise P a hugepage
touch P a write
snap full
madvise P a pageout
snap out
touch P a read 0 64K
snap back
madvise P a pageout 256K 100K
madvise P a pageout 256K 100K
snap twice
touch P a write 256K 100K
snap again
fork P Q
madvise P a pageout
snap shared
exit Q
exit P
swapoff swapfile
