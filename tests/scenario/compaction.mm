# SPDX-License-Identifier: Apache-2.0
# Compaction: pages scattered over a zone go to its end, and whoever maps them
# does not notice.
spawn p
mmap p a 64M
touch p a write
fork p child
spawn reader
mkfile f 16M
read reader f 0 16M
mmap reader m 16M file=f shared
touch reader m write
freealt p a
freealt child a
mlock p a 64K 4K
expect /proc/vmstat pgmigrate_success = 0
expect /model/p/mm rss_anon = 8193
set /proc/sys/vm/compact_memory 1
expect /proc/vmstat pgmigrate_success > 8000
expect /proc/vmstat compact_isolated > 16000
expect /proc/vmstat compact_daemon_migrate_scanned = 0
expect /model/check 1 = ok
# Nothing was lost, nothing is shared that was not: no fault but for holes.
expect /model/p/mm rss_anon = 8193
expect /model/child/mm rss_anon = 8192
touch reader m read
expect /model/check 1 = ok
# A second time the work is done: little moves.
touch child a write 0 4M
exit p
rm f
exit reader
set /proc/sys/vm/compact_memory 1
exit child
expect /model/check 1 = ok
