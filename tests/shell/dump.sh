#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# faux dump writes the same bytes that a mount of the same machine shows.
. "$(dirname "$0")/lib.sh"
need_fuse
scratch
cat >"$TESTDIR/script" <<END
spawn new
mmap new m 8M
touch new m write
fork new child
mkfile /data 1M
read child /data 0 1M
advance 1s
END
set -- -c "$PROFILES/small-vm.ini" -s "$TESTDIR/script"
"$FAUX" dump "$@" "$TESTDIR/plain" || fault "faux dump ended with $?"
mount_machine "$@"

# The log waits for its next record when it is read to the end; what may not
# be read is empty.
cd "$TESTDIR/plain" || exit 1
find . -type f -perm -400 ! -name kmsg >"$TESTDIR/files"
expect 'files' -gt "$(wc -l <"$TESTDIR/files")" 1000
mkdir "$TESTDIR/copy"
# Some of a kernel thread's cannot be opened: empty files of the dump.
(cd "$MNT" && xargs cp --parents -t "$TESTDIR/copy" <"$TESTDIR/files") \
	2>/dev/null
grep -E '/(environ|auxv|smaps_rollup|pagemap)$' "$TESTDIR/files" |
	while read -r f; do
		[ -e "$TESTDIR/copy/$f" ] || [ ! -e "$MNT/$f" ] ||
			: >"$TESTDIR/copy/$f"
	done
(cd "$TESTDIR/copy" && xargs md5sum <"$TESTDIR/files") >"$TESTDIR/sums" ||
	fault 'the mount has not all of them'
md5sum --quiet -c "$TESTDIR/sums" || fault 'files differ'
cd / || exit 1
finish
