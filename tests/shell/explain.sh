#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# model/events names the rule and its figures: why kswapd woke and slept, why
# anonymous or file pages were looked at, which pages went, who was killed.
. "$(dirname "$0")/lib.sh"
scratch
cd "$TESTDIR" || exit 1
cat >load.mm <<'EOF'
swapon /swapfile 32M
spawn a
mmap a m 100M
touch a m write
mkfile /f 200M
read a /f 0 200M
show model/events
EOF
cat >kill.mm <<'EOF'
spawn hog
mmap hog m 400M noreserve
touch hog m write
show model/events
EOF
"$FAUX" sim "$PROFILES/lab.ini" load.mm >events || fault load
"$FAUX" sim "$PROFILES/lab.ini" kill.mm >killed || fault kill

number='[0-9]+'
match 'why kswapd woke' "^[0-9.]+ $number kswapd0 kswapd_wake node=0 zone=DMA32 order=$number free=$number min=$number low=$number high=$number boost=$number rule=(below-low-watermark|boosted-after-mixing-types|no-block-of-that-order)$" "$(cat events)"
match 'why it slept' 'kswapd_sleep .* rule=balanced-up-to-high$' "$(cat events)"
match 'which lists' " balance node=0 .*swappiness=60 anon_cost=$number file_cost=$number .*rule=plenty-of-inactive-file$" "$(cat events)"
match 'which pages' " evict node=0 list=inactive_file .*freed=$number .*pfns=$number,$number.* rule=oldest-and-not-referenced$" "$(cat events)"
# free stood below low when it woke for that, and above high when it slept.
awk '{ for (i = 1; i <= NF; i++) { split($i, p, "="); v[p[1]] = p[2] } }
	/rule=below-low-watermark$/ && v["free"] + 0 > v["high"] + 0 { print; exit 1 }
	/rule=balanced-up-to-high$/ && v["free"] + 0 < v["high"] + 0 { print; exit 1 }
	' events || fault 'a rule and its figures do not agree'
# As many pages as the counters say.
printf 'show /proc/vmstat\n' >>load.mm
"$FAUX" sim "$PROFILES/lab.ini" load.mm >both
expect 'all reclaimed pages have a line' = \
	"$(awk '/ evict / { for (i = 1; i <= NF; i++) if (sub("^freed=", "", $i)) s += $i } END { print s + 0 }' both)" \
	"$(awk '$1 == "pgsteal_kswapd" || $1 == "pgsteal_direct" { s += $2 } END { print s + 0 }' both)"
match 'who is killed' "oom_kill victim=$number name=hog points=$number total=$number anon=$number .*rule=most-points$" "$(cat killed)"
match 'direct reclaim' 'hog direct_reclaim order=0 .*rule=below-min-watermark$' "$(cat killed)"

# The ring holds 65,536 lines and says how many are lost.
awk 'BEGIN { for (i = 0; i < 65600; i++) print "exit nobody"; print "show model/events" }' |
	"$FAUX" sim "$PROFILES/lab.ini" - 2>/dev/null |
	grep -v '^error: ' >ring
match 'lost' '^lost=[0-9]+$' "$(sed -n 1,3p ring)"
expect 'the ring' = "$(grep -c ' failed line=' ring)" 65536
finish
