#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real tools see the swap areas of the machine.
. "$(dirname "$0")/lib.sh"
need_fuse
need_namespaces
need_command free vmstat swapon
mount_machine -c "$PROFILES/small-vm.ini"
ctl 'swapon /swapfile 512M' >"$TESTDIR/out" 2>&1 ||
	! grep -q '(ENOSYS)' "$TESTDIR/out" || skip 'the model has no swap'

out=$("$FAUX" run -m "$MNT" -- sh -c 'free -k; vmstat -s; swapon --show')
match free '^Swap: +5242(84|88) ' "$out"
match 'vmstat -s' '^ +524(284|288) K total swap$' "$out"
match swapon '^/swapfile +file +512M ' "$out"
finish
