// SPDX-License-Identifier: Apache-2.0
/* One node, group by group, list by list: shrink_node(), shrink_lruvec(). */
#include "vmcore/cache/shrink.h"
#include "vmcore/reclaim/reclaim.h"

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

/* --- lists of a group
 * --------------------------------------------------------- */
static bool lists_left(const struct scan *sc)
{
	return sc->nr[LRU_INACTIVE_ANON] || sc->nr[LRU_ACTIVE_FILE] ||
	       sc->nr[LRU_INACTIVE_FILE];
}

/* Enough was freed: scan the type that is further behind in proportion to
 * what the other was scanned, and that one no more. */
static bool adjust(struct scan *sc)
{
	uint64_t file = sc->nr[LRU_INACTIVE_FILE] + sc->nr[LRU_ACTIVE_FILE];
	uint64_t anon = sc->nr[LRU_INACTIVE_ANON] + sc->nr[LRU_ACTIVE_ANON];
	bool drop_anon = file > anon;
	unsigned drop = drop_anon ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE;
	unsigned keep = drop_anon ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
	uint64_t percent;

	if (!file || !anon)
		return false;
	percent = (drop_anon ? anon : file) * 100 /
		  (sc->targets[drop] + sc->targets[drop + 1] + 1);
	sc->nr[drop] = sc->nr[drop + 1] = 0;
	for (unsigned l = keep; l < keep + 2; l++) {
		uint64_t scanned = sc->targets[l] - sc->nr[l];
		uint64_t left = sc->targets[l] * (100 - percent) / 100;

		sc->nr[l] = left > scanned ? left - scanned : 0;
	}
	return true;
}

/* The next 32 pages. Return: false when the group's lists are done. */
static bool lists_step(struct space *s, struct ctx *ctx, struct scan *sc)
{
	if (!sc->lru && !lists_left(sc))
		return false;
	while (sc->lru < 4 && !sc->nr[sc->lru])
		sc->lru++;
	if (sc->lru < 4) {
		uint64_t nr = sc->nr[sc->lru];

		if (nr > SWAP_CLUSTER_MAX)
			nr = SWAP_CLUSTER_MAX;
		sc->nr[sc->lru] -= nr;
		sc->list_reclaimed +=
			shrink_list(s, ctx, sc, (enum lru)sc->lru, nr);
		sc->lru++;
		return true;
	}
	sc->lru = 0;
	if (sc->list_reclaimed < sc->nr_to_reclaim || sc->proportional)
		return true;
	return adjust(sc);
}

/* --- groups
 * ---------------------------------------------------------------------- */
/* What the group may keep (mem_cgroup_below_min(), below_low()). */
static bool group_protected(const struct space *s, struct scan *sc)
{
	struct group *g = group_at(s->control, sc->memcg);

	if (sc->memcg == scan_target(sc) || sc->memcg == GROUP_ROOT)
		return false;
	if (g->min && g->usage <= g->min)
		return true;
	if (g->low && g->usage <= g->low && !sc->low_reclaim) {
		sc->low_skipped = 1;
		return true;
	}
	return false;
}

static int group_begin(struct space *s, struct scan *sc)
{
	if (group_protected(s, sc)) {
		sc->memcg = group_next(s->control, scan_target(sc), sc->memcg);
		return STEP_MORE;
	}
	scan_count(s, sc);
	sc->list_reclaimed = 0;
	sc->lru = 0;
	sc->proportional = !sc->group && sc->who != SCAN_KSWAPD &&
			   sc->priority == DEF_PRIORITY;
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

/* Also where no anonymous page was scanned their lists keep in balance. */
static int group_end(struct space *s, struct ctx *ctx, struct scan *sc)
{
	bool partial = sc->who != SCAN_KSWAPD && !sc->full_walk;

	sc->nr_reclaimed += sc->list_reclaimed;
	if (s->control->total_swap_pages &&
	    inactive_is_low(scan_lruvec(s, sc), false))
		shrink_active(s, ctx, sc, LRU_ACTIVE_ANON, SWAP_CLUSTER_MAX);
	slabs(s, ctx, sc);
	sc->stage = STAGE_GROUP;
	if (partial && sc->nr_reclaimed >= sc->nr_to_reclaim)
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
		scan_prepare(s, sc);
		sc->stage = STAGE_GROUP;
		return STEP_MORE;
	case STAGE_GROUP:
		return sc->memcg ? group_begin(s, sc) : node_end(s, ctx, sc);
	case STAGE_LISTS:
		if (queue_full(s, ctx))
			return WAIT_TIME;
		if (!lists_step(s, ctx, sc))
			sc->stage = STAGE_AGE;
		return STEP_MORE;
	case STAGE_AGE:
	default:
		return group_end(s, ctx, sc);
	}
}
