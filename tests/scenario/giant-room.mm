# SPDX-License-Identifier: Apache-2.0
# No 1 GiB in a row is free, though half of the memory is: what can be moved
# makes room for pages of that size, and whoever maps it does not notice.
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 0
spawn a
mmap a m 5G
touch a m write
fork a b
freealt a m
freealt b m
expect /proc/vmstat pgmigrate_success = 0
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 3
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 1 = 3
expect /proc/vmstat pgmigrate_success > 100000
expect /model/a/mm rss_anon = 655360
expect /model/b/mm rss_anon = 655360
expect /model/check 1 = ok
# No fault but for the holes.
access a m seq 1
mmap a g 2G hugetlb=1G
touch a g write stride=1G
# What can be read again is not moved but dropped.
exit a
exit b
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 0
spawn r
mkfile f 5G
read r f 0 5G
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 3
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 1 >= 2
expect /model/check 1 = ok
