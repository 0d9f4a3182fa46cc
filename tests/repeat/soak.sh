#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# soak.sh FAUX PROFILE: an hour of simulated time of a machine that never has
# memory enough: model/check = ok every ten minutes, and a second run ends in
# the same bytes.
set -eu
faux=$1 profile=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

script()
{
	cat <<'END'
spawn hog
mmap hog h 7G
workload hog h zipf:1.0 rate=20000/s write=40%
mkfile /data/big 6G
spawn reader
spawn writer
leak hog rate=1M/s
END
	for i in 1 2 3 4 5 6; do
		echo "async read reader /data/big 0 6G for=500s"
		echo "async write writer /data/out$i 0 1G"
		echo "advance 600s"
		echo "expect /model/check 1 = ok"
		# A killed hog comes back.
		echo "spawn hog$i"
		echo "mmap hog$i h 2G"
		echo "workload hog$i h hot:10% rate=20000/s write=40%"
	done
	echo "save $1"
}

for n in 1 2; do
	script "$dir/state$n" >"$dir/$n.mm"
	"$faux" sim --set machine.speed=0 "$profile" "$dir/$n.mm" \
		>"$dir/$n.out" 2>&1 &
	eval "pid$n=\$!"
done
# shellcheck disable=SC2154
wait "$pid1" || { tail -5 "$dir/1.out"; exit 1; }
# shellcheck disable=SC2154
wait "$pid2" || { tail -5 "$dir/2.out"; exit 1; }
cmp "$dir/state1" "$dir/state2"
