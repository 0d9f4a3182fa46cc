# SPDX-License-Identifier: Apache-2.0
# Five levels: the same layout below 2^47, another half of the kernel.
set /proc/sys/kernel/randomize_va_space 0
spawn a
expect /model/a/mm task_size = fffffffffff000
expect /model/a/mm mmap_base = 7ffff7fff000
expect /model/a/regions stack = 7ffffffde000-7ffffffff000
set /model/a/walk 555555555000
expect /model/a/walk pgd = 0
expect /model/a/walk p4d = 170
expect /model/a/walk pud = 341
expect /model/kernel_map ff11000000000000-ff90ffffffffffff = direct_map
vmalloc area 64K
set /model/a/walk ff11000000400000
expect /model/a/walk physical = 400000
expect /model/a/walk virt_to_phys = subtraction
set /model/a/walk ffa0000000000000
expect /model/a/walk range = vmalloc
expect /model/a/walk virt_to_phys = table
expect /model/check 1 = ok
