# SPDX-License-Identifier: Apache-2.0
# Out with a whole process, back by touching; a pipe copies twice, shared
# memory not at all.
swapon /swapfile 64M
spawn P
mmap P r 8M
touch P r write
mmap P locked 1M locked
swapout P
advance 1s
expect /proc/P/status VmSwap = 8192
expect /proc/P/status VmRSS < 2048
touch P r read
expect /proc/P/status VmSwap = 0
spawn C
pipe P C 64M
expect /proc/P/io wchar = 67108864
expect /proc/C/io rchar = 67108864
expect /proc/C/io syscr = 1024
expect /proc/C/status voluntary_ctxt_switches >= 1024
expect /model/check 1 = ok
