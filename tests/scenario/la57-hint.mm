# SPDX-License-Identifier: Apache-2.0
# Five levels: above 2^47 lies only what asks for it by a hint.
spawn a
set /proc/sys/kernel/randomize_va_space 0
mmap a low 64K
mmap a high 64K hint=800000000000
expect /model/a/regions high = 800000000000-800000010000
touch a high write
set /model/a/walk 800000000000
expect /model/a/walk p4d = 256
expect /model/a/walk pgd = 0
# Further up: another entry of the first table.
mmap a top 64K hint=ff000000000000
expect /model/a/regions top = ff000000000000-ff000000010000
touch a top write
set /model/a/walk ff000000000000
expect /model/a/walk pgd = 255
# What is taken already goes elsewhere, and still anywhere.
mmap a other 64K hint=800000000000
touch a other write
# Across the border no hint holds.
mmap a across 64K hint=7fffffff8000
touch a across write
# A hint below is one as well.
mmap a below 64K hint=10000000000
expect /model/a/regions below = 10000000000-10000010000
# Others stay in the window.
mmap a plain 16M
expect /model/check 1 = ok
fork a b
exit a
touch b top read
exit b
expect /model/check 1 = ok
