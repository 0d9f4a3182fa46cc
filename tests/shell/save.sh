#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A mounted machine saves and loads below the folder it was started in, and
# never through its own mount.
. "$(dirname "$0")/lib.sh"
need_fuse
scratch
mkdir "$TESTDIR/mnt" "$TESTDIR/files"
cd "$TESTDIR" || exit 1
mount_machine -c "$PROFILES/small-vm.ini"

ctl 'spawn new' 'mmap new m 8M' 'touch new m write' 'save files/world' >/dev/null ||
	fault 'save'
digest=$(cat "$MNT/model/digest")
ctl 'kill new' 'load files/world' >/dev/null || fault 'load'
expect 'the same machine' = "$(cat "$MNT/model/digest")" "$digest"

# The host's files elsewhere are out of reach, the mount most of all.
for file in "$MNT/model/x" mnt/model/x mnt/ctl ../x /tmp/x . files; do
	ctl "save $file" >/dev/null 2>&1 && fault "save $file went well"
	ctl "load $file" >/dev/null 2>&1 && fault "load $file went well"
done
expect 'nothing was lost' = "$(cat "$MNT/model/digest")" "$digest"
match 'no such file' '\(ENOENT\)' "$(ctl 'load nowhere' 2>/dev/null)"
echo garbage >garbage
ctl 'load garbage' >/dev/null 2>&1 && fault 'garbage was loaded'
expect 'garbage changed nothing' = "$(cat "$MNT/model/digest")" "$digest"

# An open file goes on with the machine that is there.
exec 4<"$MNT/proc/1/status"
ctl reset >/dev/null || fault reset
cat <&4 >/dev/null || fault 'init after a reset'
exec 4<&-
cd / || exit 1
finish
