#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Single files of the tree over the real ones, without a world.
. "$(dirname "$0")/lib.sh"
need_fuse
need_command free vmstat awk unshare
mount_machine -c "$PROFILES/laptop.ini"

# What the tools must show, run where the files are bound.
cat >"$TESTDIR/inside" <<'EOF2'
set -e
for f in meminfo vmstat stat diskstats zoneinfo; do
	mount --bind "$1/proc/$f" "/proc/$f"
done
free -k | awk '$1 == "Mem:" { print "free", $2 }'
awk '$1 == "MemTotal:" { print "awk", $2 }' /proc/meminfo
vmstat 1 3 | awk 'END { print "vmstat", NR }'
vmstat -s | awk '/ K total memory$/ { print "total", $1 }'
EOF2

total=$(field "$MNT/proc/meminfo" MemTotal)
judge()
{
	match "$1" "^free $total\$" "$out"
	match "$1" "^awk $total\$" "$out"
	match "$1" '^vmstat 5$' "$out"
	match "$1" "^total $total\$" "$out"
}

if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	out=$(unshare -m sh "$TESTDIR/inside" "$MNT") ||
		fault "as root: ended with $?"
	judge 'as root'
fi
if unshare -Urm true 2>/dev/null; then
	out=$(unshare -Urm sh "$TESTDIR/inside" "$MNT") ||
		fault "unshare -Urm: ended with $?"
	judge 'unshare -Urm'
fi
finish
