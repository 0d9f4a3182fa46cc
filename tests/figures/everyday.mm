# SPDX-License-Identifier: Apache-2.0
# Anonymous memory, files, shared memory, locks, a fork, writeback, exits.
snap boot
mkfile /lib/big 4M
mkfile /data 2M
spawn hog
mmap hog heap1 64M
touch hog heap1 write
mmap hog lib 1M file=/lib/big shared
touch hog lib read
mmap hog own 256K file=/lib/big
touch hog own write 0 64K
mmap hog safe 1M
mlock hog safe 0 64K
shmget hog 77 300000
shmat hog seg 77
touch hog seg write
snap mapped
fork hog child
touch child heap1 write 0 1M
write child /data 0 1M
snap dirty
fsync child /data
read hog /lib/big 0 4M
advance 40s
snap later
mremap hog heap1 96M
touch hog heap1 write 60M 30M
madvise hog heap1 dontneed 8M 16M
mprotect hog heap1 r 0 4M
munmap hog heap1 32M 8M
brk hog +3M
touch hog heap write
exec child other
snap changed
set /proc/sys/vm/drop_caches 3
snap dropped
exit child
kill hog
rm /data
snap gone
