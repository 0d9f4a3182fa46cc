#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The daemon at its edges: signals while it works, folders in use, what the
# host lacks, a host that sleeps. Each time a status and a clear message.
. "$(dirname "$0")/lib.sh"
need_fuse
scratch
cd "$TESTDIR" || exit 1
MNT=$TESTDIR/mnt
mkdir mnt
cp "$PROFILES/small-vm.ini" p.ini

# await CONDITION...: for half a minute at most
await()
{
	for await_try in $(seq 600); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

start()
{
	"$FAUXPROC" -f -c p.ini "$@" mnt 2>err &
	daemon=$!
	await is_mounted "$MNT" || fault "not mounted: $(cat err)"
}

# ended WHAT STATUS: the daemon ended so, and the mount is gone
ended()
{
	wait "$daemon"
	expect "$1: status" = $? "$2"
	is_mounted "$MNT" && fault "$1: still mounted"
}

# --- signals while an operation runs: who waits is told, the end is clean
busy='touch a m write loops=1000000000'
for signal in TERM INT HUP; do
	start
	ctl 'spawn a' 'mmap a m 4M' >/dev/null
	(ctl "$busy" 2>reply >/dev/null) &
	writer=$!
	await grep -q "^$busy" mnt/model/journal ||
		fault "SIG$signal: the operation does not begin"
	kill "-$signal" $daemon
	ended "SIG$signal while it works" 0
	wait $writer && fault "SIG$signal: the writer was not told"
	[ -s reply ] || fault "SIG$signal: the writer knows no reason"
done

# At any moment from its first on: never a mount without a daemon. Before it is
# up it dies of the signal. A shell that has not yet become the daemon would
# take the signal for its own.
is_daemon()
{
	[ "$(cat /proc/$daemon/comm 2>/dev/null)" = fauxproc ]
}
for moment in 0 0.005 0.01 0.015 0.02 0.03 0.05 0.1; do
	"$FAUXPROC" -f -c p.ini mnt 2>err &
	daemon=$!
	await is_daemon
	sleep $moment
	kill -TERM $daemon
	wait $daemon
	status=$?
	case $status in
	0 | 143) ;;
	*) fault "SIGTERM after $moment s: status $status: $(cat err)" ;;
	esac
	is_mounted "$MNT" && fault "SIGTERM after $moment s: still mounted"
done

# SIGPIPE is nothing, nor is a reader that went.
start
kill -PIPE $daemon
head -c 1 mnt/proc/slabinfo >/dev/null
expect SIGPIPE = "$(cat mnt/model/check)" ok
# What several want at once.
kill -TERM $daemon
kill -INT $daemon
kill -HUP $daemon
ended 'three signals' 0

# One that comes while requests never cease.
for round in 1 2 3 4 5 6; do
	start
	for i in 1 2; do
		while cat mnt/proc/meminfo; do :; done >/dev/null 2>&1 &
		eval "reader$i=\$!"
	done
	sleep 0.0$round
	kill -TERM $daemon
	ended 'a signal among requests' 0
	wait $reader1 $reader2
done

# --- folders: what is in one comes back; a busy mount stays
echo kept >mnt/file
start
[ -e mnt/file ] && fault 'a folder that is not empty: its file shows'
exec 4<mnt/proc/meminfo
umount mnt 2>/dev/null && fault 'umount of a busy mount'
expect 'busy: it still answers' = "$(cat mnt/model/check)" ok
exec 4<&-
# Whoever looks at all mounts at this moment keeps it busy, too.
await fusermount3 -u mnt || fault 'fusermount3 -u'
ended 'unmounted' 0
expect 'a folder that is not empty' = "$(cat mnt/file)" kept
rm mnt/file

# --- two on one folder, however often: one of them wins
for round in 1 2 3; do
	for i in 1 2 3 4; do
		("$FAUXPROC" -c p.ini mnt 2>err.$i; echo $? >status.$i) &
	done
	wait
	expect 'four at once' = "$(sort status.* | tr '\n' ' ')" '0 3 3 3 '
	expect 'four at once: model/check' = "$(cat mnt/model/check)" ok
	cat err.* | grep -Eq 'another fauxproc is starting|mounted there already' ||
		fault "four at once: no reason: $(cat err.*)"
	unmount
done

# --- the host sleeps: a machine that follows the wall's clock slept, too
start --set machine.speed=1
before=$(cut -d. -f1 mnt/model/clock)
kill -STOP $daemon
sleep 4
kill -CONT $daemon
after=$(cut -d. -f1 mnt/model/clock)
expect 'after a stop of 4 s' -le $((after - before)) 2
match 'after a stop: it says so' 'slipped' "$(cat mnt/model/clock)"
goes_on()
{
	[ "$(cut -d. -f1 mnt/model/clock)" -gt "$after" ]
}
await goes_on || fault 'after a stop the clock stands'
kill -TERM $daemon
ended 'after a stop' 0

# --- what the host lacks; as somebody who is not root
[ "$(id -u)" -eq 0 ] || finish
command -v setpriv >/dev/null || finish
unshare -m true 2>/dev/null || finish
chmod 755 "$TESTDIR"
mkdir nobody
chown 65534 nobody
# without MODE FUSERMOUNT: /dev/fuse has that mode
without()
{
	unshare -m sh -c '
		mount -t tmpfs -o mode=755 none /dev &&
		mknod -m 666 /dev/null c 1 3 &&
		mknod -m "$1" /dev/fuse c 10 229 || exit 99
		[ "$2" = there ] ||
			mount --bind /dev/null "$(command -v fusermount3)"
		exec setpriv --reuid 65534 --regid 65534 --clear-groups \
			"$3" -c p.ini nobody' - "$1" "$2" "$FAUXPROC" >out 2>&1
}

without 666 there
status=$?
if [ $status -ne 99 ] && [ $status -ne 127 ]; then
	expect 'as nobody' = $status 0
	without 600 there
	expect 'no right to /dev/fuse' = $? 3
	match 'no right to /dev/fuse' '/dev/fuse: Permission denied' "$(cat out)"
	match 'what works without' 'faux sim' "$(cat out)"
	without 666 gone
	expect 'no fusermount3' = $? 3
	match 'no fusermount3' 'needs fusermount3' "$(cat out)"
fi
if unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces' 2>/dev/null
then
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces
		setpriv --bounding-set -sys_admin --inh-caps -all \
			--no-new-privs "$0" run -c p.ini -- true' "$FAUX" \
		>out 2>&1
	expect 'no user namespaces' = $? 125
	match 'no user namespaces' 'no user namespaces.*Without them: ' \
		"$(cat out)"
fi
cd /
finish
