# a folio of 64 KiB locked, grown, moved
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
set /sys/kernel/mm/transparent_hugepage/hugepages-128kB/enabled madvise
spawn P
mmap P a 512K
madvise P a hugepage
touch P a write
mlock P a 128K 64K
snap locked
munlock P a
snap unlocked
mremap P a 1M
snap moved
touch P a write
snap touched
mremap P a 200K
snap shrunk
exit P
