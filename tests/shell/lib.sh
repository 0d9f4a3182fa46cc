# SPDX-License-Identifier: Apache-2.0
# For shell tests of whatever reads a fauxproc tree: source it, then
#
#   mount_machine [-c PROFILE] [OPTION...]   mounts it on $MNT
#   ctl 'OPERATION...'       runs operations, prints the replies
#   field FILE NAME          the number behind NAME (with or without a colon)
#   expect WHAT OP A B       test A against B: = != -lt -le -gt -ge
#   match WHAT PATTERN TEXT  grep -E, one line must match
#   finish                   model/check is ok, the mount goes; exit 0 or 1
#
# A test that cannot run here ends with skip 'why': exit status 77. The
# programs are $FAUXPROC and $FAUX, else those of the PATH.

FAUXPROC=${FAUXPROC:-fauxproc}
FAUX=${FAUX:-faux}
PROFILES=${PROFILES:-/etc/fauxproc}
export FAUXPROC FAUX
TESTDIR=
MNT=
FAULTS=0

skip()
{
	echo "SKIP: $*"
	exit 77
}

fault()
{
	echo "FAULT: $*"
	FAULTS=$((FAULTS + 1))
}

need_fuse()
{
	[ -e /dev/fuse ] || skip 'no /dev/fuse'
	(: <>/dev/fuse) 2>/dev/null || skip 'no /dev/fuse to open'
}

need_command()
{
	for need_name; do
		command -v "$need_name" >/dev/null 2>&1 ||
			skip "no $need_name installed"
	done
}

need_namespaces()
{
	unshare -Urmpf true 2>/dev/null || skip 'no user namespaces'
}

# Do signals in a world reach the machine? (clone3 with a pid of one's choice)
need_puppets()
{
	need_fuse
	need_namespaces
	case $("$FAUX" run -c "$PROFILES/lab.ini" -- true 2>&1) in
	*'no puppets'*) skip 'no puppets: clone3 is refused' ;;
	esac
}

is_mounted()
{
	awk -v m="$1" '$5 == m { found = 1 } END { exit !found }' \
		/proc/self/mountinfo
}

cleanup()
{
	if [ -n "$MNT" ] && is_mounted "$MNT"; then
		fusermount3 -u "$MNT" 2>/dev/null ||
			fusermount3 -uz "$MNT" 2>/dev/null ||
			umount -l "$MNT"
	fi
	[ -z "$TESTDIR" ] || rm -rf "$TESTDIR"
}

# A private folder that goes with the test.
scratch()
{
	if [ -z "$TESTDIR" ]; then
		TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/fauxproc-test.XXXXXX") ||
			exit 1
		trap cleanup EXIT
		trap 'exit 1' INT TERM HUP
	fi
}

mount_machine()
{
	need_fuse
	scratch
	MNT=$TESTDIR/mnt
	mkdir -p "$MNT"
	"$FAUXPROC" "$@" "$MNT" || {
		fault "fauxproc $* ended with $?"
		exit 1
	}
}

ctl()
{
	# One open file: written, then its replies are read.
	(
		exec 3<>"$MNT/ctl" || exit 1
		printf '%s\n' "$@" >&3
		status=$?
		cat <&3
		exit $status
	)
}

field()
{
	awk -v name="$2" '$1 == name || $1 == name ":" { print $2; exit }' "$1"
}

expect()
{
	[ "$3" "$2" "$4" ] || fault "$1: $3 is not $2 $4"
}

match()
{
	printf '%s\n' "$3" | grep -Eq "$2" || fault "$1: no line is $2 in:
$3"
}

unmount()
{
	fusermount3 -u "$MNT" || fault 'fusermount3 -u failed'
	is_mounted "$MNT" && fault 'still mounted'
	return 0
}

finish()
{
	if [ -n "$MNT" ] && is_mounted "$MNT"; then
		finish_check=$(cat "$MNT/model/check")
		[ "$finish_check" = ok ] ||
			fault "model/check: $finish_check"
		unmount
	fi
	[ "$FAULTS" -eq 0 ] || exit 1
	exit 0
}
