#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 64 readers and 8 writers at once: no error, no file that does not sum up.
#   CROWD_SECONDS    how long (default 4)
. "$(dirname "$0")/lib.sh"
need_fuse
mount_machine -c "$PROFILES/lab.ini" --set machine.speed=1
mkdir "$MNT/sys/fs/cgroup/crowd"
bare=
if [ -n "${BARE:-}" ]; then
	cp "$MNT/proc/meminfo" "$TESTDIR/meminfo"
	mkdir "$TESTDIR/bare"
	"$BARE" "$TESTDIR/bare" "$TESTDIR/meminfo" &
	bare=$!
	for try in $(seq 100); do
		is_mounted "$TESTDIR/bare" && break
		sleep 0.05
	done
fi
timeout 170 python3 "$(dirname "$0")/crowd.py" "$MNT" "${CROWD_SECONDS:-4}" \
	${bare:+"$TESTDIR/bare/file"} || fault "crowd.py ended with $?"
[ -z "$bare" ] || kill "$bare"
wait
finish
