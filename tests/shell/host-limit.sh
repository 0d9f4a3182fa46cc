#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# max_host_memory holds under a script that asks for everything: what needs
# more fails and says so, all that was done stays right, the daemon lives.
. "$(dirname "$0")/lib.sh"
need_fuse
scratch
cat >"$TESTDIR/asks.mm" <<'END'
spawn a
mmap a m 60G noreserve
touch a m write
spawn b
mmap b s 4G shared
touch b s write
mkfile /f 20G
read b /f 0 20G
write b /g 0 8G
mkfiles b /d 1000000 4K
statfiles b /d 1000000 negative
shmget b k 8G
shmat b r k
touch b r write
fork a c
touch c m write
kmalloc x 4M
slab y dentry 10000000
vmalloc z 8G
alloc_pages q 0 4000000
cgroup b one
set /sys/fs/cgroup/one/memory.max 8M
set /proc/sys/vm/nr_hugepages 10000
set /proc/sys/vm/compact_memory 1
workload a m random rate=5000/s
leak b rate=1G/s
advance 5s
swapout a
set /proc/sys/vm/drop_caches 3
kill a
kill b
spawn z
mmap z m 1M
touch z m write
END

# with LIMIT-IN-MIB MEMORY
with()
{
	cat >"$TESTDIR/p.ini" <<-END
	[machine]
	memory = $2
	cpus = 2
	max_host_memory = $1M
	[disk vda]
	size = 1T
	filesystem = /
	[swap /swap]
	size = 2G
	END
	mount_machine -c "$TESTDIR/p.ini"
	refused=0
	while read -r line; do
		said=$(ctl "$line" 2>/dev/null)
		case $said in
		*'the host limit: max_host_memory is used up (ENOBUFS)'*)
			refused=$((refused + 1)) ;;
		*ENOBUFS* | *'the host:'*) fault "$line: $said" ;;
		esac
	done <"$TESTDIR/asks.mm"
	expect "$1 MiB: operations that were refused" -gt $refused 0
	expect "$1 MiB: model/check" = "$(cat "$MNT/model/check")" ok
	unmount
}

with 28 1G
with 40 64G
finish
