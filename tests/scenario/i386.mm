# SPDX-License-Identifier: Apache-2.0
# A 32-bit machine without PAE: three GiB for programs, tables of two levels,
# entries of four bytes, large pages of 4 MiB, no bit that forbids execution.
set /proc/sys/kernel/randomize_va_space 0
spawn a
expect /model/a/mm task_size = c0000000
expect /model/a/mm mmap_base = b8000000
expect /model/a/mm start_code = 8048000
expect /model/a/mm start_brk = 81d8000
expect /model/a/regions text = 8048000-8148000
expect /model/a/regions stack = bffdf000-c0000000
mmap a one 1M
touch a one write
expect /model/a/regions one = b7d2f000-b7e2f000
# The heap follows bss and grows up.
malloc a h 64K
expect /model/a/regions heap = 81d8000-81f9000
# 08048000 is entry 32 of the directory and 72 of its table.
set /model/a/walk 08048000
expect /model/a/walk linear = 08048000
expect /model/a/walk pgd = 32
expect /model/a/walk pte = 72
# Of the tables that its program, libraries and stack take, the directory is
# not counted.
expect /proc/a/status VmPTE: = 12
# User pages come from high memory, tables and stacks from low memory.
expect /proc/meminfo LowTotal: = 872448
expect /proc/meminfo HighTotal: = 130920
# Nothing keeps a processor from running what it can read.
touch a stack exec 0 4K
touch a data exec
expect /proc/a/stat 2 = (a)
# The kernel half: a subtraction below f8000000, a table above f8800000.
expect /model/kernel_map c0000000-f7ffffff = direct_map
expect /model/kernel_map f8800000-feffdfff = vmalloc
vmalloc area 64K
set /model/a/walk c1000000
expect /model/a/walk physical = 1000000
expect /model/a/walk virt_to_phys = subtraction
expect /proc/meminfo DirectMap4M: > 800000
# Large pages are 4 MiB and a whole entry of the directory each.
set /proc/sys/vm/nr_hugepages 4
expect /proc/meminfo Hugepagesize: = 4096
mmap a huge 8M hugetlb
touch a huge write
expect /proc/a/status HugetlbPages: = 8192
expect /sys/kernel/mm/hugepages/hugepages-4096kB/free_hugepages 1 = 2
expect /model/check 1 = ok
# The old layout: mappings begin at a third of it and go upwards.
set /proc/sys/vm/legacy_va_layout 1
spawn b
expect /model/b/mm mmap_base = 40000000
set /proc/sys/kernel/randomize_va_space 2
set /proc/sys/vm/legacy_va_layout 0
spawn c
expect /model/c/mm start_code = 8048000
expect /model/c/mm mmap_base != b8000000
fork a d
touch d one write
touch d huge write
expect /model/check 1 = ok
exit a
exit d
expect /model/check 1 = ok
