# SPDX-License-Identifier: Apache-2.0
# 32 bits with PAE: the same addresses, tables of three levels, entries of
# eight bytes, the four PMD tables come with the PGD, large pages of 2 MiB.
set /proc/sys/kernel/randomize_va_space 0
spawn a
expect /model/a/mm task_size = c0000000
expect /model/a/mm mmap_base = b8000000
expect /model/a/regions text = 8048000-8148000
set /model/a/walk 08048000
expect /model/a/walk pgd = 0
expect /model/a/walk pmd = 64
expect /model/a/walk pte = 72
# Four PMD tables; those of the program, its libraries and its stack.
expect /proc/a/status VmPTE: = 28
expect /model/kernel_map f8800000-ff5fdfff = vmalloc
expect /proc/meminfo Hugepagesize: = 2048
expect /proc/meminfo DirectMap2M: > 800000
set /proc/sys/vm/nr_hugepages 4
mmap a huge 4M hugetlb
touch a huge write
expect /proc/a/status HugetlbPages: = 4096
# Transparent ones are no larger.
mmap a thp 6M
madvise a thp hugepage
touch a thp write
expect /proc/a/smaps_rollup AnonHugePages: >= 4096
fork a b
touch b thp write 0 4M
expect /model/check 1 = ok
# Here an entry can forbid execution.
touch b stack exec 0 4K
expect /proc/a/stat 2 = (a)
exit a
expect /model/check 1 = ok
