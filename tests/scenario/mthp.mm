# SPDX-License-Identifier: Apache-2.0
# Folios between a page and 2 MiB: one fault fills the largest block that is
# enabled, lies in the mapping and has nothing in it yet.
set /sys/kernel/mm/transparent_hugepage/enabled always
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled inherit
set /sys/kernel/mm/transparent_hugepage/hugepages-512kB/enabled always
spawn a
mmap a r 2M
touch a r write 0 4K
expect /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/anon_fault_alloc 1 = 1
expect /model/a/mm rss_anon = 128
# The zero page is in the way of 512 KiB, not of 64.
touch a r read 1M 4K
touch a r write 1088K 4K
expect /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/anon_fault_alloc 1 = 1
expect /model/a/mm rss_anon = 144
# A part goes; the folio waits to be split.
munmap a r 64K 64K
expect /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/split_deferred 1 = 1
expect /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/nr_anon_partially_mapped 1 = 1
expect /proc/meminfo AnonHugePages: = 0
set /proc/sys/vm/drop_caches 2
expect /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/split 1 = 1
expect /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/nr_anon 1 = 0
# Its pages that nobody wrote are the zero page again.
expect /model/a/mm rss_anon = 17
expect /model/check 1 = ok
exit a
expect /model/check 1 = ok
