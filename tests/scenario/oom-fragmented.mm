# SPDX-License-Identifier: Apache-2.0
# A third of memory is free, in single pages between pages that cannot move:
# for blocks of 8 pages somebody is killed. So OOM is not always lack of memory.
set /proc/sys/vm/panic_on_oom 0
spawn victim
mmap victim v 8M
touch victim v write
alloc_pages holes 0 36000 gfp=kernel
free_pages holes 2
expect /proc/meminfo MemFree > 60000
expect /proc/vmstat oom_kill = 0
alloc_pages big 3 600 gfp=kernel
expect /proc/vmstat oom_kill > 0
expect /proc/vmstat compact_fail > 0
expect /proc/meminfo MemFree > 30000
expect /model/check 1 = ok
