# SPDX-License-Identifier: Apache-2.0
# Two processes take turns on one CPU, 16 pages each, without PCID: each finds
# the TLB empty. With `pcid = yes` all but the first 32 accesses hit.
spawn a
mmap a m 64K
touch a m write
spawn b
mmap b m 64K
touch b m write
touch a m read
touch b m read
touch a m read
touch b m read
expect /model/tlb 6 = 96
expect /model/tlb 8 > 60
show /model/tlb
expect /model/check 1 = ok
