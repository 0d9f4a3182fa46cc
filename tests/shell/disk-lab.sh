#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The experiment of docs/labs.md, typed as it stands there: a file is written,
# dropped, read from the disk, read from memory.
. "$(dirname "$0")/lib.sh"
mount_machine -c "$PROFILES/laptop.ini" --set 'disk vda.bandwidth=200M'
FAUXPROC_MNT=$MNT
export FAUXPROC_MNT
cd "$MNT/disk" || exit 1

# cached FILE: as pcstat has it
cached()
{
	"$FAUX" pcstat "$1" | awk '/hello/ { print $10 }'
}

# from_disk: sectors that came from it so far
from_disk()
{
	awk '$3 == "vda" { print $6 }' ../proc/diskstats
}

# ms COMMAND...: how long it takes by the wall's clock
ms()
{
	begun=$(date +%s%N)
	"$@" 2>/dev/null || fault "$* ended with $?"
	echo $((($(date +%s%N) - begun) / 1000000))
}

"$FAUX" cachestat 1 >"$TESTDIR/stat" &
job=$!
dd if=/dev/zero of=hello bs=1M count=512 2>/dev/null || fault 'dd'
expect 'written: in memory' = "$(cached hello)" 100.000
sync -d hello
echo 3 >../proc/sys/vm/drop_caches
expect 'dropped' = "$(cached hello)" 000.000
slow=$(ms dd if=hello of=/dev/null bs=1M)
expect 'read: in memory' = "$(cached hello)" 100.000
sectors=$(from_disk)
fast=$(ms dd if=hello of=/dev/null bs=1M)
echo "slow $slow ms, fast $fast ms"
# 512 MiB at 200M a second
expect 'from the disk' -ge "$slow" 2500
expect 'from memory' -lt "$fast" "$slow"
expect 'sectors read again' -eq "$(from_disk)" "$sectors"
sleep 2.5
kill $job
wait $job 2>/dev/null
hits=$(awk '{ n += $1 } END { print n }' "$TESTDIR/stat")
expect 'cachestat: hits' -ge "$hits" 131072
# What was read ahead and not yet used when a second ended is no miss in its
# line: a window of 128 KiB a line, and what one read of 1 MiB still waits for.
misses=$(awk '{ n += $2 + 288 } END { print n }' "$TESTDIR/stat")
expect 'cachestat: misses' -ge "$misses" 131072
cd /
finish
