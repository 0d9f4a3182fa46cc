#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `faux sim` with several values: a line a combination, in order, whatever
# the number of jobs; the listed commands print the same lines.
. "$(dirname "$0")/lib.sh"
scratch
cd "$TESTDIR" || exit 1
small=$PROFILES/lab.ini
printf 'spawn a\nmmap a r 8M\ntouch a r write\nadvance 100ms\n' >load.mm
printf 'spawn b\nmmap b r 64K\n' >light.mm

sweep()
{
	"$FAUX" sim --set vm.swappiness=0,60,200 --set machine.seed=1,2 \
		--print MemFree --print '/proc/sys/vm/swappiness' "$@"
}

sweep --csv "$small" load.mm >csv || fault "csv ended with $?"
expect 'a line a combination' = "$(wc -l <csv)" 7
expect 'names' = "$(head -n 1 csv)" \
	'vm.swappiness,machine.seed,status,MemFree,/proc/sys/vm/swappiness'
expect 'in order' = "$(awk -F, 'NR > 1 { printf "%s%s ", $1, $2 }' csv)" \
	'01 02 601 602 2001 2002 '
awk -F, 'NR > 1 && ($1 != $5 || $3 != "ok" || $4 + 0 < 1000) { exit 1 }' csv ||
	fault "wrong columns: $(cat csv)"
sweep --csv -j 1 "$small" load.mm | cmp - csv || fault 'one job, other lines'

# The same lines by the commands that --list prints.
sweep --csv --list "$small" load.mm >jobs || fault 'list'
expect 'jobs' = "$(wc -l <jobs)" 6
PATH=$(dirname "$FAUX"):$PATH sh ./jobs >lines || fault 'the listed commands'
sed 1d csv | cmp - lines || fault "listed commands print: $(cat lines)"

# JSON: an object a line; two scripts are two more combinations.
"$FAUX" sim --json --set vm.swappiness=1,2 --print /proc/a/status:VmRSS \
	"$small" load.mm load.mm >json || fault json
expect 'objects' = "$(grep -c '^{"script":"load.mm","vm.swappiness":[12],"status":"ok","/proc/a/status:VmRSS":[0-9]*}$' json)" 4

# Without --print: time and digest; the text form; commas of a value.
"$FAUX" sim --set 'machine.seed=7' -j 2 "$small" light.mm >text || fault text
match 'the digest' '^7 +ok +[0-9.]+ +[0-9a-f]{16}$' "$(cat text)"
"$FAUX" sim --set 'machine.hostname=a\,b,c' --no-header --print \
	/proc/sys/kernel/hostname "$small" light.mm >commas || fault commas
match 'a comma of a value' '^a,b +ok +a,b$' "$(cat commas)"
match 'and one between values' '^c +ok +c$' "$(cat commas)"

# One that fails says why; the others go on.
"$FAUX" sim --csv --set machine.memory=256M,1K --print MemFree "$small" \
	light.mm >mixed && fault 'a failure was not told'
match 'the good one' '^256M,ok,[0-9]+$' "$(cat mixed)"
match 'why' '^1K,".*memory.*",$' "$(cat mixed)"
"$FAUX" sim --print nosuch "$small" light.mm >none && fault 'no such field'
match 'no such field' "nothing is called 'nosuch' here" "$(cat none)"
"$FAUX" sim --print MemFree "$small" - </dev/null >/dev/null 2>&1
expect 'a sweep of standard input' = $? 2

# The profile in force is a profile.
"$FAUX" sim --print-config "$small" >config.ini || fault print-config
"$FAUX" sim --validate-config config.ini || fault validate-config
finish
