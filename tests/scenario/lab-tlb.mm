# SPDX-License-Identifier: Apache-2.0
# What a translation costs, and what a large page saves. The machine has a
# Skylake's TLB, one CPU and bare processes; words 5 and 6 of model/tlb are hits
# and misses of 4 KiB pages in the first level, 14 and 15 those of 2 MiB, 32
# and 33 those of the second level, 36 its walks in cycles.
set /proc/sys/vm/nr_hugepages 40
# 1 MiB is 256 entries of 4 KiB, or one of 2 MiB.
spawn small
mmap small m 1M
touch small m write
expect /model/tlb 6 = 256
expect /model/tlb 33 = 256
spawn large
mmap large m 2M hugetlb
touch large m write 0 1M
expect /model/tlb 14 = 255
expect /model/tlb 15 = 1
expect /model/tlb 33 = 257
# The small ones do not fit the 64 entries of the first level, but the second:
# no walk. They were written by another process in between: its ASID is its own.
touch small m read
expect /model/tlb 32 = 256
expect /model/tlb 33 = 257
# 64 MiB at random: 16384 pages and 1536 entries, nine of ten must be walked.
mmap small big 64M
touch small big write
access small big random 20000 seed=1
expect /model/tlb 33 > 33000
# The same accesses to 32 pages of 2 MiB: a miss each, then never again.
mmap large big 64M hugetlb
touch large big write
access large big random 20000 seed=1
expect /model/tlb 15 < 40
show /model/tlb
# What is unmapped no TLB knows.
touch small m read 0 16K
munmap small m 0 16K
mprotect small m r 16K 1008K
fork small child
touch child big write 0 64K
touch large m write
expect /model/check 1 = ok
exit small
exit child
exit large
expect /model/check 1 = ok
