# Two CPUs, too little memory, swap that fills up, dirty pages: what
# waits, sleeps and is woken while the machine is saved and loaded.
mkfile /hot 24M
mkfile /stream 300M
mkfile /out 64M
swapon /dev/vdb 64M
spawn a
spawn b
spawn c
spawn d
cpu b 1
mmap a heap1 70M
mmap b heap1 40M
mmap c map 24M file=/hot shared
fork a kid
touch a heap1 write 0 40M
touch c map read
workload c map zipf:1.0 rate=20000/s write=20%
async read b /stream 0 300M
async write d /out 0 48M
async touch a heap1 write
advance 20ms
async touch kid heap1 write 0 30M
advance 100ms
wait b
madvise a heap1 pageout 0 8M
touch a heap1 read 0 8M
leak kid rate=40M/s
advance 2s
sync
mlock b heap1 0 8M
touch b heap1 write
advance 500ms
swapoff /dev/vdb
advance 1s
drop_caches 3
show dev/kmsg
exit b
wait all
advance 3s
