# SPDX-License-Identifier: Apache-2.0
# docs/labs/38-groups.md: a limit, a brake and a promise.
mkfile /data 400M

# memory.max: the group pays alone.
mkcgroup limited
set /sys/fs/cgroup/limited/memory.max 32M
spawn greedy
cgroup greedy limited
mmap greedy m 64M
touch greedy m write
expect /sys/fs/cgroup/limited/memory.events oom_kill = 1
expect /sys/fs/cgroup/limited/memory.peak 1 = 33554432
expect /sys/fs/cgroup/limited/cgroup.events populated = 0
expect /proc/vmstat allocstall_movable = 0
rmcgroup limited

# memory.high: nobody dies, but it takes its time.
mkcgroup braked
set /sys/fs/cgroup/braked/memory.high 32M
spawn slow
cgroup slow braked
mmap slow m 36M
touch slow m write 0 31M
expect /sys/fs/cgroup/braked/memory.events high = 0
touch slow m write 31M 5M
expect /sys/fs/cgroup/braked/memory.events high > 50
expect /sys/fs/cgroup/braked/memory.events oom = 0
expect /proc/pressure/memory some.total > 5000000
exit slow
rmcgroup braked

# memory.low: whose memory stays when somebody else wants it all.
swapon /swapfile 256M
cgroup - services
cgroup - services/db
cgroup - services/batch
set /sys/fs/cgroup/services/memory.low 80M
set /sys/fs/cgroup/services/db/memory.low 64M
spawn db
cgroup db services/db
mmap db m 60M
touch db m write
spawn batch
cgroup batch services/batch
mmap batch m 60M
touch batch m write
spawn load
mmap load m 220M
touch load m write
expect /sys/fs/cgroup/services/db/memory.stat anon = 62914560
expect /sys/fs/cgroup/services/batch/memory.stat anon < 40000000
expect /sys/fs/cgroup/services/db/memory.events low = 0

# memory.reclaim takes what it is told to take.
set /sys/fs/cgroup/services/batch/memory.reclaim 4M swappiness=max
set /sys/fs/cgroup/services/db/memory.reclaim 16M
expect /sys/fs/cgroup/services/db/memory.stat pgsteal_proactive >= 4096
expect /model/check 1 = ok
