#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rows of table.tsv that begin with a tool's name: what it prints in a
# world is what the files of the tree say.
#
#   matrix.sh TOOL
#
# run, got and want are shell; got reads what run printed; in all of them stand
# $hog, $kid: pids; $DIR: a folder; $FAUXPROC_MNT; and the functions of inside.
. "$(dirname "$0")/lib-tools.sh"
PATH=$PATH:/usr/sbin:/sbin
tool=$1
tab=$(printf '\t')
rows=$(awk -F'\t' -v t="$tool" '$1 == t || index($1, t " ") == 1' \
	"$(dirname "$0")/table.tsv")

# A name, a path, or PYTHON:MODULE
need_word()
{
	case $1 in
	*:*) "${1%:*}" -c "import ${1#*:}" 2>/dev/null ||
		skip "no ${1#*:} installed" ;;
	*) need_command "$1" ;;
	esac
}
[ -n "$rows" ] || skip "no row of $tool"
for word in $(printf '%s\n' "$rows" | cut -f2); do
	need_word "$word"
done
[ "$tool" != kill ] || need_puppets
MOUNT_OPTIONS='-o list=sim+self' load_machine small-vm
ctl 'swapon /swapfile 64M prio=5' 'workload hog - cpu=60%' 'advance 60s' \
	'workload hog - off' 'advance 1s' >/dev/null || fault 'the script failed'

cat >"$TESTDIR/inside" <<'END'
# kB of meminfo, on one line
kb()
{
	for kb_name; do
		awk -v name="$kb_name:" '$1 == name { print $2 }' /proc/meminfo
	done | squeeze
}
squeeze() { tr -s '\n\t ' ' ' | sed 's/^ //; s/ $//'; echo; }
# kB to MiB as FORMAT says
mib() { awk -v f="$1" '{ for (i = 1; i <= NF; i++) printf f (i < NF ? " " : "\n"), $i / 1024 }'; }
# of PID NAME...: kB of status
of()
{
	of_pid=$1
	shift
	for of_name; do
		awk -v name="$of_name:" '$1 == name { print $2 }' \
			"/proc/$of_pid/status"
	done | squeeze
}
statm_kb() { awk '{ print $1 * 4, $2 * 4, $3 * 4 }' "/proc/$1/statm"; }
pid_of()
{
	for pid_file in "$FAUXPROC_MNT"/proc/[0-9]*/comm; do
		pid_comm=$(cat "$pid_file")
		[ "$pid_comm" != "$1" ] || basename "${pid_file%/comm}"
	done
}
# on_tty SECONDS COMMAND: its screens, without what moves the cursor. In the
# foreground: timeout's own group may not set up the terminal.
on_tty()
{
	tty_time=$1
	shift
	script -qec "stty rows 50 cols 180; TERM=xterm timeout --foreground \
		-k 1 -s INT $tty_time $*" /dev/null </dev/null |
		sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\x1b[()][A-Z0-9]//g' |
		tr -d '\r\017'
}
# serve COMMAND URL PATTERN: the page, once a line of it is PATTERN
serve()
{
	$1 >"$DIR/server" 2>&1 &
	serve_pid=$!
	for serve_i in $(seq 300); do
		busybox wget -qO "$DIR/page" "$2" 2>/dev/null &&
			grep -q "$3" "$DIR/page" && break
		sleep 0.1
	done
	kill $serve_pid
	wait $serve_pid 2>/dev/null
	cat "$DIR/page"
}
collectd_conf()
{
	printf '%s\n' 'Interval 1' 'FQDNLookup false' 'Hostname "x"' \
		"PIDFile \"$DIR/pid\"" 'LoadPlugin memory' 'LoadPlugin csv' \
		'<Plugin csv>' 'DataDir "stdout"' '</Plugin>' >"$DIR/collectd"
	echo "$DIR/collectd"
}
netdata_conf()
{
	mkdir -p "$DIR/lib" "$DIR/cache" "$DIR/log"
	printf '%s\n' '[global]' 'run as user = root' '[db]' 'mode = ram' \
		'[directories]' "lib = $DIR/lib" "cache = $DIR/cache" \
		"log = $DIR/log" '[web]' 'default port = 19998' \
		'bind to = 127.0.0.1' '[plugins]' 'apps = no' 'go.d = no' \
		'python.d = no' 'charts.d = no' 'tc = no' 'statsd = no' \
		'cgroups = no' >"$DIR/netdata"
	echo "$DIR/netdata"
}
hog=$(pid_of hog) kid=$(pid_of kid)
tab=$(printf '\t')
while IFS=$tab read -r name needs run got want <&3; do
	mkdir -p "$DIR"
	start=$(date +%s%N)
	eval "$run" >"$DIR/out" 2>"$DIR/err" </dev/null ||
		echo "FAULT: $name ended with $?: $(cat "$DIR/err")"
	is=$(eval "$got" <"$DIR/out")
	should=$(eval "$want")
	[ -n "$should" ] && [ "$is" = "$should" ] ||
		echo "FAULT: $name: $is is not $should; it printed:
$(head -n 40 "$DIR/out" "$DIR/err")"
	echo "$name: $is ($((($(date +%s%N) - start) / 1000000)) ms)"
done 3<"$1"
END
printf '%s\n' "$rows" >"$TESTDIR/rows"
export LC_ALL=C
DIR=$TESTDIR/room TERM=dumb timeout 100 "$FAUX" -m "$MNT" run -- \
	sh "$TESTDIR/inside" "$TESTDIR/rows" >"$TESTDIR/report" 2>&1 ||
	fault "ended with $?"
cat "$TESTDIR/report"
grep -q ^FAULT "$TESTDIR/report" && FAULTS=$((FAULTS + 1))
finish
