# SPDX-License-Identifier: Apache-2.0
# For tests of one real tool: what it prints is what the tree's files say.
#
#   load_machine PROFILE    a ready machine with something going on; mounted
#                           with $MOUNT_OPTIONS
#   seen COMMAND...           runs it in a world of the machine: $out; it must
#                             end well, and say nothing beside its output
#   column TEXT LINE N        the Nth word of the first line that begins so
#   kb NAME                   of proc/meminfo

. "$(dirname "$0")/../shell/lib.sh"

load_machine()
{
	need_fuse
	need_namespaces
	# shellcheck disable=SC2086 # options are words
	mount_machine ${MOUNT_OPTIONS:-} -c "$PROFILES/$1.ini"
	ctl 'mkfile /srv/data 8M' 'spawn hog' 'mmap hog heap1 32M' \
		'touch hog heap1 write' 'mmap hog lib 1M file=/srv/data' \
		'touch hog lib read' 'read hog /srv/data 0 8M' \
		'write hog /srv/data 0 512K' 'shmget hog 7 300000' \
		'shmat hog seg 7' 'touch hog seg write' 'fork hog kid' \
		'touch kid heap1 write 0 1M' 'advance 5s' >/dev/null ||
		fault 'the script failed'
}

seen()
{
	out=$("$FAUX" -m "$MNT" run -- sh -c "$*" 2>"$TESTDIR/err") ||
		fault "$* ended with $?"
	[ ! -s "$TESTDIR/err" ] || fault "$* said: $(cat "$TESTDIR/err")"
}

column()
{
	printf '%s\n' "$1" | awk -v start="$2" -v n="$3" '
		index($0, start) == 1 { $0 = substr($0, length(start) + 1);
			print $n; exit }'
}

kb()
{
	field "$MNT/proc/meminfo" "$1"
}
