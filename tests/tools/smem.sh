#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# smem by its own option: nothing is mounted over anything.
. "$(dirname "$0")/lib-tools.sh"
need_command smem
load_machine small-vm
pid=$(cat "$MNT"/proc/[0-9]*/stat | awk '$2 == "(kid)" { print $1 }')
out=$(smem -S "$MNT" -H -c 'pid uss pss rss' 2>"$TESTDIR/err") ||
	fault "smem ended with $?: $(cat "$TESTDIR/err")"
expect 'smem: RSS' = \
	"$(echo "$out" | awk -v p="$pid" '$1 == p { print $4 }')" \
	"$(field "$MNT/proc/$pid/smaps_rollup" Rss)"
expect 'smem: what all have is what is mapped' -le \
	"$(echo "$out" | awk '{ n += $3 } END { print n }')" \
	$(($(kb AnonPages) + $(kb Mapped)))
finish
