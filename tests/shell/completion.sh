#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bash completion knows every subcommand and every option.
. "$(dirname "$0")/lib.sh"
need_command bash
here=$(cd "$(dirname "$0")/../.." && pwd)
scratch
cat >"$TESTDIR/ask" <<'END'
. "$1/docs/faux.bash"
shift
complete_line()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	"_$1"
	printf '%s\n' "${COMPREPLY[@]}"
}
complete_line "$@"
END
PATH=$(dirname "$FAUX"):$(dirname "$FAUXPROC"):$PATH
cd "$here" || exit 1

# offers WORD COMMAND...: the last word of the line is completed to WORD
offers()
{
	want=$1
	shift
	bash "$TESTDIR/ask" "$here" "$@" 2>"$TESTDIR/err" | grep -qxF -e "$want" ||
		fault "$*: no $want $(cat "$TESTDIR/err")"
}

for sub in $("$FAUX" 2>&1 | awk '/^  [a-z]/ { print $1 }'); do
	offers "$sub" faux ''
	# The options of its line in the list.
	for option in $("$FAUX" 2>&1 | awk -v s="$sub" '$1 == s' |
		grep -oE -e '(\[| )-[a-zA-Z]' | tr -d '[ '); do
		offers "$option" faux "$sub" -
	done
done
for option in -c -m -s -o --; do
	offers $option faux run -
done
for option in $("$FAUX" sim --help 2>&1 | grep -oE -e '--?[a-z][a-z-]*' |
	sort -u | grep -v -e '^--help'); do
	offers "$option" faux sim -
done
for option in $("$FAUXPROC" -h | grep -oE '^  --?[a-zA-Z]+'); do
	offers "$option" fauxproc -
done
offers etc/laptop.ini faux run -c etc/
offers etc/laptop.ini fauxproc -c etc/lap
offers list=sim+self faux run -c x -o list
offers machine.memory= faux sim --set mach
offers true faux run -c x -- tru
if [ -e /dev/fuse ]; then
	mount_machine -c "$PROFILES/laptop.ini"
	ctl 'mkfile /data 1M' 'spawn a' 'read a /data 0 4K' >/dev/null
	for operation in $(awk '{ print $1 }' "$MNT/ctl"); do
		offers "$operation" faux -m "$MNT" ctl ''
	done
	offers /data faux -m "$MNT" pcstat /d
	offers "$MNT" faux -m "$TESTDIR"
	offers "$MNT" faux umount "$TESTDIR"
	offers 300 faux -m "$MNT" memleak -p 3
fi
finish
