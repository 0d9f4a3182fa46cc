# SPDX-License-Identifier: Apache-2.0
# Plenty is free, in single pages: who asks for blocks compacts for them.
set /proc/sys/vm/compaction_proactiveness 0
spawn p
mmap p a 150M
touch p a write
freealt p a
expect /proc/meminfo MemFree > 70000
expect /proc/vmstat compact_stall = 0
set /proc/sys/vm/nr_hugepages 12
expect /proc/meminfo HugePages_Total = 12
expect /proc/vmstat compact_stall > 0
expect /proc/vmstat compact_success > 0
expect /proc/vmstat pgmigrate_success > 500
expect /proc/vmstat oom_kill = 0
expect /model/check 1 = ok
# More than there is: as many as can be had, and nobody dies for them.
set /proc/sys/vm/nr_hugepages 200
expect /proc/meminfo HugePages_Total > 12
expect /proc/meminfo HugePages_Total < 60
expect /proc/vmstat htlb_buddy_alloc_fail > 0
expect /proc/vmstat oom_kill = 0
expect /model/check 1 = ok
set /proc/sys/vm/nr_hugepages 0
# Blocks of the kernel's, by kswapd and kcompactd if they are faster.
touch p a write
freealt p a
alloc_pages x 6 60 gfp=kernel
expect /proc/vmstat oom_kill = 0
free_pages x
# kcompactd does it unasked when it is told to: at 100 any hole is too much.
touch p a write
freealt p a
set /proc/sys/vm/compaction_proactiveness 100
advance 12s
expect /proc/vmstat compact_daemon_migrate_scanned > 10000
expect /model/check 1 = ok
exit p
expect /model/check 1 = ok
