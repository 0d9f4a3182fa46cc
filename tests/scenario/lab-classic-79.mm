# SPDX-License-Identifier: Apache-2.0
# docs/labs/27-swap-tendency.md: 79 % of the memory mapped, reclaim as before 2.6.28.
swapon /swap 512M
mkfile big 2G
spawn r
read r big 0 1G
spawn p
mmap p m 560M
touch p m write
set /proc/p/clear_refs 1
read r big 1G 600M
expect /proc/vmstat pgdeactivate < 1000
expect /proc/vmstat pgscan_anon = 0
expect /proc/vmstat pswpout = 0
expect /proc/vmstat pgsteal_file > 300000
expect /model/check 1 = ok
