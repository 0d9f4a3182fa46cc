# SPDX-License-Identifier: Apache-2.0
# Who may do what where. A process that is refused dies of it: its name is
# free for the next one.
spawn p
touch p text read
touch p text exec
touch p rodata read
touch p data write
touch p bss write
touch p stack write 0 8K
expect /proc/p/stat 2 = (p)
touch p text write
spawn p
touch p rodata write
spawn p
touch p rodata exec
spawn p
touch p data exec
spawn p
touch p stack exec 0 4K
spawn p
touch p vdso write
spawn p
# Address 0, an address of the kernel, one between both, one that nobody has.
touch p @0 read
spawn p
touch p @0 exec
spawn p
touch p @ffff888000000000 read
spawn p
touch p @800000000000 read
spawn p
touch p @10000 write
spawn p
# A mapping's rights, and those it is given later.
mmap p none 64K prot=none
mprotect p none r
touch p none read
mprotect p none rw
touch p none write
mprotect p none none
expect /model/p/mm rss_anon > 16
touch p none read
spawn p
mmap p code 64K prot=rx
touch p code exec
touch p code write
spawn p
# What was unmapped is gone.
mmap p gone 64K
touch p gone write
munmap p gone 32K 16K
touch p gone write 0 32K
touch p gone write 48K 16K
touch p gone write
spawn p
# Beyond the end of a file: SIGBUS.
mkfile /short 10K
mmap p f 64K file=/short
touch p f read 0 12K
touch p f read 12K 4K
spawn p
# The stack grows by being touched, to the limit of 8 MiB and not further ...
stack p 1M
expect /proc/p/status VmStk >= 1024
stack p 7M
expect /proc/p/status VmStk < 8192
stack p 8200K
spawn p
# ... and not into what lies below it: a gap of 1 MiB stays.
set /proc/sys/kernel/randomize_va_space 0
spawn q
mmap q near 64K
expect /model/q/regions near = 7ffff7e1c000-7ffff7e2c000
mmap q wall 4K prot=r fixed=near+133054464
expect /model/q/regions wall = 7fffffd00000-7fffffd01000
stack q 2036K
expect /model/q/regions stack = 7ffffffde000-7ffffffff000
expect /proc/q/status VmStk = 2040
stack q 2040K
spawn q
# An inaccessible neighbour is as good as a gap.
mmap q near 64K
mmap q wall 4K prot=none fixed=near+133054464
stack q 3060K
expect /proc/q/status VmStk = 3064
stack q 3072K
spawn q
expect /model/check 1 = ok
