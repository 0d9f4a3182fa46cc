/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PAGEOUT_H
#define VMCORE_PAGEOUT_H

#include "vmcore/space/space.h"

/*
 * DOC: pages a process wants to be rid of.
 *
 * Models:  MADV_PAGEOUT of mm/madvise.c, 6.18.
 * Owns:    nothing.
 * Units:   bytes.
 * Order:   ascending addresses.
 * Omits:   splitting a large folio that lies in the range in part.
 */

/* Reclaim what [@start, @end) of @vma maps and nobody else does. */
void memory_pageout(struct space *s, struct ctx *ctx, uint32_t vma,
		    uint64_t start, uint64_t end);

#endif
