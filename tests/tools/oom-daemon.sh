#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real earlyoom or nohang on low-memory.ini kills the process that the rule
# says, the machine frees its memory.
#
#   oom-daemon.sh earlyoom|nohang RUNS [user]     user: as an ordinary one
#
# The last line says how long it took; $OOM_TIMES gets the ms of each run.
. "$(dirname "$0")/lib-tools.sh"
need_puppets
daemon=$1 runs=$2 who=${3:-}
need_command "$daemon" awk pgrep
scratch
chmod 755 "$TESTDIR"
times=${INNER_TIMES:-$TESTDIR/times}
: >"$times"

# 8 MiB are left of 215; bloat is the largest by far. And there it stands
# still, for the wall's clock may be fast.
cat >"$TESTDIR/grown.mm" <<'END'
speed 0
advance 12700ms
END

# In the world: until bloat is gone, at most 30 s; then what is available.
cat >"$TESTDIR/inside" <<'END'
hog=$(pgrep -x bloat) app=$(pgrep -x app) sshd=$(pgrep -x sshd)
before=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
case $1 in
earlyoom) earlyoom -m 10 >"$2" 2>&1 & ;;
nohang) python3 -W ignore "$(command -v nohang)" --monitor \
	-c /etc/nohang/nohang.conf >"$2" 2>&1 & ;;
esac
daemon=$!
for i in $(seq 3000); do
	[ -d "/proc/$hog" ] || break
	sleep 0.01
done
after=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
kill $daemon
wait $daemon 2>/dev/null
[ ! -d "/proc/$hog" ] && [ -d "/proc/$app" ] && [ -d "/proc/$sshd" ] &&
	[ "$before" -lt 11000 ] && [ "$after" -gt 150000 ] &&
	grep -Eq "^MemTotal: +$3 kB" /proc/meminfo &&
	[ "$(cat "$FAUXPROC_MNT/model/check")" = ok ]
END
total=$("$FAUX" run -c "$PROFILES/low-memory.ini" -- cat /proc/meminfo |
	awk '/^MemTotal:/ { print $2 }')

# once: one run
once()
{
	"$FAUX" run -c "$PROFILES/low-memory.ini" -s "$TESTDIR/grown.mm" \
		-o list=sim+self -- sh "$TESTDIR/inside" "$daemon" \
		"$TESTDIR/log" "$total" >"$TESTDIR/out" 2>&1
}

all()
{
	good=0
	for run in $(seq "$runs"); do
		start=$(date +%s%N)
		once
		status=$?
		echo $((($(date +%s%N) - start) / 1000000)) >>"$times"
		if [ $status -eq 0 ]; then
			good=$((good + 1))
		else
			fault "run $run ended with $status:" \
				"$(tail -n 20 "$TESTDIR/out" "$TESTDIR/log")"
		fi
	done
	sort -n "$times" | awk -v good="$good" -v name="$daemon $who" \
		'{ t[NR] = $1 } END { printf "%s: %d of %d, ms: least %d, " \
		"median %d, most %d\n", name, good, NR, t[1],
		t[int((NR + 1) / 2)], t[NR] }'
	[ "$good" -eq "$runs" ]
}

# As typed: the clock is the wall's, until bloat is found.
typed()
{
	timeout -k 5 90 "$FAUX" run -c "$PROFILES/low-memory.ini" -- \
		earlyoom -m 5 >"$TESTDIR/typed" 2>&1 &
	typed_job=$!
	left=800
	until grep -q SIGTERM.*process "$TESTDIR/typed"; do
		left=$((left - 1))
		[ $left -gt 0 ] || break
		sleep 0.1
	done
	sleep 1
	kill $typed_job
	wait $typed_job 2>/dev/null
	match 'earlyoom -m 5' 'sending SIGTERM to process .*"bloat"' \
		"$(cat "$TESTDIR/typed")"
	expect 'it sent one signal' = \
		"$(grep -c 'sending SIG.* to process' "$TESTDIR/typed")" 1
}

own='mount -t tmpfs none "$1" && mknod -m 666 "$1/fuse" c 10 229 &&
	mount --bind "$1/fuse" /dev/fuse && shift'
if [ "$who" = inner ]; then
	all
	exit
elif [ "$who" = user ] && [ "$(id -u)" -eq 0 ]; then
	need_command setpriv unshare
	touch "$times" && chmod 777 "$TESTDIR" && chmod 666 "$times"
	# Its own /dev/fuse, which others may open as well.
	mkdir "$TESTDIR/dev"
	unshare -m sh -c "$own && : <>/dev/fuse" sh "$TESTDIR/dev" \
		2>/dev/null || skip 'no right to make a device'
	drop='setpriv --reuid 65534 --regid 65534 --clear-groups'
	$drop test -x "$FAUXPROC" -a -r "$PROFILES/low-memory.ini" ||
		skip 'no ordinary user can read the programs'
	$drop unshare -Ur true 2>/dev/null ||
		skip 'no user namespaces for an ordinary user'
	# shellcheck disable=SC2086 # $drop is several words
	HOME=/ TMPDIR=$TESTDIR INNER_TIMES=$times unshare -m sh -c \
		"$own"' && exec "$@"' sh "$TESTDIR/dev" $drop sh "$0" "$daemon" "$runs" inner
	status=$?
	[ $status -ne 77 ] || exit 77
	[ $status -eq 0 ] || fault "as an ordinary user: $status"
else
	all
	[ "$daemon" != earlyoom ] || typed
fi
[ -z "${OOM_TIMES:-}" ] || cp "$times" "$OOM_TIMES"
finish
