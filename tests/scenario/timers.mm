# SPDX-License-Identifier: Apache-2.0
# Who sleeps is woken by a timer: an interrupt each time, beside the ticks of
# CPUs that work.
spawn a
cpu a 0
mmap a m 64K
touch a m write
expect /proc/interrupts LOC < 5
workload a m seq rate=1000/s
advance 1s
expect /proc/interrupts LOC >= 100
expect /proc/interrupts LOC < 120
workload a m off
