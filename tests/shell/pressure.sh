#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# proc/pressure: totals that grow, triggers that wake who polls.
. "$(dirname "$0")/lib.sh"
need_fuse
need_command python3
cat > "$TESTDIR/small.ini" <<'INI'
[machine]
memory = 128M
cpus = 1
[disk vda]
filesystem = /
[disk vdb]
size = 512M
bandwidth = 30M
INI
mount_machine -c "$TESTDIR/small.ini"
timeout 60 python3 "$(dirname "$0")/pressure.py" "$MNT" ||
	fault "pressure.py ended with $?"
finish
