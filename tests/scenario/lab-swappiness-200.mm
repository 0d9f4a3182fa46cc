# SPDX-License-Identifier: Apache-2.0
# docs/labs/37-swappiness.md: the same load, swappiness 200.
swapon /swapfile 128M
set /proc/sys/vm/swappiness 200
mkfile /data 96M
spawn db
mmap db heap1 96M
touch db heap1 write
spawn rd
read rd /data 0 96M
read rd /data 0 96M
advance 1s
expect /proc/vmstat pswpout > 10000
expect /proc/meminfo AnonPages < 80000
expect /proc/meminfo Cached > 96000
expect /model/check 1 = ok
