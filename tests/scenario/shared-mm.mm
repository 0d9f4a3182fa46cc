# SPDX-License-Identifier: Apache-2.0
# vfork and clone live in the parent's memory, fork copies it, exec leaves it.
spawn p
mmap p a 1M
touch p a write
expect /model/p/mm mm_users = 1
vfork p v
clone p c
expect /model/p/mm mm_users = 3
expect /model/v/mm rss_anon = 256
# One space: what one does, all see.
mmap c b 512K
touch v b write
expect /model/p/mm rss_anon = 384
expect /proc/p/smaps_rollup Rss = 1536
expect /proc/v/smaps_rollup Rss = 1536
munmap p a
expect /model/c/mm rss_anon = 128
brk c +1M
touch p heap write
expect /model/v/mm rss_anon = 384
malloc v m 40K
touch p m write
free c m
# Each memory counts once.
fork v f
expect /model/f/mm mm_users = 1
expect /model/p/mm mm_users = 3
expect /proc/f/smaps_rollup Pss < 1600
# exec leaves it, exit leaves it; the last one takes it along.
exec v prog
expect /model/p/mm mm_users = 2
exit p
expect /model/c/mm mm_users = 1
touch c b write
kill c
expect /proc/f/smaps_rollup Pss >= 1536
# A fault of one that is refused kills it alone.
clone f g
touch g @0 read
expect /model/f/mm mm_users = 1
expect /model/check 1 = ok
