# SPDX-License-Identifier: Apache-2.0
# Kernel memory by name: kmalloc, slabs, vmalloc, blocks of pages.
# The zone DMA by hand: words 5 to 15 of buddyinfo are its free blocks.
expect /proc/buddyinfo 15 = 3
alloc_pages big 10 2 gfp=dma
expect /proc/buddyinfo 15 = 1
free_pages big
expect /proc/buddyinfo 15 = 3
# Every second of 64 blocks of 16 pages given back: holes of that size.
alloc_pages holes 4 64 gfp=dma
expect /proc/buddyinfo 9 < 2
free_pages holes 2
expect /proc/buddyinfo 9 >= 32
free_pages holes
expect /proc/buddyinfo 15 = 3
# 100 bytes land among those of 128, 90 among those of 96; a page of them
# comes at once.
expect /proc/slabinfo dma-kmalloc-128 = 0
kmalloc a 100 gfp=dma
expect /proc/slabinfo dma-kmalloc-128 = 32
expect /proc/slabinfo dma-kmalloc-96 = 0
kmalloc b 90 gfp=dma
expect /proc/slabinfo dma-kmalloc-96 = 42
# 5000 bytes waste 3192 of 8192; 20000 are a block of 8 pages and no object.
kmalloc c 5000 gfp=dma
expect /proc/slabinfo dma-kmalloc-8k = 4
kmalloc d 20000 gfp=atomic
kfree a
kfree b
kfree c
kfree d
# Half of the objects of a slab go, the slab stays.
slab s dma-kmalloc-1k 320
expect /proc/slabinfo dma-kmalloc-1k = 320
slabfree s 2
expect /proc/slabinfo dma-kmalloc-1k > 160
expect /proc/slabinfo dma-kmalloc-1k.320 = 1024
slabfree s
expect /proc/slabinfo dma-kmalloc-1k < 320
# Pages that need not lie together, and one behind them that stays empty.
vmalloc v 1M
expect /proc/vmallocinfo mapdrv_alloc+0x20/0x60 = pages=256
vfree v
expect /model/check 1 = ok
