# advice about parts of folios of 64 KiB
set /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled never
set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled madvise
swapon swapfile 64M
spawn P
mmap P a 1M
madvise P a hugepage
touch P a write
snap full
madvise P a pageout 32K 64K
snap out
madvise P a cold 160K 64K
snap cold
madvise P a free 288K 64K
snap free
fork P Q
madvise P a pageout 416K 64K
madvise P a cold 448K 100K
madvise P a free 600K 64K
snap shared
madvise Q a dontneed 700K 64K
exit Q
madvise P a pageout
snap rest
touch P a read
exit P
swapoff swapfile
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-16kB/stats/zswpout
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-32kB/stats/zswpout
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/zswpout
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-128kB/stats/zswpout
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-256kB/stats/zswpout
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-512kB/stats/zswpout
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-1024kB/stats/zswpout
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/anon_fault_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/anon_fault_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/anon_fault_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/nr_anon
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/nr_anon_partially_mapped
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/shmem_alloc
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/shmem_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/shmem_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/split
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/split_deferred
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/split_failed
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/swpin
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/swpin_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/swpin_fallback_charge
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/swpout
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/swpout_fallback
show /sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/zswpout
show /proc/vmstat
