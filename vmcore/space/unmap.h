/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_UNMAP_H
#define VMCORE_UNMAP_H

#include "vmcore/space/space.h"

/*
 * DOC: what reclaim asks and does about a folio's mappings.
 *
 * Models:  folio_referenced(), try_to_unmap() of mm/rmap.c, 6.18.
 * Owns:    nothing.
 * Units:   VMAs.
 * Order:   as the reverse map yields them.
 * Omits:   migration entries, huge PMDs.
 */
struct referenced {
	uint32_t vmas; /* that used it since the last look */
	uint32_t flags; /* VM_* of these, and VM_LOCKED of any */
};

/*
 * Who used @folio? Clears the accessed bits. @group: count only address
 * spaces of that group and below, 0 all. Return: with VM_LOCKED in flags the
 * walk ended at a VMA that locks it.
 */
struct referenced folio_referenced(struct space *s, pfn_t folio,
				   uint32_t group);

/*
 * Take every mapping of @folio away: entries of a folio of the swap cache
 * become swap entries. It may stay mapped: locked, or lazily freed and
 * written since, and then it is PG_SWAPBACKED again.
 */
void folio_unmap(struct space *s, struct ctx *ctx, pfn_t folio);

#endif
