# sizes follow the top switch or their own
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled inherit
set /sys/kernel/mm/transparent_hugepage/hugepages-32kB/enabled inherit
set /sys/kernel/mm/transparent_hugepage/hugepages-16kB/enabled always
spawn P
mmap P a 1M
touch P a write
snap always16
mmap P b 1M
madvise P b hugepage
touch P b write
snap inherit32
mmap P c 1M
madvise P c nohugepage
touch P c write
snap nohuge
mmap P d 3M
madvise P d hugepage
touch P d write
snap pmd
touch P d read
madvise P d dontneed 0 1M
touch P d write 0 1M
snap refill
exit P
