#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to a mounted machine in one command: installs what is
# missing, builds, mounts etc/laptop.ini at ./mnt, looks at it with real tools.
set -u

cd "$(dirname "$0")/.." || exit 1
. tools/packages.sh
build=${BUILD:-build}
mnt=$PWD/mnt
bin=$PWD/$build/tools

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
say "Building (this can take a minute) ..."
(install_missing missing_packages && build_tree "$build") >"$log" 2>&1 || {
	cat "$log" >&2
	exit 1
}
say "Built. The daemon is $build/tools/fauxproc, its companion faux."

[ -e /dev/fuse ] || die "this host has no /dev/fuse. Without it:
    $build/tools/faux sim etc/laptop.ini -    reads operations, needs no mount"

if [ -e "$mnt/ctl" ]; then
	say "A machine is already mounted at ./mnt: going on with that one."
else
	mkdir -p "$mnt" 2>/dev/null
	"$bin/fauxproc" -c etc/laptop.ini "$mnt" ||
		die "fauxproc ended with status $?"
	say "Mounted: a laptop of etc/laptop.ini at ./mnt."
fi

# Real programs, unmodified, in a world where ./mnt/proc is /proc.
show()
{
	say ""
	say "\$ faux run -m ./mnt -- $*"
	"$bin/faux" run -m "$mnt" -- sh -c "$*" </dev/null
	status=$?
	[ $status -ne 125 ] || {
		say "No worlds on this host; the tree can be read all the same:"
		say "\$ head -3 mnt/proc/meminfo"
		head -3 "$mnt/proc/meminfo"
		return 1
	}
}

show 'free -h' &&
	show 'vmstat 1 3' &&
	show 'ps -eo pid,ppid,vsz,rss,comm' &&
	show 'cat /proc/[1-9]*/smaps 2>/dev/null |
    awk "/^Pss:/ { sum += \$2 } END { print sum \" kB resident in all\" }"'

cat <<END

Go on:
    cat mnt/model/clock                                  the machine's own time
    $build/tools/faux ctl 'spawn db' 'mmap db heap1 256M' 'touch db heap1 write'
    $build/tools/faux run -m mnt -- bash                         look around with any tool
    echo 3 > mnt/proc/sys/vm/drop_caches
The first experiments are in README.md.
When done:
    $build/tools/faux umount                             or: fusermount3 -u mnt
END
