# SPDX-License-Identifier: Apache-2.0
# A write to compact_memory waits for pages that are being written
# (MIGRATE_SYNC): none of them fails to move.
spawn h
mmap h a 130M
touch h a write
spawn w
mkfile f 64M
write w f 0 24M
exit h
async fsync w f
expect /proc/vmstat nr_writeback > 500
set /proc/sys/vm/compact_memory 1
expect /proc/vmstat pgmigrate_success > 1000
expect /proc/vmstat pgmigrate_fail < 40
expect /model/check 1 = ok
wait w
