#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Several writers of ctl and of files at once, some of whom give up: the
# journal, run without a mount, ends in the same state to the byte.
#   SECONDS_EACH, SEEDS    how long and how often (default 2 seconds, once)
. "$(dirname "$0")/lib.sh"
need_fuse
scratch
here=$(dirname "$0")

profile()
{
	cat <<-END
	[machine]
	memory = 96M
	cpus = 2
	spawn = bare
	speed = $1
	[disk vda]
	size = 4G
	latency = 100us
	filesystem = /
	[cgroup g0]
	[cgroup g1]
	[swap /swap]
	size = 64M
	END
}

# session SPEED SEED
session()
{
	profile "$1" >"$TESTDIR/p.ini"
	mount_machine -c "$TESTDIR/p.ini"
	timeout 180 python3 "$here/journal.py" "$MNT" "${SECONDS_EACH:-2}" "$2" ||
		fault "journal.py ended with $?"
	ctl 'speed 0' 'advance 1ms' >/dev/null
	cp "$MNT/model/journal" "$TESTDIR/journal"
	digest=$(cat "$MNT/model/digest")
	{
		cat "$TESTDIR/journal"
		echo 'show /model/digest'
	} >"$TESTDIR/again.mm"
	timeout 180 "$FAUX" sim "$TESTDIR/p.ini" "$TESTDIR/again.mm" \
		>"$TESTDIR/out" || fault 'the journal does not run'
	expect "the same state at speed $1, seed $2" = \
		"$(tail -n 1 "$TESTDIR/out")" "$digest"
}

check_and_unmount()
{
	expect model/check = "$(cat "$MNT/model/check")" ok
	unmount
}

seed=1
while [ "$seed" -le "${SEEDS:-1}" ]; do
	session 1 "$seed"
	check_and_unmount
	session 0 "$seed"
	check_and_unmount
	seed=$((seed + 1))
done
finish
