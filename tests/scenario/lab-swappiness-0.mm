# SPDX-License-Identifier: Apache-2.0
# docs/labs/37-swappiness.md: the same load, swappiness 0.
swapon /swapfile 128M
set /proc/sys/vm/swappiness 0
mkfile /data 96M
spawn db
mmap db heap1 96M
touch db heap1 write
spawn rd
read rd /data 0 96M
read rd /data 0 96M
advance 1s
expect /proc/vmstat pgscan_anon = 0
expect /proc/vmstat pswpout = 0
expect /model/check 1 = ok
