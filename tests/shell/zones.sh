#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What buddyinfo, pagetypeinfo, zoneinfo and extfrag say of the same zones, and
# the reserve for atomic requests.
. "$(dirname "$0")/lib.sh"
need_command awk
need_fuse
scratch

# Per-CPU lists of zones of every size: batch, high_min, high_max of 6.18
# (zone_batchsize(), zone_highsize()) from what zoneinfo says itself.
printf '[machine]\nspawn = bare\n' >"$TESTDIR/bare.ini"
for memory in 64M 200M 512M 1G 3G 5G 20G 300G; do
	for cpus in 1 4; do
		for fraction in 0 8 100; do
			printf '%s\n' \
				"set /proc/sys/vm/percpu_pagelist_high_fraction $fraction" \
				'show /proc/zoneinfo' |
				"$FAUX" sim --set machine.memory=$memory \
					--set machine.cpus=$cpus \
					"$TESTDIR/bare.ini" - |
				awk -v cpus=$cpus -v f=$fraction '
	function most(a, b) { return a > b ? a : b }
	$1 == "low" { low = $2 }
	$1 == "managed" { managed = $2 }
	$1 == "batch:" { batch = $2 }
	$1 == "high_min:" { min = $2 }
	$1 == "high_max:" {
		t = int(managed / 1024)
		t = int((t < 256 ? t : 256) / 4)
		t = most(t, 1)
		t += int(t / 2)
		for (p = 1; p * 2 <= t; p *= 2)
			;
		want = most(p - 1, 1)
		max = most(int(int(managed / (f ? f : 8)) / cpus), 4 * want)
		least = f ? max : most(int(low / cpus), 4 * want)
		if (batch != want || min != least || $2 != max)
			print managed, batch, want, min, least, $2, max
		zones++
	}
	END { if (!zones) print "no zone" }' >"$TESTDIR/wrong"
			expect "per-CPU lists: $memory $cpus $fraction" = \
				"$(cat "$TESTDIR/wrong")" ''
		done
	done
done

mount_machine -c "$PROFILES/small-vm.ini" --set machine.speed=0

# agree: all four files tell the same of every zone
agree()
{
	cat "$MNT/proc/buddyinfo" "$MNT/proc/pagetypeinfo" \
		"$MNT/proc/zoneinfo" >"$TESTDIR/now"
	awk '
	$5 == "type" {
		for (o = 0; o < 11; o++)
			typed[substr($4, 1, length($4) - 1), o] += $(7 + o)
		next
	}
	$3 == "zone" && NF == 15 {
		for (o = 0; o < 11; o++) {
			nr[$4, o] = $(5 + o)
			free[$4] += $(5 + o) * 2 ^ o
			if (o >= 9)
				blocks[$4] += $(5 + o) * 2 ^ o
		}
		zones[$4] = 1
		next
	}
	$3 == "zone" && NF == 4 { zone = $4 }
	$1 == "pages" && $2 == "free" && $3 != free[zone] + 0 {
		print zone, "free", $3, free[zone] }
	$1 == "nr_free_pages_blocks" && $2 != blocks[zone] + 0 {
		print zone, "blocks", $2, blocks[zone] }
	END { for (z in zones) for (o = 0; o < 11; o++)
		if (typed[z, o] != nr[z, o])
			print z, "order", o, typed[z, o], nr[z, o] }' \
		"$TESTDIR/now"
}

# indexes: extfrag_index and unusable_index by hand
indexes()
{
	awk -v which="$1" '
	function show(x) { return sprintf(x < 0 ? "-%d.%03d" : "%d.%03d",
		int((x < 0 ? -x : x) / 1000), (x < 0 ? -x : x) % 1000) }
	{
		printf "%s %s %s %s", $1, $2, $3, $4
		for (o = 0; o < 11; o++) {
			pages = total = fit = 0
			for (i = 0; i < 11; i++) {
				pages += $(5 + i) * 2 ^ i
				total += $(5 + i)
				if (i >= o)
					fit += $(5 + i) * 2 ^ (i - o)
			}
			if (which == "unusable_index")
				x = pages ? int((pages - fit * 2 ^ o) * 1000 / pages) : 1000
			else if (!total)
				x = 0
			else if (fit)
				x = -1000
			else
				x = 1000 - int((1000 + int(pages * 1000 / 2 ^ o)) / total)
			printf " %s", show(x)
		}
		print ""
	}' "$MNT/proc/buddyinfo"
}

same_indexes()
{
	for f in extfrag_index unusable_index; do
		expect "$1: $f" = \
			"$(awk '{ $1 = $1; print }' \
				"$MNT/sys/kernel/debug/extfrag/$f")" \
			"$(indexes $f)"
	done
	expect "$1: one tale" = "$(agree)" ''
}

# blocks TYPE of the zone DMA32
blocks()
{
	awk -v t="$1" '/^Number of blocks/ { for (i = 5; i <= NF; i++)
			if ($i == t) c = i }
		c && $4 == "DMA32" { print $c }' "$MNT/proc/pagetypeinfo"
}

same_indexes 'at boot'
expect 'block 0 is unmovable' = \
	"$(awk '/^Number/ { on = 1 } on && $4 == "DMA" { print $5, $6 }' \
		"$MNT/proc/pagetypeinfo")" '1 7'

# Above the low watermark nothing is reserved; below, at most a hundredth,
# in whole pageblocks: five of 245,000 pages.
free=$(awk '$4 == "DMA32" { on = 1 } on && $1 == "pages" { print $3; exit }' \
	"$MNT/proc/zoneinfo")
low=$(awk '$4 == "DMA32" { on = 1 } on && $1 == "low" { print $2; exit }' \
	"$MNT/proc/zoneinfo")
managed=$(awk '$4 == "DMA32" { on = 1 } on && $1 == "managed" { print $2; exit }' \
	"$MNT/proc/zoneinfo")
most=$(((managed / 100 + 511) / 512))
ctl 'alloc_pages one 3 4 gfp=atomic' >/dev/null
expect 'plenty: none reserved' = "$(blocks HighAtomic)" 0
ctl "alloc_pages hold 0 $((free - low + 4000)) gfp=atomic" >/dev/null
ctl 'alloc_pages some 3 1000 gfp=atomic' >/dev/null
expect 'reserved' = "$(blocks HighAtomic)" "$most"
same_indexes 'with a reserve'
expect 'pages of the reserve are free' -gt "$(awk '$4 == "DMA32," && $6 == "HighAtomic" {
	for (o = 7; o < 18; o++) n += $o * 2 ^ (o - 7) }
	END { print n }' "$MNT/proc/pagetypeinfo")" 0

# Who may not wait takes from it; pressure gives it back.
ctl 'spawn p' 'mmap p m 60M' 'touch p m write' >/dev/null
expect 'given back' -lt "$(blocks HighAtomic)" "$most"
same_indexes 'under pressure'

# Every second page free: much is free, nothing of order 1 and above.
ctl 'free_pages hold 2' >/dev/null
same_indexes 'in pieces'
expect 'in pieces: order 9' -gt "$(awk '$4 == "DMA32" {
	printf "%d", $14 * 1000 }' \
	"$MNT/sys/kernel/debug/extfrag/unusable_index")" 500
finish
