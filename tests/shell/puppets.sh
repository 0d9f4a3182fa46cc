#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In a world a signal for a simulated process reaches it, and who the machine
# kills cannot be signalled any more.
. "$(dirname "$0")/lib.sh"
need_puppets
need_command pgrep
scratch

cat >"$TESTDIR/profile" <<'END'
[machine]
memory = 256M
cpus = 1
[disk vda]
filesystem = /
[process app]
heap = 8M
END
cat >"$TESTDIR/script" <<'END'
spawn hog
mmap hog heap1 100M
touch hog heap1 write
END

# in_world SCRIPT: with the helpers of a world
in_world()
{
	"$FAUX" run -c "$TESTDIR/profile" -s "$TESTDIR/script" -- sh -c '
	free_kb() { awk "/^MemFree:/ { print \$2 }" /proc/meminfo; }
	gone() {
		for i in $(seq 400); do
			[ -d "/proc/$1" ] || return 0
			sleep 0.05
		done
		echo "$1 is still there"
		return 1
	}
	bad() { echo "$*"; exit 1; }
	'"$1" faux "$FAUX" >"$TESTDIR/out" 2>&1 ||
		fault "ended with $?: $(cat "$TESTDIR/out")"
}

in_world '
[ "$(cat /proc/.host/1/comm)" = faux ] || bad "who is pid 1?"
for p in /proc/[0-9]*; do
	kill -0 "${p#/proc/}" || bad "no puppet stands for $p"
done
p=$(pgrep -x hog)
before=$(free_kb)
kill "$p" || bad "nobody to kill"
gone "$p" || exit 1
[ $(($(free_kb) - before)) -ge 60000 ] || bad "its memory is not free"
kill -0 "$p" 2>/dev/null && bad "its puppet is left"
tail -n 1 "$FAUXPROC_MNT/model/journal" | grep -qx "kill $p sig=15" ||
	bad "not in the journal"
grep -q " $p hog killed signal=15 op=kill rule=puppet$" \
	"$FAUXPROC_MNT/model/events" || bad "not among the events"
[ "$(cat "$FAUXPROC_MNT/model/check")" = ok ]'

# What ends nobody leaves it; no signal ends a kernel thread or init.
in_world '
p=$(pgrep -x hog)
kill -CHLD "$p"
kill -STOP "$p"
kill -CONT "$p"
k=$(pgrep -x kswapd0)
kill -KILL "$k" || bad "no puppet of kswapd0"
kill -KILL 1
for i in $(seq 100); do
	kill -0 "$k" 2>/dev/null && break
	sleep 0.05
done
kill -0 "$k" || bad "kswapd0 is gone"
[ -d "/proc/$p" ] && [ -d "/proc/$k" ] && kill -0 "$p"'

# A process that is born can be signalled once its operation has ended.
in_world '
for i in $(seq 30); do
	set -- "$1" $("$1" ctl "spawn p$i" "fork p$i c$i" | awk "{ print \$3 }")
	kill -KILL "$2" "$3" || bad "$i: no puppet"
	gone "$2" && gone "$3" || exit 1
	set -- "$1"
done
pids=$(ls /proc | grep -c "^[0-9]")
sleep 0.2
puppets=$(cat /proc/.host/[0-9]*/comm | grep -cx puppet)
[ "$pids" -eq $((puppets + 1)) ] || bad "$pids processes, $puppets puppets"'

# The machine kills: the puppet goes as well. With exit, too.
in_world '
p=$(pgrep -x hog) a=$(pgrep -x app)
"$1" ctl "mmap app more 150M" "touch app more write" >/dev/null
[ -d "/proc/$p" ] && [ -d "/proc/$a" ] && bad "nobody was killed"
[ -d "/proc/$p" ] || dead=$p
[ -d "/proc/$a" ] || dead=$a
for i in $(seq 100); do
	kill -0 "$dead" 2>/dev/null || break
	sleep 0.05
done
kill -0 "$dead" 2>/dev/null && bad "the puppet of the killed is left"
"$1" ctl "spawn x" "exit x" >/dev/null'

# A world of a mounted machine: its puppets go with it, its processes stay.
mount_machine -c "$TESTDIR/profile" -s "$TESTDIR/script"
"$FAUX" -m "$MNT" run -- sh -c 'kill -9 $(pgrep -x app)
	for i in $(seq 400); do pgrep -x app >/dev/null || exit 0
	sleep 0.05; done; exit 1' || fault "run -m ended with $?"
"$FAUX" run -m "$MNT" -- sh -c 'kill -9 $$'
out=$(cat "$MNT"/proc/[0-9]*/comm)
match 'the others live' '^hog$' "$out"
printf '%s\n' "$out" | grep -qx app && fault 'app lives'
# Two worlds of one machine at a time, one killed outright.
"$FAUX" run -m "$MNT" -- sh -c 'echo up >"$0"; sleep 618' "$TESTDIR/up" &
pid=$!
for i in $(seq 200); do [ -s "$TESTDIR/up" ] && break; sleep 0.05; done
"$FAUX" run -m "$MNT" -- sh -c '"$0" ctl "spawn both" >/dev/null &&
	kill -0 $(pgrep -x both)' "$FAUX" || fault "two worlds: $?"
kill -9 $pid
wait $pid 2>/dev/null
out=$(ctl 'spawn after' 'fork hog kid')
match 'spawn after the world' '^after pid [0-9]+' "$out"
sleep 0.3
match 'who lives' '^both$' "$(cat "$MNT"/proc/[0-9]*/comm)"
finish
