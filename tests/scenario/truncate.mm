# SPDX-License-Identifier: Apache-2.0
# A file that is cut in the middle of a large folio: what lies in front of the
# end stays cached, what lies behind it goes (truncate_inode_partial_folio()).
spawn p
mkfile f 8M
fadvise p f sequential
read p f 0 8M
mmap p m 8M file=f shared
touch p m read
truncate p f 5000001
expect /model/check 1 = ok
touch p m read 0 4M
truncate p f 3M
expect /model/check 1 = ok
expect /proc/p/smaps Rss = 3072
truncate p f 1234567
expect /proc/p/smaps Rss = 1208
expect /model/check 1 = ok
# Nothing has to be read again.
touch p m read 0 1208K
# Dirty buffers: it cannot be split, and stays whole until it is written.
write p f 0 1M
truncate p f 700K
expect /model/check 1 = ok
set /proc/sys/vm/compact_memory 1
fsync p f
touch p m read 0 700K
touch p m read 700K 4K
expect /model/check 1 = ok
