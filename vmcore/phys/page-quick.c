// SPDX-License-Identifier: Apache-2.0
/*
 * What nearly every page is: a single one from the CPU's list in the first
 * zone that may serve it, which is well above its marks.
 */
#include "vmcore/phys/inner.h"

/* zone_statistics() */
void alloc_count(struct phys *p, const struct ctx *ctx, unsigned order,
		 uint32_t nr, unsigned preferred, unsigned z)
{
	const struct zone *zone = &p->zones[z];
	uint64_t *numa = p->stat.numa[z];

	vmstat_event(&p->stat, (enum event)(PGALLOC_DMA + zone->type),
		     (uint64_t)nr << order);
	if (!p->numa_stat)
		return;
	if (zone->node == p->zones[preferred].node) {
		numa[NUMA_HIT] += nr;
	} else {
		numa[NUMA_MISS] += nr;
		p->stat.numa[preferred][NUMA_FOREIGN] += nr;
	}
	if (zone->node == p->cpu_node[ctx->cpu])
		numa[NUMA_LOCAL] += nr;
	else
		numa[NUMA_OTHER] += nr;
}

/* The zone, or MAX_ZONES: the way is longer. */
static unsigned quick_zone(const struct phys *p, const struct ctx *ctx,
			   uint32_t gfp)
{
	const struct node *local = &p->nodes[ctx->node];
	unsigned highest = gfp_zone(p, gfp), i = 0, z;
	const struct zone *zone;

	if (ctx->nodes || gfp & (GFP_BIT_THISNODE | GFP_BIT_WRITE))
		return MAX_ZONES;
	while (i < local->nr_zonelist &&
	       p->zones[local->zonelist[i]].type > highest)
		i++;
	if (i == local->nr_zonelist)
		return MAX_ZONES;
	z = local->zonelist[i];
	zone = &p->zones[z];
	if (zone->flags & (ZONE_FLAG_BELOW_HIGH | ZONE_FLAG_BOOSTED) ||
	    p->nodes[zone->node].kswapd_running ||
	    p->nodes[zone->node].kswapd_wake ||
	    !zone_watermark_ok(p, z, 0, zone_wmark(zone, WMARK_HIGH), highest,
			       0))
		return MAX_ZONES;
	return z;
}

bool page_alloc_quick(struct phys *p, struct ctx *ctx, uint32_t gfp,
		      pfn_t *ret_pfn)
{
	unsigned z = quick_zone(p, ctx, gfp);

	if (z == MAX_ZONES ||
	    !pcp_take_quick(p, z, ctx->cpu, gfp_migratetype(p, gfp), ret_pfn))
		return false;
	alloc_count(p, ctx, 0, 1, z, z);
	frame_set(frame_at(p, *ret_pfn), FRAME_KERNEL, 0, 0);
	return true;
}

uint32_t page_alloc_run(struct phys *p, struct ctx *ctx, uint32_t gfp,
			uint32_t want, pfn_t *ret_first)
{
	unsigned z = quick_zone(p, ctx, gfp);
	uint32_t n;

	if (z == MAX_ZONES)
		return 0;
	n = pcp_take_run(p, z, ctx->cpu, gfp_migratetype(p, gfp), want,
			 ret_first);
	if (n)
		alloc_count(p, ctx, 0, n, z, z);
	return n;
}
