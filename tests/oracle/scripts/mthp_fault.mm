# anonymous folios of 64 and 256 KiB: which block a fault fills
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
set /sys/kernel/mm/transparent_hugepage/hugepages-256kB/enabled madvise
spawn P
mmap P a 4M
madvise P a hugepage
touch P a write 0 4K
snap one
touch P a write 1M 1M
snap meg
touch P a read 2M 4K
touch P a write 2052K 4K
touch P a write 2048K 4K
snap zero
touch P a write 2112K 4K
snap beside
mmap P b 100K
madvise P b hugepage
touch P b write
snap small
mmap P c 300K
touch P c write
snap plain
exit P
