// SPDX-License-Identifier: Apache-2.0
/* kswapd's work on a node: balance_pgdat(). */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/policy.h"

enum balance_stage { BALANCE_BEGIN, BALANCE_TOP, BALANCE_NODE };

static struct zone *zone_of(const struct space *s, const struct balance *b,
			    unsigned type)
{
	return (struct zone *)&s->phys
		->zones[b->scan.node * MAX_ZONES_PER_NODE + type];
}

void balance_begin(const struct space *s, struct balance *b, uint32_t node,
		   uint32_t order, uint32_t highest)
{
	*b = (struct balance){ .order = order, .highest = highest };
	b->scan.who = SCAN_KSWAPD;
	b->scan.gfp = GFP_KERNEL;
	b->scan.node = node;
	b->scan.order = order;
	b->scan.highest = highest;
	for (unsigned t = 0; t <= highest && t < MAX_ZONES_PER_NODE; t++) {
		b->boosts[t] = zone_of(s, b, t)->boost;
		b->boost_left += b->boosts[t];
	}
	b->boosted = b->boost_left != 0;
}

/* set_reclaim_active(): per-CPU lists stay short meanwhile. */
static void set_active(const struct space *s, const struct balance *b, bool on)
{
	for (unsigned t = 0; t <= b->highest && t < MAX_ZONES_PER_NODE; t++) {
		struct zone *z = zone_of(s, b, t);

		if (on && z->managed)
			z->flags |= ZONE_FLAG_RECLAIM_ACTIVE;
		else
			z->flags &= ~ZONE_FLAG_RECLAIM_ACTIVE;
	}
}

/* The whole of it may be asked for again at a lower priority. */
static void restart(const struct space *s, struct balance *b)
{
	set_active(s, b, true);
	b->scan.priority = DEF_PRIORITY;
	b->stage = BALANCE_TOP;
}

static int finish(struct space *s, struct balance *b)
{
	struct node *node = &s->phys->nodes[b->scan.node];

	set_active(s, b, false);
	node->kswapd_throttled = 0;
	for (unsigned t = 0; b->boosted && t <= b->highest; t++) {
		struct zone *z = zone_of(s, b, t);

		z->boost -= z->boost < b->boosts[t] ? z->boost : b->boosts[t];
	}
	/* There is room now to make whole pageblocks free. */
	if (b->boosted)
		kcompactd_request(s->phys, b->scan.node, PAGEBLOCK_ORDER,
				  b->highest);
	scan_snapshot(s, GROUP_ROOT, b->scan.node);
	return 0;
}

/* kswapd_shrink_node(): how much would do. */
static uint64_t target(const struct space *s, const struct balance *b)
{
	uint64_t pages = 0;

	for (unsigned t = 0; t <= b->highest && t < MAX_ZONES_PER_NODE; t++) {
		const struct zone *z = zone_of(s, b, t);
		uint32_t high = zone_wmark(z, WMARK_HIGH);

		if (z->managed)
			pages += high > SWAP_CLUSTER_MAX ? high
							 : SWAP_CLUSTER_MAX;
	}
	return pages;
}

static int top(struct space *s, struct ctx *ctx, struct balance *b)
{
	struct scan *sc = &b->scan;
	bool balanced =
		node_balanced(s->phys, sc->node, sc->order, sc->highest);

	if (!balanced && b->boost_left) {
		b->boost_left = 0;
		sc->priority = DEF_PRIORITY;
	}
	s->phys->nodes[sc->node].kswapd_throttled = 0;
	if (balanced && !b->boost_left)
		return finish(s, b);
	b->before = sc->nr_reclaimed;
	b->raise = !(b->boost_left && sc->priority == DEF_PRIORITY - 2);
	sc->may_writepage = !s->cache->laptop_mode && !b->boost_left;
	sc->may_swap = !b->boost_left;
	if (sc->priority < DEF_PRIORITY - 2)
		sc->may_writepage = 1;
	if (scan_policy(s)->age)
		scan_policy(s)->age(s, ctx, sc);
	sc->nr_scanned = 0;
	sc->nr_to_reclaim = target(s, b);
	scan_node_begin(sc, sc->node);
	b->stage = BALANCE_NODE;
	return STEP_MORE;
}

/* One priority is done. */
static int bottom(struct space *s, struct balance *b)
{
	struct scan *sc = &b->scan;
	uint64_t freed = sc->nr_reclaimed - b->before;

	/* Enough for a large block: go on for single pages. */
	if (sc->order && sc->nr_reclaimed >= 2ull << sc->order)
		sc->order = 0;
	if (sc->nr_scanned >= sc->nr_to_reclaim)
		b->raise = 0;
	b->stage = BALANCE_TOP;
	if (b->boost_left) {
		b->boost_left -= freed < b->boost_left ? freed : b->boost_left;
		if (b->boost_left && !freed)
			sc->priority = 0;
	}
	if (sc->priority && (b->raise || !freed))
		sc->priority--;
	if (sc->priority >= 1)
		return STEP_MORE;
	if (!sc->nr_reclaimed && !sc->no_cache_trim_mode &&
	    sc->cache_trim_mode_failed) {
		sc->no_cache_trim_mode = 1;
		restart(s, b);
		return STEP_MORE;
	}
	if (!sc->nr_reclaimed)
		s->phys->nodes[sc->node].kswapd_failures++;
	return finish(s, b);
}

int balance_step(struct space *s, struct ctx *ctx, struct balance *b)
{
	uint32_t alloc = ctx->alloc;
	int r = STEP_MORE;

	ctx->alloc |= ALLOC_MEMALLOC;
	switch ((enum balance_stage)b->stage) {
	case BALANCE_BEGIN:
		vmstat_event(&s->phys->stat, PAGEOUTRUN, 1);
		restart(s, b);
		break;
	case BALANCE_TOP:
		r = top(s, ctx, b);
		break;
	case BALANCE_NODE:
	default:
		r = scan_node_step(s, ctx, &b->scan);
		if (scan_node_over(&b->scan, r)) {
			int done = bottom(s, b);

			r = done == STEP_MORE && r ? r : done;
		}
	}
	ctx->alloc = alloc;
	return r;
}
