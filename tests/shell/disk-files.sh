#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# MNT/disk is a file system as programs expect it: every call is made on one
# of the host too, and on a disk that a folder of the host backs.
. "$(dirname "$0")/lib.sh"
need_command python3
here=$(dirname "$0")
scratch

profile()
{
	cat <<END
[machine]
memory = 256M
cpus = 2
seed = 1
[disk vda]
size = 64M
latency = 50us
bandwidth = 1G
filesystem = /
$1
END
}

# files_test NAME [full]
files_test()
{
	mkdir "$TESTDIR/$1" "$MNT/disk/t"
	python3 "$here/disk_files.py" "$MNT/disk/t" "$TESTDIR/$1" $2 ||
		fault "$1: files are not as they should be"
	expect "$1: check" = "$(cat "$MNT/model/check")" ok
	rm -rf "$MNT/disk/t"
	expect "$1: all gone" = "$(ls "$MNT/disk/t" 2>&1 | grep -c 'No such')" 1
	expect "$1: check at last" = "$(cat "$MNT/model/check")" ok
}

profile '' >"$TESTDIR/own.ini"
mount_machine -c "$TESTDIR/own.ini"
files_test own full
unmount

mkdir "$TESTDIR/back"
echo old >"$TESTDIR/back/file"
profile "backing = $TESTDIR/back" >"$TESTDIR/back.ini"
mount_machine -c "$TESTDIR/back.ini" --set machine.speed=1
expect 'what was there' = "$(cat "$MNT/disk/file")" old
files_test backed
echo new >"$MNT/disk/file"
mkdir "$MNT/disk/dir"
echo more >"$MNT/disk/dir/more"
unmount
expect 'what stays' = "$(cat "$TESTDIR/back/file" "$TESTDIR/back/dir/more")" \
	"$(printf 'new\nmore')"

# A folder that is not there.
profile "backing = $TESTDIR/none" >"$TESTDIR/none.ini"
"$FAUXPROC" -c "$TESTDIR/none.ini" "$MNT" 2>"$TESTDIR/err"
expect 'no folder: status' = $? 1
match 'no folder' 'backing = .*none: No such file' "$(cat "$TESTDIR/err")"
MNT=
finish
