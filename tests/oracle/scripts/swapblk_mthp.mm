set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
swapon /dev/vdb 128M
spawn P
mmap P a 1M
madvise P a hugepage
touch P a write
snap full
madvise P a pageout 0 512K
snap out
touch P a write 0 4K
snap one
touch P a read 64K 128K
snap read
madvise P a pageout
madvise P a pageout
snap gone
touch P a write 128K 64K
snap back
madvise P a dontneed 300K 32K
touch P a read 256K 64K
snap hole
madvise P a pageout 600K 16K
snap part
mmap P b 256K
madvise P b hugepage
touch P b write value=0
madvise P b pageout
snap zeroes
touch P b write
touch P b write 32K 4K value=0
madvise P b pageout
madvise P b pageout
snap mixed
touch P b read
snap mixedback
exit P
swapoff /dev/vdb
