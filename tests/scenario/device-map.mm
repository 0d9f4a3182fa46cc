# SPDX-License-Identifier: Apache-2.0
# /dev/mapdrv: memory of a driver in processes, a page a fault or all at once.
spawn p
expect /proc/p/status RssFile = 0
# Nothing is mapped before it is used; then the driver's pages, each counted.
mmap p m 64K dev=mapdrv
expect /proc/vmallocinfo mapdrv_alloc+0x20/0x60 = pages=16
expect /proc/p/status RssFile = 0
expect /proc/p/stat 10 = 0
touch p m read
expect /proc/p/stat 10 = 16
expect /proc/p/status RssFile = 64
# A private write copies one, the driver's page stays as it is.
touch p m write 0 4K
expect /proc/p/stat 10 = 17
expect /proc/p/status RssAnon = 4
expect /proc/p/status RssFile = 60
# At once: no fault, pages that count.
mmap p r 64K dev=mapdrv remap
expect /proc/p/status RssFile = 124
touch p r read
expect /proc/p/stat 10 = 17
# As frame numbers: entries that nobody counts.
mmap p n 64K dev=mapdrv remap=pfn shared
touch p n write
expect /proc/p/stat 10 = 17
expect /proc/p/status RssFile = 124
# A child gets what was mapped at once, the rest it faults in again.
mmap p s 64K dev=mapdrv shared
touch p s write
expect /proc/p/stat 10 = 33
fork p c
expect /proc/c/status RssFile = 124
touch c r read
expect /proc/c/stat 10 = 0
touch c s read
expect /proc/c/stat 10 = 16
expect /proc/c/status RssFile = 188
# mlock brings pages but never locks them; msync has nothing to write to.
mlock c s
expect /proc/c/status VmLck = 0
# The child has it while the parent has not; the last one ends it.
expect /proc/meminfo Mapped >= 188
munmap p m
munmap p r
munmap p n
munmap p s
expect /proc/vmallocinfo mapdrv_alloc+0x20/0x60 = pages=16
expect /model/check 1 = ok
exit c
expect /proc/p/status RssFile = 0
expect /model/check 1 = ok
# What was mapped at once has no handler for what goes: SIGBUS.
mmap p r 16K dev=mapdrv remap
madvise p r dontneed
touch p r read
expect /model/check 1 = ok
