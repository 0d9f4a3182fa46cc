# SPDX-License-Identifier: Apache-2.0
# A leak. Free falls, then pages go out, then one is killed ...
swapon /swapfile 64M
spawn leaky
leak leaky rate=40M/s
advance 2s
expect /proc/meminfo MemFree < 100000
expect /proc/vmstat pswpout = 0
until /proc/vmstat pswpout > 1000 max=20s
expect /proc/meminfo MemFree < 20000
expect /proc/vmstat oom_kill = 0
until /proc/vmstat oom_kill = 1 max=20s
expect /proc/vmstat pswpout > 16000
# ... and memory is free again at once, while what others have in swap stays.
advance 1s
expect /proc/meminfo MemFree > 150000
expect /proc/meminfo SwapFree < 60000
expect /model/check 1 = ok
