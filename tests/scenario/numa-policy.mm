# SPDX-License-Identifier: Apache-2.0
# Where memory policies of processes and ranges send pages.
spawn p
cpu p 2
mmap p here 4M
touch p here write
expect /proc/p/numa_maps 7ffff7a00000 = default
expect /sys/devices/system/node/node0/numastat other_node = 0
# Bound to the node it does not run on.
mempolicy p bind 1
mmap p bound 4M
touch p bound write
expect /sys/devices/system/node/node0/numastat other_node >= 1024
expect /sys/devices/system/node/node0/numastat numa_miss = 0
# In turn, by address: half of them here, half there, and counted as such.
mempolicy p interleave 3
mmap p turn 4M
touch p turn write
mempolicy p default
# A range of its own: what it was split for shows beside the rest.
mmap p range 8M
mbind p range preferred 1
touch p range write
mbind p here weighted-interleave 3
mbind p bound bind 0x2 static
expect /proc/p/numa_maps 7ffff6a00000 = prefer:0
expect /proc/p/numa_maps 7ffff6a00000.N0 = 2048
expect /proc/p/numa_maps 7ffff7200000 = default
expect /proc/p/numa_maps 7ffff7200000.N0 = 512
expect /proc/p/numa_maps 7ffff7200000.N1 = 512
expect /proc/p/numa_maps 7ffff7600000 = bind=static:1
expect /proc/p/numa_maps 7ffff7600000.N0 = 1024
expect /proc/p/numa_maps 7ffff7a00000 = weighted
expect /proc/p/numa_maps 7ffff7a00000.N1 = 1024
expect /model/check 1 = ok
fork p child
touch child range write
expect /proc/child/numa_maps 7ffff6a00000.N0 = 2048
# Three pages here, one there.
set /sys/kernel/mm/mempolicy/weighted_interleave/node0 3
mempolicy child weighted-interleave 3
mmap child uneven 4M
touch child uneven write
expect /proc/child/numa_maps 7ffff6600000.N0 = 768
expect /proc/child/numa_maps 7ffff6600000.N1 = 256
expect /model/check 1 = ok
exit child
exit p
expect /model/check 1 = ok
