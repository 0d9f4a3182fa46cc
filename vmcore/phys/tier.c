// SPDX-License-Identifier: Apache-2.0
/* Fast and slow memory: mm/memory-tiers.c, and which of it a process waits for
 * too often (kernel/sched/fair.c). A node without CPUs is of the slow kind. */
#include "vmcore/phys/tier.h"
#include "vmcore/phys/inner.h"

#define GIB_PAGES    (1u << (30 - PAGE_SHIFT))
#define HOT_MS	     1000u /* numa_balancing/hot_threshold_ms */
#define WINDOW_MS    1000u
#define ADJUST_MS    60000u /* scan_period_max_ms */
#define ADJUST_STEPS 16u /* NUMA_MIGRATION_ADJUST_STEPS */

bool node_is_toptier(const struct phys *p, unsigned node)
{
	return p->nodes[node].nr_cpus > 0;
}

static bool has_memory(const struct phys *p, unsigned node)
{
	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
		if (p->zones[node * MAX_ZONES_PER_NODE + t].managed)
			return true;
	return false;
}

unsigned node_demotion(const struct phys *p, unsigned node)
{
	unsigned best = MAX_NODES;

	if (!p->demotion_enabled || !node_is_toptier(p, node))
		return MAX_NODES;
	for (unsigned n = 0; n < p->nr_nodes; n++) {
		if (node_is_toptier(p, n) || !has_memory(p, n))
			continue;
		if (best == MAX_NODES ||
		    p->nodes[node].distance[n] < p->nodes[node].distance[best])
			best = n;
	}
	return best;
}

/* pgdat_free_space_enough() */
static bool enough_free(const struct phys *p, unsigned node)
{
	uint32_t present = 0, wanted;

	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
		present += p->zones[node * MAX_ZONES_PER_NODE + t].present;
	wanted = present / 16 > GIB_PAGES ? present / 16 : GIB_PAGES;
	return node_above(p, node, WMARK_PROMO, wanted);
}

/* numa_promotion_adjust_threshold(): as many candidates as the limit lets go,
 * once a minute. */
static void adjust(struct phys *p, unsigned node, uint64_t limit, uint32_t ms)
{
	struct promotion *n = &p->nodes[node].promotion;
	uint64_t all = (uint64_t)p->stat.node[node][PGPROMOTE_CANDIDATE];
	uint64_t wanted = limit * ADJUST_MS / WINDOW_MS, diff;
	uint32_t step = HOT_MS * 2 / ADJUST_STEPS, most = HOT_MS * 2;

	if (ms - n->adjusted_ms <= ADJUST_MS)
		return;
	n->adjusted_ms = ms;
	diff = all - n->adjusted_candidates;
	n->adjusted_candidates = all;
	if (!n->threshold_ms)
		n->threshold_ms = HOT_MS;
	if (diff > wanted * 11 / 10)
		n->threshold_ms = n->threshold_ms > 2 * step
					  ? n->threshold_ms - step
					  : step;
	else if (diff < wanted * 9 / 10)
		n->threshold_ms = n->threshold_ms + step < most
					  ? n->threshold_ms + step
					  : most;
}

/* numa_promotion_rate_limit() */
static bool too_many(struct phys *p, unsigned node, uint64_t limit,
		     uint32_t pages, uint32_t ms)
{
	struct promotion *n = &p->nodes[node].promotion;
	uint64_t all;

	vmstat_node(&p->stat, node, PGPROMOTE_CANDIDATE, pages);
	all = (uint64_t)p->stat.node[node][PGPROMOTE_CANDIDATE];
	if (ms - n->window_ms > WINDOW_MS) {
		n->window_ms = ms;
		n->window_candidates = all;
	}
	return all - n->window_candidates >= limit;
}

bool promotion_due(struct phys *p, unsigned node, uint32_t pages,
		   uint32_t since_ms, uint32_t now_ms)
{
	struct promotion *n = &p->nodes[node].promotion;
	uint64_t limit = (uint64_t)p->numa_balancing_promote_rate_limit_MBps
			 << (20 - PAGE_SHIFT);

	if (enough_free(p, node)) {
		n->threshold_ms = 0;
		vmstat_node(&p->stat, node, PGPROMOTE_CANDIDATE_NRL, pages);
		return true;
	}
	adjust(p, node, limit, now_ms);
	if (since_ms >= (n->threshold_ms ? n->threshold_ms : HOT_MS))
		return false;
	return !too_many(p, node, limit, pages, now_ms);
}

void promotion_wants_room(struct phys *p, unsigned node)
{
	for (unsigned t = MAX_ZONES_PER_NODE; t-- > 0;) {
		unsigned z = node * MAX_ZONES_PER_NODE + t;

		if (!p->zones[z].managed)
			continue;
		kswapd_request(p, z, 0, 0, ZONE_MOVABLE);
		return;
	}
}
