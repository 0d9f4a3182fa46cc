# SPDX-License-Identifier: Apache-2.0
# Part of a huge page is unmapped: its memory comes back when somebody looks
# for memory, not before.
set /sys/kernel/mm/transparent_hugepage/enabled always
spawn a
mmap a r 8M
touch a r write
expect /proc/vmstat thp_fault_alloc = 4
munmap a r 1M 1M
expect /proc/vmstat thp_split_pmd = 1
expect /proc/vmstat thp_deferred_split_page = 1
expect /proc/vmstat thp_split_page = 0
expect /model/a/mm rss_anon = 1792
set /proc/sys/vm/drop_caches 2
expect /proc/vmstat thp_split_page = 1
expect /model/a/mm rss_anon = 1792
expect /model/check 1 = ok
# The huge page of zeroes goes with the last who maps it.
mmap a z 4M
touch a z read
expect /proc/vmstat thp_zero_page_alloc = 1
munmap a z
exit a
set /proc/sys/vm/drop_caches 2
expect /model/check 1 = ok
