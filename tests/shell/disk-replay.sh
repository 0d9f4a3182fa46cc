#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A session of real programs, its clock that of the wall; its journal, run
# without a mount, ends in the same state to the byte.
. "$(dirname "$0")/lib.sh"
scratch
cat >"$TESTDIR/p.ini" <<'END'
[machine]
memory = 256M
cpus = 2
seed = 1
speed = 1
[disk vda]
size = 4G
latency = 100us
bandwidth = 200M
filesystem = /
[file /data/big]
size = 32M
[file /etc/a.conf]
size = 4K
END
mount_machine -c "$TESTDIR/p.ini"
disk=$MNT/disk
{
	dd if="$disk/data/big" of=/dev/null bs=1M
	echo hello >"$disk/hello"
	mkdir "$disk/dir"
	mv "$disk/hello" "$disk/dir/h2"
	ln "$disk/dir/h2" "$disk/h3"
	ls -lR "$disk"
	dd if=/dev/zero of="$disk/z" bs=64k count=50 conv=fsync &
	one=$!
	dd if=/dev/zero of="$disk/y" bs=64k count=50 &
	find "$disk" -name '*.conf' -ls
	wait $one $!
	dd if="$disk/data/big" of=/dev/null bs=1M iflag=direct count=10
	rm -r "$disk/dir"
	sleep 0.3
} >/dev/null 2>&1
ctl 'speed 0' 'advance 1ms' >/dev/null
cp "$MNT/model/journal" "$TESTDIR/journal"
digest=$(cat "$MNT/model/digest")
{
	cat "$TESTDIR/journal"
	echo 'show /model/digest'
} >"$TESTDIR/again.mm"
"$FAUX" sim "$TESTDIR/p.ini" "$TESTDIR/again.mm" >"$TESTDIR/out" ||
	fault 'the journal does not run'
expect 'the same state' = "$(tail -n 1 "$TESTDIR/out")" "$digest"
finish
