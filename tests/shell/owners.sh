#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may open what: the kernel's modes, checked at open.
. "$(dirname "$0")/lib.sh"
need_fuse
need_command setpriv
[ "$(id -u)" -eq 0 ] || skip 'not root: nobody else to be'

# stranger COMMAND: as nobody
stranger()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "$*" 2>&1
}

# refused WHAT ERRNO-TEXT COMMAND
refused()
{
	match "$1" "$2" "$(sh -c "$3" 2>&1)"
}

cd / || exit 1
mount_machine -c "$PROFILES/laptop.ini"
chmod 755 "$TESTDIR"
match 'without allow_other' 'Permission denied' \
	"$(stranger "cat $MNT/proc/meminfo")"
refused 'a 0200 sysctl' 'Permission denied' "cat $MNT/proc/sys/vm/drop_caches"
f=$(find "$MNT/proc/sys" -type f -perm 444 | head -n 1)
[ -z "$f" ] || refused 'a 0444 sysctl' 'Permission denied' ": >$f"
refused create 'Operation not permitted' ": >$MNT/proc/new"
refused mkdir 'Operation not permitted' "mkdir $MNT/sys/new"
refused rm 'Operation not permitted' "rm $MNT/proc/meminfo"
refused chmod 'Operation not permitted' "chmod 600 $MNT/proc/meminfo"
refused 'no such file' 'No such file' "cat $MNT/proc/nowhere"
refused 'a folder' 'Is a directory' "cat $MNT/proc/1"
expect owner = "$(stat -c %u "$MNT/proc/meminfo")" 0
unmount

mount_machine -c "$PROFILES/laptop.ini" -o allow_other
match allow_other '^MemTotal:' "$(stranger "cat $MNT/proc/meminfo")"
match 'ctl is the owner'"'"'s' 'Permission denied' \
	"$(stranger "cat $MNT/ctl")"
match 'a 0600 file' 'Permission denied' "$(stranger "cat $MNT/proc/slabinfo")"
match 'a sysctl cannot be set' 'Permission denied' \
	"$(stranger "echo 10 >$MNT/proc/sys/vm/swappiness")"
expect 'access(2) goes by it' = "$(stranger "test -w $MNT/ctl || echo no")" no
stranger "test -r $MNT/proc/meminfo" || fault 'access(2) of a 0444 file'
finish
