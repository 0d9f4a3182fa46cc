# folios of 64 KiB below a PMD: what collapse makes of them
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
spawn P
mmap P a 4M
madvise P a hugepage
touch P a write 0 4M stride=128K
snap half
madvise P a collapse
snap collapsed
touch P a write
snap touched
exit P
