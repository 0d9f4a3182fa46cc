// SPDX-License-Identifier: Apache-2.0
/* Free blocks by address, for compaction (mm/page_alloc.c,
 * __isolate_free_page()). */
#include "vmcore/phys/inner.h"

#include <string.h>

/* Half a pageblock or more goes to movable pages: let it be theirs. */
static void make_movable(struct phys *p, pfn_t pfn, unsigned order)
{
	for (unsigned i = 0; i < 1u << order; i += PAGEBLOCK_PAGES)
		if (type_mergeable(pageblock_type(p, pfn + i)))
			pageblock_set_type(p, pfn + i, MIGRATE_MOVABLE);
}

int free_block_take(struct phys *p, pfn_t pfn, unsigned *ret_order)
{
	unsigned z = pfn_zone(p, pfn), order = free_block_order(p, pfn);
	unsigned type = pageblock_type(p, pfn);
	int r;

	if (order == NR_ORDERS)
		return BUDDY_REFUSED;
	if (type != MIGRATE_ISOLATE &&
	    !zone_watermark_ok(p, z, 0,
			       p->zones[z].wmark[WMARK_MIN] + (1u << order), 0,
			       0))
		return BUDDY_REFUSED;
	r = section_make(p, pfn);
	if (r)
		return r;
	free_list_del(p, z, pfn, order, type);
	frame_set(frame_at(p, pfn), FRAME_KERNEL, order, 0);
	if (order >= PAGEBLOCK_ORDER - 1)
		make_movable(p, pfn, order);
	*ret_order = order;
	return 0;
}

void free_block_used(struct phys *p, pfn_t pfn, unsigned order)
{
	unsigned type = p->zones[pfn_zone(p, pfn)].type;

	vmstat_event(&p->stat, (enum event)(PGALLOC_DMA + type), 1u << order);
}

void free_block_return(struct phys *p, pfn_t pfn, unsigned order)
{
	memset(frame_at(p, pfn), 0, sizeof(struct frame));
	buddy_free(p, pfn_zone(p, pfn), pfn, order, pageblock_type(p, pfn));
}
