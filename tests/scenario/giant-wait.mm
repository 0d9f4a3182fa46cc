# SPDX-License-Identifier: Apache-2.0
# Room for pages of 1 GiB where parts of a file lie that are being written: it
# waits for each and goes on in the run that it had begun to empty, so that no
# run is looked at a second time.
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 0
spawn r
spawn a
mkfile f 80M
mmap a m 5G
touch a m write 0M 256M
write r f 0M 4M
touch a m write 256M 256M
write r f 4M 4M
touch a m write 512M 256M
write r f 8M 4M
touch a m write 768M 256M
write r f 12M 4M
touch a m write 1024M 256M
write r f 16M 4M
touch a m write 1280M 256M
write r f 20M 4M
touch a m write 1536M 256M
write r f 24M 4M
touch a m write 1792M 256M
write r f 28M 4M
touch a m write 2048M 256M
write r f 32M 4M
touch a m write 2304M 256M
write r f 36M 4M
touch a m write 2560M 256M
write r f 40M 4M
touch a m write 2816M 256M
write r f 44M 4M
touch a m write 3072M 256M
write r f 48M 4M
touch a m write 3328M 256M
write r f 52M 4M
touch a m write 3584M 256M
write r f 56M 4M
touch a m write 3840M 256M
write r f 60M 4M
touch a m write 4096M 256M
write r f 64M 4M
touch a m write 4352M 256M
write r f 68M 4M
touch a m write 4608M 256M
write r f 72M 4M
touch a m write 4864M 256M
write r f 76M 4M
fork a b
freealt a m
freealt b m
async sync
advance 5ms
set /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 3
expect /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages 1 = 3
expect /proc/vmstat compact_isolated > 100000
expect /model/check 1 = ok
