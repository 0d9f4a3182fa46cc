#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command says how it is used: asked on standard output, misused on
# standard error.
. "$(dirname "$0")/lib.sh"
scratch

# usage STATUS STREAM COMMAND...: its usage and nothing else
usage()
{
	usage_status=$1
	usage_stream=$2
	shift 2
	"$@" >"$TESTDIR/out" 2>"$TESTDIR/err" </dev/null
	expect "$*: status" = $? "$usage_status"
	match "$*" '^usage: faux' "$(cat "$TESTDIR/$usage_stream")"
	case $usage_stream in
	out) [ ! -s "$TESTDIR/err" ] || fault "$*: $(cat "$TESTDIR/err")" ;;
	err) [ ! -s "$TESTDIR/out" ] || fault "$*: $(cat "$TESTDIR/out")" ;;
	esac
}

for option in -h --help; do
	usage 0 out "$FAUX" $option
	usage 0 out "$FAUXPROC" $option
done
for option in -V --version; do
	expect "version" = "$("$FAUX" $option)" \
		"$("$FAUXPROC" $option | sed 's/^fauxproc/faux/')"
done
usage 2 err "$FAUX"
usage 2 err "$FAUX" nothing
match 'no such subcommand' "^faux: no subcommand 'nothing'" \
	"$(cat "$TESTDIR/err")"

for sub in $("$FAUX" --help | awk '/^  [a-z]/ { print $1 }'); do
	for option in -h --help; do
		usage 0 out "$FAUX" "$sub" $option
		match "$sub" "^usage: faux .*$sub" "$(cat "$TESTDIR/out")"
		# More than the forms: what it does.
		match "$sub" '^[A-Z]' "$(cat "$TESTDIR/out")"
	done
	case $sub in
	run) status=125 ;;
	*) status=2 ;;
	esac
	[ "$sub" = umount ] ||
		FAUXPROC_MNT=$TESTDIR usage $status err "$FAUX" "$sub" -Z
	case $sub in
	umount | cachetop | pcstat) ;;
	*) match "$sub -Z" "^faux $sub: .*Z" "$(cat "$TESTDIR/err")" ;;
	esac
done
finish
