#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A profile that is wrong is refused with its line, and nothing is mounted.
. "$(dirname "$0")/lib.sh"
need_fuse
scratch
mkdir "$TESTDIR/mnt"

# refused NAME PATTERN, the profile on standard input
refused()
{
	cat >"$TESTDIR/p.ini"
	for how in "--check $TESTDIR/p.ini" "-c $TESTDIR/p.ini $TESTDIR/mnt"; do
		# Words without blanks: the split is wanted.
		# shellcheck disable=SC2086
		"$FAUXPROC" $how >"$TESTDIR/out" 2>&1
		expect "$1: $how" = $? 1
		match "$1" "$2" "$(cat "$TESTDIR/out")"
	done
	is_mounted "$TESTDIR/mnt" && fault "$1: mounted all the same"
}

refused 'unknown key' 'p.ini:2:.*memroy' <<END
[machine]
memroy = 4G
END
refused 'unknown section' 'p.ini:1' <<END
[machina]
memory = 4G
END
refused 'bad size' 'p.ini:3:.*12Q' <<END
[machine]
cpus = 2
memory = 12Q
END
refused 'size out of range' 'p.ini:2' <<END
[machine]
memory = 99999999999999999999T
END
refused 'negative' 'p.ini:2' <<END
[machine]
cpus = -1
END
refused 'no cpus' 'p.ini:2' <<END
[machine]
cpus = 0
END
refused 'unknown word' 'p.ini:2' <<END
[machine]
thp = perhaps
END
refused 'long line' 'p.ini:2' <<END
[machine]
hostname = $(printf '%0300d' 0)
END
head -c 4096 /dev/urandom | refused 'noise' 'p.ini:'

"$FAUXPROC" --check "$TESTDIR/absent.ini" >"$TESTDIR/out" 2>&1
expect 'missing file' = $? 1
match 'missing file' 'absent.ini.*No such file' "$(cat "$TESTDIR/out")"
"$FAUXPROC" --no-such-option "$TESTDIR/mnt" >"$TESTDIR/out" 2>&1
expect 'unknown option' = $? 2
"$FAUXPROC" >"$TESTDIR/out" 2>&1
expect 'no mount point' = $? 2
"$FAUXPROC" -c "$PROFILES/laptop.ini" "$TESTDIR/nowhere" >"$TESTDIR/out" 2>&1
expect 'missing mount point' = $? 3
for p in "$PROFILES"/*.ini; do
	"$FAUXPROC" --check "$p" || fault "$p is refused"
done
finish
