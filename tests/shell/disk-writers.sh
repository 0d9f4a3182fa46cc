#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Eight writers while memory is short: every byte is read back.
. "$(dirname "$0")/lib.sh"
need_command python3
here=$(dirname "$0")
scratch
cat >"$TESTDIR/p.ini" <<'END'
[machine]
memory = 128M
cpus = 4
seed = 1
[disk vda]
size = 2G
latency = 50us
bandwidth = 500M
filesystem = /
[swap /swapfile]
size = 64M
END

# writers SEED ROUNDS
writers()
{
	mkdir "$MNT/disk/w"
	python3 "$here/disk_writers.py" "$MNT/disk/w" 8 24 "$1" "$2" ||
		fault "writers, seed $1"
	rm -r "$MNT/disk/w"
}

mount_machine -c "$TESTDIR/p.ini"
ctl 'spawn hog' 'mmap hog h 60M' 'touch hog h write' \
	'workload hog h random rate=2000/s write=50%' >/dev/null
writers "${SEED:-1}" "${ROUNDS:-60}"
expect 'memory was short' -gt \
	"$(awk '/^pgsteal_(kswapd|direct) / { n += $2 } END { print n }' \
		"$MNT/proc/vmstat")" 1000
expect 'nobody was killed' = "$(field "$MNT/proc/vmstat" oom_kill)" 0
ctl 'drop_caches 3' >/dev/null
expect 'check' = "$(cat "$MNT/model/check")" ok
finish
