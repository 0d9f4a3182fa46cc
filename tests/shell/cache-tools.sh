#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# faux pcstat, cachestat and cachetop say what was read, from where.
. "$(dirname "$0")/lib.sh"
mount_machine -c "$PROFILES/small-vm.ini"

# row FILE: Size, Pages, Cached, Percent
row()
{
	"$FAUX" -m "$MNT" pcstat "$1" |
		awk -v f="$1" '$2 == f { print $4, $6, $8, $10 }'
}

# till FILE PATTERN: until a background command has printed it
till()
{
	till_left=100
	until grep -q "$2" "$1"; do
		till_left=$((till_left - 1))
		[ $till_left -gt 0 ] || {
			fault "no $2 in $1"
			return
		}
		sleep 0.1
	done
}

ctl 'mkfile /data 5M' 'spawn rd' >/dev/null
expect 'pcstat: cold' = "$(row /data)" '5242880 1280 0 000.000'
ctl 'read rd /data 0 2560K' 'fadvise rd /data random' >/dev/null
cached=$(awk '$1 == "/data" { print $3 }' "$MNT/model/files")
expect 'pcstat: pages' = "$(row /data | awk '{ print $3 }')" "$cached"
ctl 'read rd /data 0 5M' >/dev/null
expect 'pcstat: warm' = "$(row /data)" '5242880 1280 1280 100.000'
echo 1 >"$MNT/proc/sys/vm/drop_caches"
expect 'pcstat: dropped' = "$(row /data)" '5242880 1280 0 000.000'
out=$("$FAUX" -m "$MNT" pcstat data /mnt/data "$MNT/disk/data")
expect 'pcstat: ways to name it' = \
	"$(echo "$out" | grep -c '^| /data  *| 5242880 ')" 3
out=$("$FAUX" -m "$MNT" pcstat /none /data 2>"$TESTDIR/err")
expect 'pcstat: status' = $? 1
match 'pcstat: the others' '^\| /data ' "$out"
match 'pcstat: why' '/none: no such file' "$(cat "$TESTDIR/err")"

# All from the disk, then all from memory, then newly written.
"$FAUX" -m "$MNT" cachestat 3 1 >"$TESTDIR/stat" &
job=$!
till "$TESTDIR/stat" HITRATIO
ctl 'read rd /data 0 5M' 'read rd /data 0 5M' 'read rd /data 0 5M' \
	'write rd /new 0 1M' >/dev/null
wait $job || fault "cachestat ended with $?"
# 3 x 1280 read, 1280 of them missed, 256 written
expect 'cachestat' = \
	"$(awk 'NR == 2 { print $1, $2, $3, $4 }' "$TESTDIR/stat")" \
	'2816 1280 256 68.75%'
expect 'cachestat: Cached' = "$(awk 'NR == 2 { print $6 }' "$TESTDIR/stat")" \
	$(($(field "$MNT/proc/meminfo" Cached) / 1024))

"$FAUX" -m "$MNT" cachetop 2 1 >"$TESTDIR/top" &
job=$!
while kill -0 $job 2>/dev/null; do
	ctl 'read rd /data 0 5M' >/dev/null
	sleep 0.2
done
wait $job || fault "cachetop ended with $?"
match 'cachetop: heading' '^[0-9:]{8} Buffers MB: [0-9]+ / Cached MB: [0-9]+' \
	"$(cat "$TESTDIR/top")"
match 'cachetop' \
	'^ +[0-9]+ root +rd +[1-9][0-9]* +0 +0 +100\.0% +0\.0%$' \
	"$(cat "$TESTDIR/top")"

for words in 'cachestat x' 'cachestat 0' 'cachestat 1 1 1' 'cachetop -1' pcstat
do
	# The words are words.
	# shellcheck disable=SC2086
	"$FAUX" -m "$MNT" $words >/dev/null 2>&1
	expect "$words" = $? 2
done
out=$("$FAUX" -m "$TESTDIR" cachestat 1 1 2>&1)
expect 'no machine' = $? 1
match 'no machine' 'is a machine mounted there' "$out"
finish
