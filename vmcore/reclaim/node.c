// SPDX-License-Identifier: Apache-2.0
/* One node, group by group: shrink_node(), shrink_node_memcgs(). */
#include "vmcore/cache/shrink.h"
#include "vmcore/reclaim/policy.h"

#define NR_REQUESTS 128u /* under way at a disk */
#define THROTTLE_NS 100000000u /* HZ / 10 */

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

/* --- the node
 * --------------------------------------------------------------------- */
static int node_end(struct space *s, struct ctx *ctx, struct scan *sc)
{
	struct node *node = &s->phys->nodes[sc->node];
	bool throttle = false;

	if (sc->who == SCAN_KSWAPD) {
		if (sc->writeback && sc->writeback == sc->taken)
			node->reclaim_writeback = 1;
		throttle = sc->immediate;
	}
	if (sc->dirty && sc->dirty == sc->congested)
		node->reclaim_congested = 1;
	if (sc->who == SCAN_DIRECT && node->reclaim_congested)
		throttle = true;
	if (sc->nr_reclaimed > sc->node_reclaimed)
		node->kswapd_failures = 0;
	else if (sc->cache_trim_mode)
		sc->cache_trim_mode_failed = 1;
	sc->stage = STAGE_PREPARE;
	if (!throttle)
		return 0;
	ctx->wait_until = ctx->now + THROTTLE_NS;
	return WAIT_TIME;
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
