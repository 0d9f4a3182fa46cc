#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# util-linux: lsmem and lscpu, in a world and by their own option.
. "$(dirname "$0")/lib-tools.sh"
need_command lsmem lscpu
load_machine laptop

for way in 'seen' 'plain'; do
	if [ $way = seen ]; then
		seen lsmem -b --summary=only
		cpus='lscpu'
	else
		out=$(lsmem -s "$MNT" -b --summary=only)
		cpus="lscpu -s $MNT"
	fi
	match "lsmem ($way)" '^Memory block size: +134217728$' "$out"
	match "lsmem ($way)" "^Total online memory: +$((8 << 30))\$" "$out"
done
# the hole below 4 GiB
seen lsmem -b
match lsmem '^0x0+-0x0*bfffffff +3221225472 +online' "$out"
match lsmem '^0x0*100000000-0x0*23fffffff +5368709120 +online' "$out"
seen lscpu
match lscpu '^CPU\(s\): +4$' "$out"
match lscpu '^Socket\(s\): +1$' "$out"
match lscpu '^NUMA node0 CPU\(s\): +0-3$' "$out"
finish
