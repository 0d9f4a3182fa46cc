// SPDX-License-Identifier: Apache-2.0
/* When kswapd, kcompactd or node_reclaim() are asked for (mm/vmscan.c,
 * wakeup_kswapd(), pgdat_balanced(), node_reclaim()). */
#include "vmcore/phys/inner.h"

#define MAX_FAILURES	 16u /* MAX_RECLAIM_RETRIES */
#define RECLAIM_DISTANCE 30
#define WRITTEN_ENOUGH	 32u /* SWAP_CLUSTER_MAX */

bool node_balanced(const struct phys *p, unsigned node, unsigned order,
		   unsigned highest)
{
	enum wmark mark = p->numa_balancing & NUMAB_TIERING ? WMARK_PROMO
							    : WMARK_HIGH;
	bool managed = false;

	for (unsigned t = 0; t <= highest && t < MAX_ZONES_PER_NODE; t++) {
		unsigned z = node * MAX_ZONES_PER_NODE + t;

		if (!p->zones[z].managed)
			continue;
		managed = true;
		if (zone_watermark_ok(p, z, order,
				      zone_wmark(&p->zones[z], mark), highest,
				      0))
			return true;
	}
	return !managed;
}

bool need_served(const struct phys *p, const struct need *need,
		 unsigned *ret_zone)
{
	const struct node *local = &p->nodes[need->home];
	uint32_t nodes = need->nodes ? need->nodes : UINT32_MAX;
	uint32_t flags = need->gfp & GFP_BIT_HIGH ? ALLOC_MIN_RESERVE : 0;
	unsigned highest = gfp_zone(p, need->gfp);

	for (unsigned i = 0; i < local->nr_zonelist; i++) {
		unsigned z = local->zonelist[i];

		if (p->zones[z].type > highest ||
		    !node_has(nodes, p->zones[z].node) ||
		    !zone_watermark_ok(p, z, need->order,
				       zone_wmark(&p->zones[z], WMARK_MIN),
				       highest, flags))
			continue;
		*ret_zone = z;
		return true;
	}
	return false;
}

bool node_boosted(const struct phys *p, unsigned node, unsigned highest)
{
	for (unsigned t = 0; t <= highest && t < MAX_ZONES_PER_NODE; t++) {
		const struct zone *z = &p->zones[node * MAX_ZONES_PER_NODE + t];

		if (z->managed && z->boost)
			return true;
	}
	return false;
}

void kcompactd_request(struct phys *p, unsigned n, unsigned order,
		       unsigned highest)
{
	struct node *node = &p->nodes[n];

	if (!order)
		return;
	/* Until somebody asks for less, all zones are meant. */
	if (!node->kcompactd_order || node->kcompactd_zone > highest)
		node->kcompactd_zone = highest;
	if (node->kcompactd_order < order)
		node->kcompactd_order = order;
	node->kcompactd_wake = 1;
}

void kswapd_request(struct phys *p, unsigned z, uint32_t gfp, unsigned order,
		    unsigned highest)
{
	unsigned n = p->zones[z].node;
	struct node *node = &p->nodes[n];

	if (!p->zones[z].managed)
		return;
	if (node->kswapd_zone < highest)
		node->kswapd_zone = highest;
	if (node->kswapd_order < order)
		node->kswapd_order = order;
	if (node->kswapd_wake || node->kswapd_running)
		return;
	if (node->kswapd_failures < MAX_FAILURES &&
	    (!node_balanced(p, n, order, highest) ||
	     node_boosted(p, n, highest))) {
		node->kswapd_wake = 1;
		return;
	}
	/* Enough is free, only in too small pieces. */
	if (!(gfp & GFP_BIT_DIRECT_RECLAIM))
		kcompactd_request(p, n, order, highest);
}

void node_written(struct phys *p, unsigned n, uint64_t pages)
{
	struct node *node = &p->nodes[n];

	vmstat_node(&p->stat, n, NR_WRITTEN, (int64_t)pages);
	if (!node->kswapd_throttled)
		return;
	vmstat_node(&p->stat, n, NR_THROTTLED_WRITTEN, (int64_t)pages);
	node->kswapd_throttled += (uint32_t)pages;
	if (node->kswapd_throttled > 1 + WRITTEN_ENOUGH)
		node->kswapd_wake = 1;
}

/* Page cache that zone_reclaim_mode allows to drop. */
static int64_t reclaimable_cache(const struct phys *p, unsigned node)
{
	const int64_t *stat = p->stat.node[node];
	int64_t pages = stat[NR_FILE_PAGES];

	if (!(p->zone_reclaim_mode & RECLAIM_UNMAP))
		pages = stat[NR_ACTIVE_FILE] + stat[NR_INACTIVE_FILE] -
			stat[NR_FILE_MAPPED];
	if (!(p->zone_reclaim_mode & RECLAIM_WRITE))
		pages -= stat[NR_FILE_DIRTY];
	return pages;
}

bool node_reclaimable(const struct phys *p, unsigned node)
{
	int64_t managed = 0;

	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
		managed += p->zones[node * MAX_ZONES_PER_NODE + t].managed;
	return reclaimable_cache(p, node) >
		       managed * p->min_unmapped_ratio / 100 ||
	       p->stat.node[node][NR_SLAB_RECLAIMABLE] >
		       managed * p->min_slab_ratio / 100;
}

bool node_reclaim_due(const struct phys *p, const struct ctx *ctx, unsigned z,
		      unsigned preferred, uint32_t gfp)
{
	unsigned n = p->zones[z].node;
	const struct node *home = &p->nodes[p->zones[preferred].node];

	if (!node_has(ctx->node_reclaim, n) ||
	    home->distance[n] > RECLAIM_DISTANCE ||
	    !(gfp & GFP_BIT_DIRECT_RECLAIM) || ctx->alloc & ALLOC_MEMALLOC ||
	    (p->nodes[n].nr_cpus && n != p->cpu_node[ctx->cpu]))
		return false;
	return node_reclaimable(p, n);
}
