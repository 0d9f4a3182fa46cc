#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A process that ended is gone at once, by whatever name the kernel knew it;
# who has its pid next shows.
. "$(dirname "$0")/lib.sh"
need_fuse
need_command python3
scratch
here=$(cd "$(dirname "$0")" && pwd)
cd "$TESTDIR" || exit 1
mount_machine -c "$PROFILES/laptop.ini" --set machine.speed=0
python3 "$here/gone.py" "$MNT" "$(pgrep -f "fauxproc.* $MNT\$")" ||
	fault 'gone.py'
cd /
finish
