#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# faux run: its exit status, its signals, what it leaves behind.
. "$(dirname "$0")/lib.sh"
need_fuse
need_namespaces
scratch
export TMPDIR="$TESTDIR"

# status WANT COMMAND...
status()
{
	want=$1
	shift
	"$@" >"$TESTDIR/out" 2>&1 </dev/null
	expect "$*" = $? "$want"
}

status 0 "$FAUX" run -- true
status 7 "$FAUX" run -- sh -c 'exit 7'
status 137 "$FAUX" run -- sh -c 'kill -9 $$'
status 143 "$FAUX" run -- sh -c 'kill -TERM $$'
status 127 "$FAUX" run -- no-such-command
status 126 "$FAUX" run -- /
status 125 "$FAUX" run
status 125 "$FAUX" run -c "$TESTDIR/no-such-file" -- true
status 125 "$FAUX" run --no-such-option -- true
status 125 "$FAUX" run -m "$TESTDIR" -- true
match 'no machine' "$TESTDIR: no machine is mounted" "$(cat "$TESTDIR/out")"
status 125 env FAUXPROC_CALLS=guess "$FAUX" run -- true
match 'no such way' 'seccomp, preload or host, not .guess' \
	"$(cat "$TESTDIR/out")"

# Where user namespaces are used up, it says so and what works instead.
status 125 unshare -Ur sh -c \
	'echo 0 >/proc/sys/user/max_user_namespaces
	 echo 0 >/proc/sys/user/max_pid_namespaces
	 exec "$0" run -- true' "$FAUX"
match 'no namespaces' 'namespaces' "$(cat "$TESTDIR/out")"
status 125 unshare -Urm sh -c \
	'mount -t tmpfs none /dev; exec "$0" run -- true' "$FAUX"
match 'no /dev/fuse' '/dev/fuse' "$(cat "$TESTDIR/out")"

# Real processes have pids of their own, above those of the machine.
status 0 "$FAUX" run -- sh -c 'test $$ -gt 32768 && test -d /proc/$$ &&
	test "$(readlink /proc/self)" -gt 32768 && test -e /proc/self/exe'
# Nothing on the host can be hit: who asks for it is in no process list.
status 1 "$FAUX" run -- sh -c 'kill -0 29999 2>/dev/null'

# A signal to faux reaches the command; the world goes with it.
"$FAUX" run -- sh -c 'trap "exit 9" TERM; echo up >"$0"
	while :; do sleep 0.05; done' "$TESTDIR/up" &
pid=$!
for i in $(seq 200); do [ -s "$TESTDIR/up" ] && break; sleep 0.05; done
kill -TERM $pid
wait $pid
expect 'SIGTERM is handed on' = $? 9

# Killed outright: nothing keeps running.
rm -f "$TESTDIR/up"
"$FAUX" run -- sh -c 'echo up >"$0"; exec sleep 617' "$TESTDIR/up" &
pid=$!
for i in $(seq 200); do [ -s "$TESTDIR/up" ] && break; sleep 0.05; done
kill -9 $pid
wait $pid 2>/dev/null
sleep 0.3
pgrep -f '^sleep 617$' >/dev/null && fault 'the command outlives faux run'
rmdir "$TESTDIR"/faux-* 2>/dev/null

expect 'folders left behind' = "$(find "$TESTDIR" -name 'faux-*' | wc -l)" 0
grep -q "$TESTDIR" /proc/self/mountinfo && fault 'a mount is left behind'
finish
