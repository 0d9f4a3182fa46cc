// SPDX-License-Identifier: Apache-2.0
/* Who needs memory looks for it himself: try_to_free_pages(),
 * try_to_free_mem_cgroup_pages(), do_try_to_free_pages(). */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/reclaim.h"

#define THROTTLE_RESERVES_NS 1000000000u
#define THROTTLE_TICK_NS     4000000u

#define NODE_PRIORITY 4 /* NODE_RECLAIM_PRIORITY */

enum direct_stage {
	DIRECT_BEGIN,
	DIRECT_RUN,
	DIRECT_ZONES,
	DIRECT_NODE,
	DIRECT_LOCAL,
};

/* __node_reclaim(): one node, as far as zone_reclaim_mode goes. */
static void local_begin(const struct space *s, struct direct *d)
{
	struct scan *sc = &d->scan;

	if (sc->nr_to_reclaim < 1ull << sc->order)
		sc->nr_to_reclaim = 1ull << sc->order;
	sc->priority = NODE_PRIORITY;
	sc->may_writepage = (s->phys->zone_reclaim_mode & RECLAIM_WRITE) != 0;
	sc->no_unmap = !(s->phys->zone_reclaim_mode & RECLAIM_UNMAP);
	d->stage = DIRECT_LOCAL;
	scan_node_begin(sc, mpol_first(d->nodes));
}

void direct_begin(const struct space *s, const struct ctx *ctx,
		  const struct need *need, struct direct *d)
{
	bool charge = need->pages != 0;
	uint32_t retries = d->retries;

	*d = (struct direct){ .active = 1, .retries = retries };
	d->home = charge ? ctx->node : need->home;
	d->nodes = charge ? 0 : need->nodes;
	d->scan.who = SCAN_DIRECT;
	d->scan.group = charge && need->group > GROUP_ROOT ? need->group : 0;
	d->scan.nr_to_reclaim = SWAP_CLUSTER_MAX;
	if (charge && need->pages > SWAP_CLUSTER_MAX)
		d->scan.nr_to_reclaim = need->pages;
	d->scan.gfp = need->gfp;
	d->scan.order = charge ? 0 : need->order;
	d->scan.highest = charge ? ZONE_DEVICE : gfp_zone(s->phys, need->gfp);
	d->scan.may_writepage = 1;
	d->scan.may_swap = !need->noswap;
	if (!charge && need->node_reclaim)
		local_begin(s, d);
}

/* allow_direct_reclaim(): half of the reserves are still there. */
static bool reserves_ok(const struct space *s, uint32_t node)
{
	uint64_t reserve = 0, free = 0;

	for (unsigned t = 0; t <= ZONE_NORMAL; t++) {
		unsigned z = node * MAX_ZONES_PER_NODE + t;

		if (!s->phys->zones[z].managed)
			continue;
		reserve += s->phys->zones[z].wmark[WMARK_MIN];
		free += (uint64_t)s->phys->stat.zone[z][NR_FREE_PAGES];
	}
	return !reserve || free > reserve / 2;
}

static bool may_serve(const struct direct *d, const struct zone *z)
{
	return z->managed && z->type <= d->scan.highest &&
	       (!d->nodes || d->nodes >> z->node & 1);
}

/* The first node with a zone of the kernel's that would do. */
static uint32_t first_node(const struct space *s, const struct direct *d)
{
	const struct node *home = &s->phys->nodes[d->home];

	for (uint32_t i = 0; i < home->nr_zonelist; i++) {
		const struct zone *z = &s->phys->zones[home->zonelist[i]];

		if (may_serve(d, z) && z->type <= ZONE_NORMAL)
			return z->node;
	}
	return d->home;
}

/* throttle_direct_reclaim(): kswapd first. */
static bool throttled(struct space *s, struct ctx *ctx, const struct direct *d)
{
	uint32_t n = first_node(s, d);
	struct node *node = &s->phys->nodes[n];

	if (d->scan.group || node->kswapd_failures >= MAX_RECLAIM_RETRIES ||
	    reserves_ok(s, n))
		return false;
	if (!node->kswapd_running)
		node->kswapd_wake = 1;
	vmstat_event(&s->phys->stat, PGSCAN_DIRECT_THROTTLE, 1);
	ctx->wait_until = ctx->now + THROTTLE_TICK_NS;
	return true;
}

