# SPDX-License-Identifier: Apache-2.0
# docs/labs/28-generations.md: the same load with two lists a type and with generations.
swapon /swapfile 256M
mkfile /data 64M
spawn rd
read rd /data 0 64M
read rd /data 0 64M
spawn a
mmap a heap1 200M
touch a heap1 write 0 140M
expect /proc/vmstat pswpout = 0
expect /proc/vmstat pgsteal_file > 14000
touch a heap1 write 140M 60M
expect /proc/vmstat pswpout > 10000
read rd /data 0 64M
expect /model/check 1 = ok
