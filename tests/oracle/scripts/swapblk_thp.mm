# huge pages swapped out whole to a disk
swapon /dev/vdb 128M
spawn P
mmap P a 8M
madvise P a hugepage
touch P a write
snap full
madvise P a pageout
snap out
touch P a read 0 4K
snap back
touch P a write 2M 4K
snap write
fork P Q
touch Q a write 2052K 4K
touch P a write 4M 8K
snap forked
madvise P a pageout
snap again
exit Q
touch P a read
snap alone
madvise P a pageout
madvise P a pageout
snap twice
touch P a write 0 64K
munmap P a 4M 100K
snap end
exit P
swapoff /dev/vdb
