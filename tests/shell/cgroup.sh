#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Memory groups are made, used and removed with mkdir, echo and rmdir.
. "$(dirname "$0")/lib.sh"
need_fuse
mount_machine -c "$PROFILES/small-vm.ini"
G=$MNT/sys/fs/cgroup

refused()
{
	what=$1
	shift
	"$@" 2>/dev/null && fault "$what went well"
}

put()
{
	(echo "$2" >"$1")
}

mkdir "$G/web" "$G/web/a" || fault 'mkdir'
refused 'a second web' mkdir "$G/web"
refused 'a name with a blank' mkdir "$G/a b"
refused 'the name of a file' mkdir "$G/web/memory.max"
refused 'mkdir elsewhere' mkdir "$MNT/sys/kernel/x"
refused 'a file' touch "$G/web/file"
expect 'web has the controller' = "$(cat "$G/web/cgroup.controllers")" memory
expect 'a has not' = "$(cat "$G/web/a/cgroup.controllers")" ''
[ -e "$G/web/a/memory.max" ] && fault 'a has memory.max'
refused 'a controller that is not there' put "$G/web/a/cgroup.subtree_control" +memory
put "$G/web/cgroup.subtree_control" +memory || fault '+memory'
[ -e "$G/web/a/memory.max" ] || fault 'a has no memory.max'

# No process beside groups that share memory out.
pid=$(ctl 'spawn hog' | awk '{ print $3 }')
refused 'a process in web' put "$G/web/cgroup.procs" "$pid"
put "$G/web/a/cgroup.procs" "$pid" || fault 'hog into a'
expect 'who is in a' = "$(cat "$G/web/a/cgroup.procs")" "$pid"
expect 'PID/cgroup' = "$(cat "$MNT/proc/$pid/cgroup")" 0::/web/a
refused 'nobody' put "$G/web/a/cgroup.procs" 4000000
match 'populated' '^populated 1$' "$(cat "$G/web/cgroup.events")"
ctl 'mmap hog m 8M' 'touch hog m write' >/dev/null || fault touch
[ "$(cat "$G/web/memory.current")" -ge 8388608 ] || fault 'web pays'

# How many there may be, and how all of one end at once.
put "$G/web/cgroup.max.descendants" 1 || fault 'max.descendants'
refused 'a second below' mkdir "$G/web/b"
put "$G/web/cgroup.max.descendants" max || fault 'max'
put "$G/web/cgroup.max.depth" 0 || fault 'max.depth'
refused 'one below' mkdir "$G/web/b"
put "$G/web/cgroup.max.depth" max || fault 'max'
ctl 'spawn doomed' 'cgroup doomed web/a' 'spawn two' 'cgroup two web/a' >/dev/null
mkdir "$G/killed" || fault mkdir
for name in doomed two; do
	ctl "cgroup $name killed" >/dev/null || fault "$name into killed"
done
refused 'a 2' put "$G/killed/cgroup.kill" 2
put "$G/killed/cgroup.kill" 1 || fault 'cgroup.kill'
expect 'nobody is left' = "$(cat "$G/killed/cgroup.procs")" ''
rmdir "$G/killed" || fault 'rmdir killed'

# What is busy stays; what is gone is gone also for who has it open.
refused 'rmdir of a group with a process' rmdir "$G/web/a"
refused 'rmdir of a group with a child' rmdir "$G/web"
exec 4<"$G/web/a/memory.current"
put "$G/cgroup.procs" "$pid" || fault 'hog to the root'
rmdir "$G/web/a" || fault 'rmdir a'
(cat <&4 >/dev/null 2>&1) && fault 'memory.current of a removed group'
exec 4<&-
match 'its pages keep it' '^nr_dying_descendants 1$' "$(cat "$G/web/cgroup.stat")"
ctl 'exit hog' >/dev/null
match 'and then it is gone' '^nr_dying_descendants 0$' "$(cat "$G/web/cgroup.stat")"
mkdir "$G/web/a" || fault 'a again'
rmdir "$G/web/a" "$G/web" || fault 'rmdir'
[ -e "$G/web" ] && fault 'web is still there'

if command -v python3 >/dev/null 2>&1; then
	timeout 60 python3 "$(dirname "$0")/cgroup.py" "$MNT" ||
		fault "cgroup.py ended with $?"
fi

# The journal repeats it, and a saved machine knows its groups.
mkdir "$G/kept"
put "$G/kept/memory.max" 32M || fault 'memory.max'
"$FAUX" sim "$PROFILES/small-vm.ini" "$MNT/model/journal" >"$TESTDIR/out" ||
	fault 'the journal'
{ cat "$MNT/model/journal"; echo 'show /model/digest'; } |
	"$FAUX" sim "$PROFILES/small-vm.ini" - >"$TESTDIR/out"
match 'the same machine' "^$(cat "$MNT/model/digest")$" "$(cat "$TESTDIR/out")"
ctl 'mkcgroup kept/b' 'rmcgroup kept/b' >/dev/null || fault 'by script'

# The tree of version 1.
unmount
mount_machine -c "$PROFILES/small-vm.ini" --set machine.cgroup=v1
G=$MNT/sys/fs/cgroup
expect 'one hierarchy' = "$(ls "$G")" memory
refused 'mkdir beside it' mkdir "$G/web"
mkdir "$G/memory/web" "$G/memory/web/a" || fault 'mkdir'
pid=$(ctl 'spawn hog' | awk '{ print $3 }')
put "$G/memory/web/a/tasks" "$pid" || fault 'hog into a'
expect 'PID/cgroup' = "$(head -1 "$MNT/proc/$pid/cgroup")" 1:memory:/web/a
put "$G/memory/web/memory.limit_in_bytes" 8M || fault 'limit'
ctl 'mmap hog m 16M' 'touch hog m write' >/dev/null || fault touch
match 'killed' '^oom_kill 1$' "$(cat "$G/memory/web/memory.oom_control")"
expect "the report" = "$(dd if="$MNT/dev/kmsg" iflag=nonblock bs=8k 2>/dev/null | grep -c "memory+swap: usage")" 1
rmdir "$G/memory/web/a" "$G/memory/web" || fault rmdir
finish
