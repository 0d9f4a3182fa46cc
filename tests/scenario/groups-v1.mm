# SPDX-License-Identifier: Apache-2.0
# Memory groups of cgroup version 1 (cgroup = v1 in the profile).
swapon /swapfile 128M
mkfile /data 64M
mkcgroup a
mkcgroup a/b
set /sys/fs/cgroup/memory/a/memory.limit_in_bytes 32M
expect /sys/fs/cgroup/memory/a/b/memory.stat hierarchical_memory_limit = 33554432
expect /sys/fs/cgroup/memory/a/b/memory.limit_in_bytes 1 = 9223372036854771712
spawn p
cgroup p a/b

# Cache makes room, then anonymous memory goes to swap.
read p /data 0 64M
expect /sys/fs/cgroup/memory/a/memory.failcnt 1 > 0
expect /sys/fs/cgroup/memory/a/memory.max_usage_in_bytes 1 = 33554432
set /sys/fs/cgroup/memory/a/memory.failcnt 0
expect /sys/fs/cgroup/memory/a/memory.failcnt 1 = 0
mmap p m 48M
touch p m write
expect /sys/fs/cgroup/memory/a/b/memory.stat swap > 10000000
expect /sys/fs/cgroup/memory/a/memory.stat swap = 0
expect /sys/fs/cgroup/memory/a/memory.memsw.usage_in_bytes 1 > 50331648

# With swappiness 0 nothing more does: the limit cannot be kept.
set /sys/fs/cgroup/memory/a/b/memory.swappiness 0
expect /proc/sys/vm/swappiness 1 = 60
set /sys/fs/cgroup/memory/a/b/memory.swappiness 100
set /sys/fs/cgroup/memory/a/memory.limit_in_bytes 24M
expect /sys/fs/cgroup/memory/a/memory.usage_in_bytes 1 <= 25165824
set /sys/fs/cgroup/memory/a/b/memory.force_empty 0

# Memory and swap together: then somebody dies, unless nobody may.
set /sys/fs/cgroup/memory/a/memory.memsw.limit_in_bytes 64M
mmap p big 64M
set /sys/fs/cgroup/memory/a/memory.oom_control 1
async touch p big write
advance 2s
expect /sys/fs/cgroup/memory/a/memory.oom_control under_oom = 1
expect /sys/fs/cgroup/memory/a/memory.oom_control oom_kill = 0
set /sys/fs/cgroup/memory/a/memory.oom_control 0
wait all
expect /sys/fs/cgroup/memory/a/memory.oom_control oom_kill = 1
expect /sys/fs/cgroup/memory/a/memory.memsw.failcnt 1 > 0
advance 1s
rmcgroup a/b
rmcgroup a
expect /model/check 1 = ok
