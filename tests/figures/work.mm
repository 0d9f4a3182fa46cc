# SPDX-License-Identifier: Apache-2.0
# Processes that go on working: CPU time, a leak, readers of a slow disk.
mkfile /srv/data 64M
spawn busy
workload busy - cpu=100%
spawn half
workload half - cpu=50%
spawn user
mmap user heap1 16M
workload user heap1 random rate=5000/s write=30%
spawn leaky
leak leaky rate=1M/s
spawn reader
async read reader /srv/data 0 64M loops=3
advance 10s
snap working
advance 60s
snap later
kill leaky
workload busy - off
advance 30s
snap calm
