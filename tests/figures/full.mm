# SPDX-License-Identifier: Apache-2.0
# More files and pages than there is memory: reclaim and writeback run.
mkfile /a 300M
mkfile /b 200M
spawn reader
spawn hog
read reader /a 0 300M
snap read
write reader /b 0 100M
snap written
mmap hog heap1 120M
touch hog heap1 write
snap touched
read reader /b 0 200M
advance 35s
snap clean
touch hog heap1 write
munmap hog heap1 0 60M
snap less
exit hog
snap gone
