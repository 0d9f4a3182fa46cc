# SPDX-License-Identifier: Apache-2.0
# Where a program's parts lie, without and with chance.
set /proc/sys/kernel/randomize_va_space 0
spawn a
expect /model/a/mm start_code = 555555555000
expect /model/a/mm start_data = 555555695000
expect /model/a/mm end_data = 5555556d5000
expect /model/a/mm start_brk = 5555556e5000
expect /model/a/mm mmap_base = 7ffff7fff000
expect /model/a/mm start_stack = 7fffffffeae0
# The loader is mapped first, below it the vdso, then what the loader maps.
expect /model/a/regions text = 555555555000-555555655000
expect /model/a/regions rodata = 555555655000-555555695000
expect /model/a/regions data = 555555695000-5555556d5000
expect /model/a/regions bss = 5555556d5000-5555556e5000
expect /model/a/regions vvar = 7ffff7fc7000-7ffff7fcb000
expect /model/a/regions vdso = 7ffff7fcd000-7ffff7fcf000
expect /model/a/regions stack = 7ffffffde000-7ffffffff000
# The heap follows bss and grows up; mappings follow the libraries, downwards.
malloc a m 100K
expect /model/a/mm brk = 555555706000
mmap a one 64K
mmap a two 64K
expect /model/a/regions one = 7ffff7e1c000-7ffff7e2c000
expect /model/a/regions two = 7ffff7e0c000-7ffff7e1c000
spawn b
expect /model/b/mm start_code = 555555555000
expect /model/b/mm mmap_base = 7ffff7fff000
# 1: all but the heap, which follows bss.
set /proc/sys/kernel/randomize_va_space 1
spawn c
expect /model/c/mm start_code != 555555555000
expect /model/c/mm mmap_base != 7ffff7fff000
expect /model/c/mm start_stack != 7fffffffeae0
# Upwards from a third of the space.
set /proc/sys/kernel/randomize_va_space 0
set /proc/sys/vm/legacy_va_layout 1
spawn d
expect /model/d/mm mmap_base = 2aaaaaaab000
mmap d one 64K
mmap d two 64K
expect /model/d/regions one = 2aaaaac7e000-2aaaaac8e000
expect /model/d/regions two = 2aaaaac8e000-2aaaaac9e000
# The hole is filled first.
munmap d one
mmap d three 32K
expect /model/d/regions three = 2aaaaac7e000-2aaaaac86000
fork d e
mmap e four 32K
expect /model/e/regions four = 2aaaaac86000-2aaaaac8e000
# A program of given sizes.
exec d other text=300K data=20K bss=40K
expect /model/d/mm start_code = 555555555000
expect /model/d/regions data = 5555555b3000-5555555b8000
expect /model/d/regions bss = 5555555b8000-5555555c2000
expect /model/check 1 = ok
