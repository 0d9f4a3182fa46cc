# SPDX-License-Identifier: Apache-2.0
# Slow memory: what is hot there comes to fast memory, what is cold makes way.
expect /sys/devices/virtual/memory_tiering/memory_tier4/nodelist 1 = 0
expect /sys/devices/virtual/memory_tiering/memory_tier22/nodelist 1 = 1
set /proc/sys/kernel/numa_balancing 2
set /sys/kernel/mm/numa/demotion_enabled 1
spawn p
cpu p 0
mmap p cold 100M
touch p cold write
spawn q
cpu q 1
mempolicy q bind 2
mmap q hot 32M
touch q hot write
mempolicy q default
expect /proc/q/numa_maps N1 = 8192
workload q - cpu=80%
workload q hot random rate=100000/s
advance 10s
expect /proc/q/numa_maps N0 > 8180
expect /proc/p/numa_maps N1 > 8000
expect /proc/vmstat pgpromote_success > 8180
expect /proc/vmstat pgdemote_kswapd > 8000
expect /sys/devices/system/node/node0/vmstat pgdemote_kswapd > 8000
expect /proc/vmstat pgpromote_candidate >= 8192
expect /proc/vmstat oom_kill = 0
expect /model/check 1 = ok
# Without demotion nothing makes way.
set /sys/kernel/mm/numa/demotion_enabled 0
workload q hot off
workload q - off
exit q
# What a node holds can be asked for.
mkfile f 40M
spawn r
cpu r 0
read r f 0 40M
set /sys/devices/system/node/node0/reclaim 8M
expect /proc/vmstat pgsteal_proactive >= 2048
expect /model/check 1 = ok
exit p
