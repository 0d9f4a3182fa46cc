#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# However the daemon ends, the mount goes, and the next one can start.
. "$(dirname "$0")/lib.sh"
need_fuse
mount_machine -c "$PROFILES/laptop.ini"

gone()
{
	for gone_try in $(seq 100); do
		is_mounted "$MNT" || return 0
		sleep 0.05
	done
	fault "$1: still mounted"
}

# The daemon of $MNT: its command line ends with the mount point.
daemon_pid()
{
	pgrep -f "fauxproc.* $MNT\$"
}

check()
{
	expect "$1: model/check" = "$(cat "$MNT/model/check")" ok
}

check start
kill -TERM "$(daemon_pid)"
gone SIGTERM

mount_machine -c "$PROFILES/laptop.ini"
check 'after SIGTERM'
kill -INT "$(daemon_pid)"
gone SIGINT

mount_machine -c "$PROFILES/laptop.ini"
ctl 'spawn db' 'mmap db m 64M' 'touch db m write' >/dev/null ||
	fault 'operations'
kill -9 "$(daemon_pid)"
sleep 0.2
cat "$MNT/proc/meminfo" >/dev/null 2>&1 && fault 'a dead mount answers'
for use in 'ctl sync' 'run -- true'; do
	# Words of a command: the split is wanted.
	# shellcheck disable=SC2086
	"$FAUX" -m "$MNT" $use >"$TESTDIR/err" 2>&1 && fault "faux $use"
	match "faux $use" 'the daemon is gone' "$(cat "$TESTDIR/err")"
done

# The dead mount is taken down, with a notice, and the machine is a new one.
"$FAUXPROC" -c "$PROFILES/laptop.ini" "$MNT" 2>"$TESTDIR/err" ||
	fault "start on a dead mount ended with $?"
[ -s "$TESTDIR/err" ] || fault 'no notice of the dead mount'
check 'after kill -9'
grep -l '^Name:.db$' "$MNT"/proc/[0-9]*/status 2>/dev/null &&
	fault 'the old machine lives'

# A reader that stays does not keep it from ending.
exec 4<"$MNT/proc/meminfo"
kill -TERM "$(daemon_pid)"
gone 'SIGTERM with an open file'
exec 4<&-
finish
