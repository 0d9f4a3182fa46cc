/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_GFP_H
#define VMCORE_GFP_H

#include <stdint.h>

/*
 * DOC: allocation request bits.
 *
 * Models:  include/linux/gfp_types.h, values of 6.18 (they are printed in
 *          OOM reports).
 * Owns:    nothing.
 * Units:   bits.
 * Order:   does not apply.
 * Omits:   ZEROTAGS, SKIP_* (no KASAN here).
 */
#define GFP_BIT_DMA	       0x1u
#define GFP_BIT_HIGHMEM	       0x2u
#define GFP_BIT_DMA32	       0x4u
#define GFP_BIT_MOVABLE	       0x8u
#define GFP_BIT_RECLAIMABLE    0x10u
#define GFP_BIT_HIGH	       0x20u
#define GFP_BIT_IO	       0x40u
#define GFP_BIT_FS	       0x80u
#define GFP_BIT_ZERO	       0x100u
#define GFP_BIT_DIRECT_RECLAIM 0x400u
#define GFP_BIT_KSWAPD_RECLAIM 0x800u
#define GFP_BIT_WRITE	       0x1000u
#define GFP_BIT_NOWARN	       0x2000u
#define GFP_BIT_RETRY_MAYFAIL  0x4000u
#define GFP_BIT_NOFAIL	       0x8000u
#define GFP_BIT_NORETRY	       0x10000u
#define GFP_BIT_MEMALLOC       0x20000u
#define GFP_BIT_COMP	       0x40000u
#define GFP_BIT_NOMEMALLOC     0x80000u
#define GFP_BIT_HARDWALL       0x100000u
#define GFP_BIT_THISNODE       0x200000u
#define GFP_BIT_ACCOUNT	       0x400000u

#define GFP_ATOMIC	     0x820u
#define GFP_NOWAIT	     0x2800u
#define GFP_NOIO	     0xc00u
#define GFP_NOFS	     0xc40u
#define GFP_KERNEL	     0xcc0u
#define GFP_KERNEL_ACCOUNT   0x400cc0u
#define GFP_USER	     0x100cc0u
#define GFP_HIGHUSER	     0x100cc2u
#define GFP_HIGHUSER_MOVABLE 0x100ccau
/* An anonymous fault as an OOM report shows it: zeroed, compound-ready. */
#define GFP_ANON_FAULT (GFP_HIGHUSER_MOVABLE | GFP_BIT_ZERO | GFP_BIT_COMP)
#define GFP_PGTABLE    (GFP_KERNEL_ACCOUNT | GFP_BIT_ZERO)

/* struct ctx.alloc: privileges of the actor beyond its request. */
#define ALLOC_MEMALLOC	 0x1u /* kswapd, direct reclaim: no watermark */
#define ALLOC_OOM_VICTIM 0x2u

#endif
