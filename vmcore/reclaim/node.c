// SPDX-License-Identifier: Apache-2.0
/* One node, group by group: shrink_node(), shrink_node_memcgs(). */
#include "vmcore/cache/shrink.h"
#include "vmcore/phys/tier.h"
#include "vmcore/reclaim/policy.h"

#define NR_REQUESTS 128u /* under way at a disk */
#define THROTTLE_NS 100000000u /* HZ / 10, or until enough was written */
#define TICK_NS	    4000000u

void scan_node_begin(struct scan *sc, uint32_t node)
{
	sc->node = node;
	sc->stage = STAGE_PREPARE;
}

bool scan_node_over(const struct scan *sc, int result)
{
	return !result || (result == WAIT_TIME && sc->stage == STAGE_PREPARE);
}

/* --- groups
 * ---------------------------------------------------------------------- */
/* What the group may keep (mem_cgroup_below_min(), below_low()). */
static bool group_protected(const struct space *s, struct scan *sc)
{
	const struct group *g = group_at(s->control, sc->memcg);
	uint64_t min, low;

	if (sc->memcg == scan_target(sc) || sc->memcg == GROUP_ROOT)
		return false;
	group_protection(s->control, scan_target(sc), sc->memcg, &min, &low);
	if (g->usage <= min)
		return true;
	if (g->usage > low)
		return false;
	if (!sc->low_reclaim) {
		sc->low_skipped = 1;
		return true;
	}
	group_count(s->control, sc->memcg, GROUP_LOW);
	return false;
}

static int group_begin(struct space *s, struct ctx *ctx, struct scan *sc)
{
	if (group_protected(s, sc)) {
		sc->memcg = group_next(s->control, scan_target(sc), sc->memcg);
		return STEP_MORE;
	}
	sc->list_reclaimed = 0;
	scan_policy(s)->group(s, ctx, sc);
	sc->stage = STAGE_LISTS;
	return STEP_MORE;
}

/* Objects of the group's slabs go too; pages of slabs that this frees count
 * as reclaimed (flush_reclaim_state()). */
static void slabs(struct space *s, struct ctx *ctx, struct scan *sc)
{
	const int64_t *pages =
		&s->phys->stat.node[sc->node][NR_SLAB_RECLAIMABLE];
	int64_t before = *pages;

	shrink_slab(s->cache, ctx, sc->node, sc->memcg, sc->priority);
	thp_shrink(s, ctx, sc->memcg ? sc->memcg : GROUP_ROOT, sc->node,
		   sc->priority);
	if (!sc->group && *pages < before)
		sc->nr_reclaimed += (uint64_t)(before - *pages);
}

static int group_end(struct space *s, struct ctx *ctx, struct scan *sc)
{
	bool partial = sc->who != SCAN_KSWAPD && !sc->full_walk;
	bool enough = scan_policy(s)->group_end(s, ctx, sc);

	sc->nr_reclaimed += sc->list_reclaimed;
	slabs(s, ctx, sc);
	sc->stage = STAGE_GROUP;
	if (enough || (partial && sc->nr_reclaimed >= sc->nr_to_reclaim))
		sc->memcg = 0;
	else
		sc->memcg = group_next(s->control, scan_target(sc), sc->memcg);
	return STEP_MORE;
}

/* --- waiting
 * ---------------------------------------------------------------------- */
uint64_t zone_reclaimable(const struct space *s, unsigned z)
{
	const struct phys *p = s->phys;
	const int64_t *n = p->stat.zone[z];
	int64_t pages = n[NR_ZONE_INACTIVE_FILE] + n[NR_ZONE_ACTIVE_FILE];

	if (s->control->free_swap_pages ||
	    node_demotion(p, p->zones[z].node) < MAX_NODES)
		pages += n[NR_ZONE_INACTIVE_ANON] + n[NR_ZONE_ACTIVE_ANON];
	return pages > 0 ? (uint64_t)pages : 0;
}

bool scan_throttle(const struct space *s, struct ctx *ctx, uint32_t node)
{
	uint64_t reclaimable = 0;
	int64_t pending = 0;

	if (s->phys->nodes[node].kswapd_failures >= MAX_RECLAIM_RETRIES)
		return false;
	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++) {
		unsigned z = node * MAX_ZONES_PER_NODE + t;

		reclaimable += zone_reclaimable(s, z);
		pending += s->phys->stat.zone[z][NR_ZONE_WRITE_PENDING];
	}
	if (2 * pending <= (int64_t)reclaimable)
		return false;
	ctx->wait_until = ctx->now + TICK_NS;
	return true;
}

/* --- the node
 * --------------------------------------------------------------------- */
static int node_end(struct space *s, struct ctx *ctx, struct scan *sc)
{
	struct node *node = &s->phys->nodes[sc->node];

	if (sc->who == SCAN_KSWAPD && sc->writeback &&
	    sc->writeback == sc->taken)
		node->reclaim_writeback = 1;
	if (sc->dirty && sc->dirty == sc->congested)
		node->reclaim_congested = 1;
	if (sc->nr_reclaimed > sc->node_reclaimed)
		node->kswapd_failures = 0;
	else if (sc->cache_trim_mode)
		sc->cache_trim_mode_failed = 1;
	sc->stage = STAGE_PREPARE;
	if (sc->who == SCAN_KSWAPD && sc->immediate) {
		node->kswapd_throttled = 1;
		ctx->wait_until = ctx->now + THROTTLE_NS;
		return WAIT_TIME;
	}
	if (sc->who == SCAN_DIRECT && node->reclaim_congested &&
	    scan_throttle(s, ctx, sc->node))
		return WAIT_TIME;
	return 0;
}

/* Who sends more than a disk takes waits for it (blk_mq_get_tag()). */
static bool queue_full(struct space *s, struct ctx *ctx)
{
	const struct swap *swap = &s->cache->swap;

	for (uint32_t i = 0; i < swap->nr_active; i++) {
		const struct disk *d =
			disk_at(s->cache, swap->area[swap->active[i]].disk);

		if (d->in_flight < NR_REQUESTS)
			continue;
		ctx->wait_until = ctx->now + (d->busy_until - ctx->now) / 4 + 1;
		return true;
	}
	return false;
}

int scan_node_step(struct space *s, struct ctx *ctx, struct scan *sc)
{
	switch ((enum scan_stage)sc->stage) {
	case STAGE_PREPARE:
		sc->memcg = scan_target(sc);
		sc->node_reclaimed = sc->nr_reclaimed;
		scan_policy(s)->node(s, ctx, sc);
		sc->stage = STAGE_GROUP;
		return STEP_MORE;
	case STAGE_GROUP:
		return sc->memcg ? group_begin(s, ctx, sc)
				 : node_end(s, ctx, sc);
	case STAGE_LISTS:
		if (queue_full(s, ctx))
			return WAIT_TIME;
		if (!scan_policy(s)->step(s, ctx, sc))
			sc->stage = STAGE_AGE;
		return STEP_MORE;
	case STAGE_AGE:
	default:
		return group_end(s, ctx, sc);
	}
}
