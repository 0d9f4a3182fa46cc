# SPDX-License-Identifier: Apache-2.0
# malloc and free: brk for small requests, mappings for large ones.
spawn p
expect /model/p/mm brk = 10000000
# 100K moves the heap: 132 KiB more, of which two pages hold headers ...
malloc p a 100K
expect /model/p/mm brk = 10021000
expect /model/p/mm rss_anon = 2
# ... 200K maps: its header's page alone is there.
malloc p b 200K
expect /model/p/mm brk = 10021000
expect /model/p/mm map_count = 2
expect /model/p/mm rss_anon = 3
touch p a write
touch p b write
expect /model/p/mm rss_anon = 76
# Freed small memory stays in Rss and is reused without a fault ...
free p a
expect /model/p/mm rss_anon = 76
expect /proc/p/stat 10 = 76
malloc p a 100K
touch p a write
expect /proc/p/stat 10 = 76
# ... a freed mapping goes back, and from now on its size is worth the heap.
free p b
expect /model/p/mm rss_anon = 26
expect /model/p/mm map_count = 1
malloc p b 200K
expect /model/p/mm brk = 1006c000
free p b
# A hole below a live chunk is not given back ...
malloc p low 120K
malloc p high 120K
touch p low write
touch p high write
malloc p pin 2000
free p low
free p high
expect /model/p/mm rss_anon > 80
# ... the end of the heap is, once more than 128 KiB of it are free.
spawn t
malloc t x 120K
malloc t y 120K
touch t x write
touch t y write
expect /model/t/mm brk = 1005d000
free t y
expect /model/t/mm brk = 1003f000
free t x
expect /model/t/mm brk = 10021000
expect /model/t/mm rss_anon = 33
# A child has its own copy of it all.
fork p q
free q a
expect /proc/p/stat 10 = 136
malloc q a 100K
exit p
malloc q b 3M
exit q
# Each of a thousand large ones takes a page.
spawn many
malloc many m1 256K
malloc many m2 256K
malloc many m3 256K
expect /proc/many/stat 10 = 4
expect /model/many/mm map_count <= 4
expect /model/check 1 = ok
