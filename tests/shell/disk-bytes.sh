#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Contents that the machine made itself: of [file] and mkfile, of what
# simulated processes wrote, and programs that change parts of them.
. "$(dirname "$0")/lib.sh"
scratch
cat >"$TESTDIR/p.ini" <<END
[machine]
memory = 256M
seed = 1
[disk vda]
size = 4G
filesystem = /
[disk vdb]
size = 64M
[file /data/big]
size = 1M
[file /data/own]
size = 9000
content = $0
END
mount_machine -c "$TESTDIR/p.ini"
disk=$MNT/disk
big=$disk/data/big

# numbers FILE PAGES: of its first pages, a line each with how many lines of a
# page bear it
numbers()
{
	dd if="$1" bs=4k count="$2" 2>/dev/null | cut -c 1-8 | uniq -c
}

drop()
{
	ctl sync >/dev/null
	echo 3 >"$MNT/proc/sys/vm/drop_caches"
}

# --- a number a page, however it is read ------------------------------------
was=$(numbers "$big" 3)
expect 'pages' = "$(echo "$was" | awk '{ printf "%s ", $1 }')" '64 64 64 '
sum=$(md5sum <"$big")
expect 'other ways to read' = "$(dd if="$big" bs=777 2>/dev/null | md5sum)" \
	"$sum"
expect 'direct' = "$(dd if="$big" iflag=direct bs=64k 2>/dev/null | md5sum)" \
	"$sum"
drop
expect 'from the disk' = "$(md5sum <"$big")" "$sum"
head -c 9000 "$0" | cmp - "$disk/data/own" >"$TESTDIR/cmp" 2>&1
expect 'content=: a file of the host' -eq "$(grep -c differ "$TESTDIR/cmp")" 0
expect 'room' = "$(stat -c %b "$big")" 2048
cp --sparse=auto "$big" "$TESTDIR/copy"
expect 'cp' = "$(md5sum <"$TESTDIR/copy")" "$sum"

# --- a simulated process writes ---------------------------------------------
ctl 'spawn w' 'write w /data/big 4K 4K' >/dev/null
now=$(numbers "$big" 3)
expect 'the page before' = "$(echo "$now" | sed -n 1p)" \
	"$(echo "$was" | sed -n 1p)"
[ "$(echo "$now" | sed -n 2p)" != "$(echo "$was" | sed -n 2p)" ] ||
	fault 'a written page is as it was'
drop
expect 'written, dropped, read' = "$(numbers "$big" 3)" "$now"
ctl 'mmap w m 64K file=/data/big shared' 'touch w m write 0 4K value=7' \
	'touch w m write 8K 4K value=7' 'touch w m write 12K 4K value=0' >/dev/null
now=$(numbers "$big" 3)
expect 'equal values' = "$(echo "$now" | sed -n 1p)" \
	"$(echo "$now" | sed -n 3p)"
page3()
{
	dd if="$big" bs=4k skip=3 count=1 2>/dev/null | tr -d '\0' | wc -c
}
expect 'value 0: zeroes' -eq "$(page3)" 0
drop
expect 'stored, dropped, read' = "$(numbers "$big" 3) $(page3)" "$now 0"

# --- a program changes a part of it -----------------------------------------
dd if="$big" bs=4k count=3 of="$TESTDIR/part" 2>/dev/null
for file in "$big" "$TESTDIR/part"; do
	printf HELLO | dd of="$file" bs=1 seek=4200 conv=notrunc 2>/dev/null
	dd if=/dev/zero of="$file" bs=1 seek=4000 count=3 conv=notrunc 2>/dev/null
done
dd if="$big" bs=4k count=3 2>/dev/null | cmp - "$TESTDIR/part" ||
	fault 'bytes beside those written'
drop
dd if="$big" bs=4k count=3 2>/dev/null | cmp - "$TESTDIR/part" ||
	fault 'bytes beside those written, from the disk'
truncate -s 8200 "$big" "$TESTDIR/part"
truncate -s 20000 "$big" "$TESTDIR/part"
cmp "$big" "$TESTDIR/part" || fault 'cut, then longer'
ctl 'mkfile /small 100' >/dev/null
cp "$disk/small" "$TESTDIR/small"
for file in "$disk/small" "$TESTDIR/small"; do
	printf x | dd of="$file" bs=1 seek=5000 conv=notrunc 2>/dev/null
done
cmp "$disk/small" "$TESTDIR/small" || fault 'behind the end'
ctl 'write w /small 4K 100' >/dev/null
expect 'and a process again' = \
	"$(dd if="$disk/small" bs=4k skip=1 2>/dev/null | head -c 904 |
		cut -c 1-8 | uniq | wc -l)" 1
ctl 'mkfile /holes 64K' >/dev/null
if fallocate -p -o 4000 -l 5000 "$disk/holes" 2>/dev/null; then
	expect 'a hole' -eq "$(tr -d '\0' <"$disk/holes" | wc -c)" 60536
fi

# --- a disk with a file system: what lies on it -------------------------------
# found WORD: lines of the disk's first 64 MiB that have it
found()
{
	drop
	dd if="$MNT/dev/vda" bs=1M count=64 2>/dev/null | grep -ac "$1"
}
one=$(ctl 'mkfile /seen 64K' >/dev/null; dd if="$disk/seen" bs=4k skip=7 \
	count=1 2>/dev/null | head -c 8)
expect 'a page of a file' -eq "$(found "^$one ")" 64
ctl 'write w /seen 28K 4K' >/dev/null
two=$(dd if="$disk/seen" bs=4k skip=7 count=1 2>/dev/null | head -c 8)
expect 'written' -eq "$(found "^$two ")" 64
expect 'and not what it was' -eq "$(found "^$one ")" 0
# not as this file says it, which lies there too
needle=$(echo a,needle | tr , -)
echo "$needle" >"$disk/hay"
dd if="$MNT/dev/vda" bs=1M count=64 iflag=direct 2>/dev/null |
	grep -aq "$needle" && fault 'it is on the disk before it is written'
expect 'what a program wrote' -eq "$(found "$needle")" 1
rm "$disk/hay"
ctl 'rm /seen' >/dev/null
expect 'removed' = "$(found "$needle") $(found "^$two ")" '0 0'

# --- holes, memory, devices, size -------------------------------------------
truncate -s 1M "$disk/sparse"
expect 'a program made holes' -eq "$(tr -d '\0' <"$disk/sparse" | wc -c)" 0
expect 'room of holes' -le "$(stat -c %b "$disk/sparse")" 8
ctl 'write w /sparse 64K 4K' 'mkfile /dev/shm/a 8K' \
	'write w /dev/shm/a 0 4K' 'write w /dev/vdb 1M 8K' 'mkfile /wide 1T' \
	>/dev/null
cp --sparse=auto "$disk/sparse" "$TESTDIR/sparse"
expect 'data in it' -eq "$(tr -d '\0' <"$TESTDIR/sparse" | wc -c)" 4096
expect 'tmpfs' -eq "$(tr -d '\0' <"$disk/dev/shm/a" | wc -c)" 4096
expect 'a disk' -eq "$(tr -d '\0' <"$MNT/dev/vdb" | wc -c)" 8192
printf x | dd of="$MNT/dev/vdb" bs=1 seek=1048676 conv=notrunc 2>/dev/null
expect 'a disk, a part written' -eq "$(tr -d '\0' <"$MNT/dev/vdb" | wc -c)" 8192
expect 'a terabyte' = "$(numbers "$disk/wide" 1 | awk '{ print $1 }')" 64
ctl 'rm /wide' 'rm /small' >/dev/null
finish
