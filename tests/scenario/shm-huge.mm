# SPDX-License-Identifier: Apache-2.0
# System V shared memory of huge pages (SHM_HUGETLB): reserved by shmget,
# mapped whole, given back by the last detach after shmrm.
set /proc/sys/vm/nr_hugepages 8
spawn a
spawn b
shmget a db 5M hugetlb
expect /proc/meminfo HugePages_Rsvd = 3
shmat a m db
shmat b n db
touch a m write 0 4M
expect /proc/meminfo HugePages_Free = 6
expect /proc/meminfo HugePages_Rsvd = 1
expect /proc/meminfo Shmem = 0
expect /proc/a/smaps Private_Hugetlb = 4096
touch b n read 0 2M
expect /proc/a/smaps Shared_Hugetlb = 2048
expect /proc/sysvipc/shm 23 = 2
expect /proc/sysvipc/shm 31 = 4194304
expect /model/check 1 = ok
fork b c
touch c n write 4M 1M
expect /proc/meminfo HugePages_Rsvd = 0
exit c
shmdt a m
shmrm db
expect /proc/meminfo HugePages_Free = 5
shmdt b n
expect /proc/meminfo HugePages_Free = 8
expect /model/check 1 = ok
# A part of a page is none: more than there are is refused.
set /proc/sys/vm/nr_hugepages 2
shmget a small 1 hugetlb=2M
shmat a s small
touch a s write
expect /proc/a/smaps KernelPageSize = 2048
expect /proc/meminfo HugePages_Rsvd = 0
shmrm small
exit a
expect /proc/meminfo HugePages_Free = 2
expect /model/check 1 = ok
