#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Readers during operations, two writers of ctl, processes that end while
# others look at them.
. "$(dirname "$0")/lib.sh"
need_fuse
mount_machine -c "$PROFILES/laptop.ini"
timeout 120 python3 "$(dirname "$0")/parallel.py" "$MNT" ||
	fault "parallel.py ended with $?"
finish
