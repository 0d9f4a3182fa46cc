# a disk with no row of slots left takes huge pages one page at a time
swapon /dev/vdb 128M
spawn P
mmap P a 130M
madvise P a nohugepage
touch P a write 0 126M
madvise P a pageout 0 126M
snap almost
madvise P a pageout 0 126M
mmap P h 4M
madvise P h hugepage
touch P h write
snap full
madvise P h pageout
snap tried
touch P h read
snap back
exit P
swapoff /dev/vdb
