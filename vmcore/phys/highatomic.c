// SPDX-License-Identifier: Apache-2.0
/* Pageblocks kept for atomic requests of order > 0 (mm/page_alloc.c,
 * reserve_highatomic_pageblock(), unreserve_highatomic_pageblock()). */
#include "vmcore/phys/inner.h"

void highatomic_reserve(struct phys *p, pfn_t pfn, unsigned order)
{
	struct zone *zone = &p->zones[pfn_zone(p, pfn)];
	uint32_t most = zone->managed / 100;
	pfn_t end = pfn + (1u << order);

	if (most < PAGEBLOCK_PAGES)
		return;
	most = (most + PAGEBLOCK_PAGES - 1) & ~(PAGEBLOCK_PAGES - 1);
	if (zone->nr_reserved_highatomic >= most ||
	    !type_mergeable(pageblock_type(p, pfn)))
		return;
	for (; pfn < end; pfn += PAGEBLOCK_PAGES)
		if (pageblock_set_type(p, pfn, MIGRATE_HIGHATOMIC))
			zone->nr_reserved_highatomic += PAGEBLOCK_PAGES;
}

/* Give the pageblocks of one free block back. */
static void unreserve_block(struct phys *p, unsigned z, pfn_t pfn,
			    unsigned order, enum migratetype type)
{
	struct zone *zone = &p->zones[z];
	uint32_t pages = PAGEBLOCK_PAGES;

	if (order >= PAGEBLOCK_ORDER) {
		free_block_retype(p, z, pfn, order, type);
		pages = 1u << order;
	} else if (!pageblock_set_type(p, pfn, type)) {
		return;
	}
	zone->nr_reserved_highatomic -= pages < zone->nr_reserved_highatomic
						? pages
						: zone->nr_reserved_highatomic;
}

bool highatomic_unreserve(struct phys *p, const struct ctx *ctx, uint32_t gfp,
			  bool force)
{
	const struct node *local = &p->nodes[ctx->node];
	unsigned highest = gfp_zone(p, gfp);

	for (unsigned i = 0; i < local->nr_zonelist; i++) {
		unsigned z = local->zonelist[i];
		struct zone *zone = &p->zones[z];

		if (zone->type > highest ||
		    (ctx->nodes && !node_has(ctx->nodes, zone->node)))
			continue;
		/* The last one is kept for atomic requests still to come. */
		if (!force && zone->nr_reserved_highatomic <= PAGEBLOCK_PAGES)
			continue;
		for (unsigned o = 0; o < NR_ORDERS; o++) {
			pfn_t pfn =
				free_list_first(p, z, o, MIGRATE_HIGHATOMIC);

			if (pfn == PFN_NONE)
				continue;
			unreserve_block(p, z, pfn, o, gfp_migratetype(p, gfp));
			return true;
		}
	}
	return false;
}
