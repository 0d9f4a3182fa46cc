#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dev/kmsg and model/events: read, followed, waited for.
. "$(dirname "$0")/lib.sh"
need_fuse
need_command python3
mount_machine -c "$PROFILES/laptop.ini"
timeout 60 python3 "$(dirname "$0")/kmsg.py" "$MNT" ||
	fault "kmsg.py ended with $?"
finish
