# MADV_COLLAPSE brings back what is in swap
set /sys/kernel/mm/transparent_hugepage/shmem_enabled advise
swapon swapfile 64M
spawn P
mmap P a 2M shared
touch P a write
madvise P a pageout
madvise P a pageout 0 1M
snap out
madvise P a collapse
snap collapsed
touch P a write
snap touched
mmap P c 2M
touch P c write
madvise P c pageout
madvise P c collapse
snap anon
mmap P d 4M
madvise P d collapse
touch P d read 0 4K
madvise P d collapse
snap zero
mmap P e 1M shared
touch P e write
madvise P e collapse
snap short
mmap P g 4M shared
madvise P g nohugepage
touch P g write
madvise P g collapse
snap nohuge
mmap P h 4M shared
madvise P h collapse
snap untouched
mmap P n 4M
madvise P n nohugepage
touch P n write
madvise P n collapse
snap nohugeanon
exit P
swapoff swapfile
