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
/* Where the page of a folio is mapped, if it has one and that is mapped once;
 * table 0: not known. */
struct rmap_spot {
	pfn_t page;
	uint32_t mm, vma, table;
	unsigned slot;
	uint64_t addr;
};

/* That is about to be asked for each of @pages: where it is likely to be, of
 * single anonymous ones. The host shall fetch it. */
void rmap_look(const struct space *s, const pfn_t *pages, unsigned nr,
	       struct rmap_spot *ret_spots);

struct referenced {
	uint32_t vmas; /* that used it since the last look */
	uint32_t flags; /* VM_* of these, and VM_LOCKED of any */
};

/*
 * Who used @folio? Clears the accessed bits. @at: as rmap_look() found it, or
 * NULL. @group: count only address spaces of that group and below, 0 all.
 * Return: with VM_LOCKED in flags the walk ended at a VMA that locks it.
 */
struct referenced folio_referenced(struct space *s, pfn_t folio,
				   const struct rmap_spot *at, uint32_t group);

/*
 * Take every mapping of @folio away: entries of a folio of the swap cache
 * become swap entries. It may stay mapped: locked, or lazily freed and
 * written since, and then it is PG_SWAPBACKED again.
 */
void folio_unmap(struct space *s, struct ctx *ctx, pfn_t folio,
		 const struct rmap_spot *at);

#endif
