/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PAGEOUT_H
#define VMCORE_PAGEOUT_H

#include "vmcore/space/space.h"

/*
 * DOC: pages a process wants to be rid of.
 *
 * Models:  MADV_PAGEOUT, MADV_COLD, MADV_FREE of mm/madvise.c, 6.18.
 * Owns:    nothing.
 * Units:   bytes.
 * Order:   ascending addresses.
 * Omits:   splitting a large folio of a file that lies in the range in part.
 *
 * Each is about folios: one that is in the range in part is split, unless
 * somebody else maps it.
 */

/* Reclaim what [@start, @end) of @vma maps and nobody else does. */
void memory_pageout(struct space *s, struct ctx *ctx, uint32_t vma,
		    uint64_t start, uint64_t end);
/* The same goes to the end of the inactive list. */
void memory_cold(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t start,
		 uint64_t end);
/* What is anonymous there can go without being written; what is in swap
 * goes. */
void memory_free_lazily(struct space *s, struct ctx *ctx, uint32_t vma,
			uint64_t start, uint64_t end);

#endif
