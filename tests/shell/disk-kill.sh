#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What waits for a slow disk: others go on, a killed program is gone; and what
# fsync promised is there when the daemon is killed.
. "$(dirname "$0")/lib.sh"
need_command python3 timeout
scratch
mkdir "$TESTDIR/back"
profile()
{
	cat <<END
[machine]
memory = 256M
cpus = 2
seed = 1
speed = 1
[disk vda]
size = 1G
latency = $1
bandwidth = $2
filesystem = /
backing = $TESTDIR/back
END
}

# gone PID NAME: within five seconds
gone()
{
	gone_left=50
	while kill -0 "$1" 2>/dev/null; do
		gone_left=$((gone_left - 1))
		if [ $gone_left -le 0 ]; then
			fault "$2 does not end"
			return
		fi
		sleep 0.1
	done
}

# --- a disk of 1 MiB a second -----------------------------------------------
dd if=/dev/zero of="$TESTDIR/back/big" bs=1M count=64 2>/dev/null
profile 1ms 1M >"$TESTDIR/slow.ini"
mount_machine -c "$TESTDIR/slow.ini"
for signal in TERM KILL; do
	dd if="$MNT/disk/big" of=/dev/null bs=1M 2>/dev/null &
	job=$!
	left=100
	until grep -qs '^Name:.dd$' "$MNT"/proc/[0-9]*/status; do
		left=$((left - 1))
		[ $left -gt 0 ] || break
		sleep 0.05
	done
	timeout 5 cat "$MNT/proc/meminfo" >/dev/null ||
		fault 'a reader of proc waits for the disk'
	timeout 5 ls "$MNT/disk" >/dev/null || fault 'a list waits for another'
	kill -$signal $job
	gone $job "dd, SIG$signal"
	wait $job 2>/dev/null
	left=50
	while grep -qs '^Name:.dd$' "$MNT"/proc/[0-9]*/status; do
		left=$((left - 1))
		[ $left -gt 0 ] || break
		sleep 0.1
	done
	[ $left -gt 0 ] || fault "the stand-in stays after SIG$signal"
done
match 'journal' '^async kill [0-9]+$' "$(cat "$MNT/model/journal")"
# A signal that does not kill is no reason for a short read.
python3 - "$MNT/disk/big" <<'END' || fault 'a signal cut a read'
import signal, sys
signal.signal(signal.SIGALRM, lambda *a: None)
signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
with open(sys.argv[1], "rb", buffering=0) as f:
    got = len(f.read(1 << 20))
signal.setitimer(signal.ITIMER_REAL, 0) # at its end Python handles none
sys.exit(got != 1 << 20)
END
expect 'check' = "$(cat "$MNT/model/check")" ok
unmount

# --- the daemon is killed ---------------------------------------------------
profile 100us 200M >"$TESTDIR/fast.ini"
"$FAUXPROC" -f -c "$TESTDIR/fast.ini" "$MNT" &
daemon=$!
left=100
until [ -e "$MNT/ctl" ]; do
	left=$((left - 1))
	[ $left -gt 0 ] || break
	sleep 0.1
done
python3 - "$MNT/disk" "$TESTDIR/promised" <<'END' &
import os, sys
where, promised = sys.argv[1:]
log = os.open(promised, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
for i in range(100000):
    name = f"file{i % 7}"
    data = f"{i:08d}".encode() * 1000
    try:
        fd = os.open(os.path.join(where, name), os.O_CREAT | os.O_WRONLY)
        os.pwrite(fd, data, i // 7 * 8000)
        os.fsync(fd)
    except OSError:
        break
    os.write(log, f"{name} {i // 7 * 8000} {i:08d}\n".encode())
END
job=$!
left=100
: >"$TESTDIR/promised"
until [ "$(wc -l <"$TESTDIR/promised" 2>/dev/null || echo 0)" -gt 20 ]; do
	left=$((left - 1))
	[ $left -gt 0 ] || break
	sleep 0.1
done
kill -KILL $daemon
wait $daemon 2>/dev/null
gone $job 'the writer'
wait $job 2>/dev/null
fusermount3 -uz "$MNT" 2>/dev/null || umount -l "$MNT"
expect 'promises' -gt "$(wc -l <"$TESTDIR/promised")" 20
python3 - "$TESTDIR/back" "$TESTDIR/promised" <<'END' || fault 'a promise broken'
import os, sys
where, promised = sys.argv[1:]
for line in open(promised):
    name, off, what = line.split()
    with open(os.path.join(where, name), "rb") as f:
        f.seek(int(off))
        if f.read(8000) != what.encode() * 1000:
            sys.exit(f"{name} at {off}")
END

# Its private folder is swept by the next daemon.
sed '/^backing/d' "$TESTDIR/fast.ini" >"$TESTDIR/own.ini"
TMPDIR=$TESTDIR
export TMPDIR
"$FAUXPROC" -f -c "$TESTDIR/own.ini" "$MNT" &
daemon=$!
left=100
until [ -d "$MNT/disk/usr" ]; do
	left=$((left - 1))
	[ $left -gt 0 ] || break
	sleep 0.1
done
expect 'a private folder' = "$(ls "$TESTDIR" | grep -c '^fauxproc-disk-')" 1
kill -KILL $daemon
wait $daemon 2>/dev/null
"$FAUXPROC" -c "$TESTDIR/own.ini" "$MNT" 2>/dev/null ||
	fault 'no daemon after one that was killed'
expect 'swept' = "$(ls "$TESTDIR" | grep -c '^fauxproc-disk-')" 0
ls "$MNT/disk" >/dev/null
unmount
left=50
while [ -n "$(ls "$TESTDIR" | grep '^fauxproc-disk-')" ]; do
	left=$((left - 1))
	[ $left -gt 0 ] || break
	sleep 0.1
done
expect 'gone with the daemon' = "$(ls "$TESTDIR" | grep -c '^fauxproc-disk-')" 0
MNT=
finish
