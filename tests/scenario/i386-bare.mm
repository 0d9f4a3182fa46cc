# SPDX-License-Identifier: Apache-2.0
# A machine of 32 bits whose processes are bare: its addresses end at c0000000.
spawn a
mmap a m 64K
touch a m write
expect /model/a/mm task_size = c0000000
expect /model/a/mm mmap_base = b8000000
expect /model/a/regions m = b7ff0000-b8000000
brk a +64K
touch a heap write
expect /model/a/regions heap = 10000000-10010000
fork a b
touch b m write
exit a
expect /model/check 1 = ok
exit b
expect /model/check 1 = ok
