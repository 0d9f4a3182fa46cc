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
# Pages from pools obey policies too, as far as a pool has any there.
set /proc/sys/vm/nr_hugepages 8
expect /sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages 1 = 4
spawn h
cpu h 0
mempolicy h bind 2
mmap h huge 8M hugetlb
touch h huge write
expect /proc/h/numa_maps anon = 4
expect /proc/h/numa_maps N1 = 4
expect /proc/h/numa_maps kernelpagesize_kB = 2048
expect /sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages 1 = 0
expect /sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages 1 = 4
exit h
expect /model/check 1 = ok
# What one says of shared memory holds for all who map it.
spawn s
spawn u
cpu s 0
cpu u 0
shmget s 7 8M
shmat s seg 7
shmat u seg 7
mbind s seg bind 2
touch u seg write 0 4M
expect /proc/u/numa_maps N1 = 1024
mbind u seg default
touch u seg write 4M 4M
expect /proc/u/numa_maps N0 = 1024
expect /model/check 1 = ok
mempolicy s interleave 3
mmap s a 4M shared
touch s a write
mbind s a preferred 1
mmap s b 1M fixed=a+1M
mbind s a bind 2
munmap s a 3M 1M
mbind s b bind 1
expect /model/check 1 = ok
shmdt s seg
exit u
shmrm 7
exit s
expect /model/check 1 = ok
