/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PAGE_LOOK_H
#define FS_PAGE_LOOK_H

#include "vmcore/phys/phys.h"

/*
 * DOC: what any frame is, also one that was never used.
 *
 * Models:  fs/proc/page.c: stable_page_flags(), and folio_ref_count().
 * Owns:    nothing.
 * Units:   pfn, pages.
 * Order:   does not apply.
 * Omits:   references that are held for less than a step.
 */
struct page_look {
	enum frame_type type; /* of the head; free pages: BUDDY or PCP */
	pfn_t head; /* of the folio or the free block */
	unsigned order;
	uint32_t flags; /* PG_* of the head, and of the page itself */
	uint32_t mapcount; /* of the page */
	const struct frame *folio; /* the head's frame; NULL: none was made */
};

/* @pfn below max_pfn. */
void page_look(const struct phys *p, pfn_t pfn, struct page_look *ret_look);
/* References to the folio: its mappings, the page cache, its owner. */
uint32_t page_refcount(const struct phys *p, const struct page_look *look);

#endif