static int run_begin(struct space *s, struct direct *d)
{
	struct scan *sc = &d->scan;

	sc->priority = DEF_PRIORITY;
	sc->may_writepage = !s->cache->laptop_mode;
	if (!sc->group)
		vmstat_event(&s->phys->stat,
			     (enum event)(ALLOCSTALL_DMA + sc->highest), 1);
	d->stage = DIRECT_ZONES;
	d->zone = 0;
	d->last_node = MAX_NODES;
	sc->nr_scanned = 0;
	return STEP_MORE;
}

/* Nothing came of it: try harder, in the kernel's order. */
static bool harder(struct direct *d)
{
	struct scan *sc = &d->scan;

	d->stage = DIRECT_RUN;
	if (!sc->full_walk) {
		sc->full_walk = 1;
		return true;
	}
	if (sc->skipped_deactivate) {
		sc->force_deactivate = 1;
		sc->skipped_deactivate = 0;
		return true;
	}
	if (sc->low_skipped) {
		sc->force_deactivate = sc->skipped_deactivate = 0;
		sc->low_reclaim = 1;
		sc->low_skipped = 0;
		return true;
	}
	return false;
}

static int run_end(struct space *s, struct direct *d)
{
	for (uint32_t n = 0; n < s->phys->nr_nodes; n++) {
		scan_snapshot(s, scan_target(&d->scan), n);
		s->phys->nodes[n].reclaim_congested = 0;
	}
	if (!d->scan.nr_reclaimed && harder(d))
		return STEP_MORE;
	d->active = 0;
	return 0;
}

/* All nodes were looked at once: lower the priority, or enough. */
static int priority_end(struct space *s, struct ctx *ctx, struct direct *d)
{
	struct scan *sc = &d->scan;
	bool stuck = sc->priority == 1 && !sc->nr_reclaimed && !sc->group;

	if (sc->nr_reclaimed >= sc->nr_to_reclaim || !sc->priority)
		return run_end(s, d);
	if (sc->priority < DEF_PRIORITY - 2)
		sc->may_writepage = 1;
	sc->priority--;
	sc->nr_scanned = 0;
	d->zone = 0;
	d->last_node = MAX_NODES;
	return stuck && scan_throttle(s, ctx, first_node(s, d)) ? WAIT_TIME
								: STEP_MORE;
}

/* The next node of the zonelist that has not just been done. */
static int next_node(struct space *s, struct ctx *ctx, struct direct *d)
{
	const struct node *home = &s->phys->nodes[d->home];

	while (d->zone < home->nr_zonelist) {
		const struct zone *z =
			&s->phys->zones[home->zonelist[d->zone++]];

		if (!may_serve(d, z) || z->node == d->last_node)
			continue;
		d->last_node = z->node;
		scan_node_begin(&d->scan, z->node);
		d->stage = DIRECT_NODE;
		return STEP_MORE;
	}
	return priority_end(s, ctx, d);
}

/* One look through the node; harder ones until it is enough. */
static int local_step(struct space *s, struct ctx *ctx, struct direct *d)
{
	struct scan *sc = &d->scan;
	int r = scan_node_step(s, ctx, sc);

	if (!scan_node_over(sc, r))
		return r;
	if (sc->nr_reclaimed < sc->nr_to_reclaim && sc->priority-- > 0) {
		scan_node_begin(sc, sc->node);
		return r ? r : STEP_MORE;
	}
	vmstat_event(&s->phys->stat,
		     sc->nr_reclaimed >= sc->nr_to_reclaim
			     ? ZONE_RECLAIM_SUCCESS
			     : ZONE_RECLAIM_FAILED,
		     1);
	d->active = 0;
	return 0;
}

int direct_step(struct space *s, struct ctx *ctx, struct direct *d)
{
	uint32_t alloc = ctx->alloc;
	int r = STEP_MORE;

	ctx->alloc |= ALLOC_MEMALLOC;
	switch ((enum direct_stage)d->stage) {
	case DIRECT_BEGIN:
		if (throttled(s, ctx, d))
			r = WAIT_TIME;
		d->stage = DIRECT_RUN;
		break;
	case DIRECT_RUN:
		r = run_begin(s, d);
		break;
	case DIRECT_ZONES:
		r = next_node(s, ctx, d);
		break;
	case DIRECT_LOCAL:
		r = local_step(s, ctx, d);
		break;
	case DIRECT_NODE:
	default:
		r = scan_node_step(s, ctx, &d->scan);
		if (scan_node_over(&d->scan, r))
			d->stage = DIRECT_ZONES;
		if (!r)
			r = STEP_MORE;
	}
	ctx->alloc = alloc;
	return r;
}
