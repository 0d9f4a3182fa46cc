# SPDX-License-Identifier: Apache-2.0
# NUMA balancing: where memory cannot come to a process, the process goes to
# its memory, if a CPU idles there.
spawn hog
cpu hog 0
mmap hog m 100M locked
spawn p
mmap p a 24M
touch p a write
expect /proc/p/numa_maps N1 = 6144
workload p - cpu=90%
workload p a random rate=50000/s
expect /proc/p/stat 39 < 2
advance 12s
expect /proc/p/sched numa_preferred_nid = 1
expect /proc/p/stat 39 = 2
advance 18s
expect /proc/vmstat numa_hint_faults_local > 5000
expect /proc/vmstat numa_pages_migrated < 1000
expect /proc/p/numa_maps N1 = 6144
expect /model/check 1 = ok
# Not one that has its CPU.
workload p - off
workload p a off
spawn q
cpu q 1
mmap q a 4M
touch q a write
workload q - cpu=90%
workload q a random rate=50000/s
advance 30s
expect /proc/q/sched numa_preferred_nid = 1
expect /proc/q/stat 39 = 1
expect /model/check 1 = ok
