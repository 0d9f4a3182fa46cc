/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_RECLAIM_H
#define VMCORE_RECLAIM_H

#include "vmcore/space/space.h"

/*
 * DOC: taking memory back.
 *
 * Models:  mm/vmscan.c of 6.18, as far as its last resort: clean page cache
 *          that nobody maps, oldest first.
 * Owns:    nothing.
 * Units:   pages.
 * Order:   from the tail of the inactive file lists, node by node.
 * Omits:   aging, mapped and dirty pages, swap, kswapd (docs/fidelity.md).
 */
struct reclaim {
	struct space *space;
	uint32_t group; /* whose lists, with group_only */
	bool group_only;
};

/* Free up to @nr pages (at least one folio); pages freed. */
uint64_t reclaim_pages(const struct reclaim *r, struct ctx *ctx, uint64_t nr);

#endif
