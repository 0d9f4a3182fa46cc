# SPDX-License-Identifier: Apache-2.0
# docs/labs/27-swap-tendency.md: 81 % of the memory mapped, reclaim as before 2.6.28.
swapon /swap 512M
mkfile big 2G
spawn r
read r big 0 1G
spawn p
mmap p m 586M
touch p m write
set /proc/p/clear_refs 1
read r big 1G 600M
expect /proc/vmstat pgdeactivate > 10000
expect /proc/vmstat pswpout > 10000
expect /model/check 1 = ok
