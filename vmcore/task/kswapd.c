// SPDX-License-Identifier: Apache-2.0
/* kswapd of a node: kswapd(), kswapd_try_to_sleep() of mm/vmscan.c. */
#include "vmcore/base/klog.h"
#include "vmcore/phys/block.h"
#include "vmcore/task/oom.h"

#define NAP_NS 100000000u /* HZ / 10 */

/* actor.cursor[0] */
enum kswapd_state { KSWAPD_WOKEN, KSWAPD_BUSY, KSWAPD_TIRED, KSWAPD_NAPS };

static uint32_t node_of(const struct tasks *t, const struct actor *a)
{
	uint32_t n = 0;

	while (t->kswapd[n] != a->self)
		n++;
	return n;
}

/* It gave up on large blocks: single pages will do, kcompactd does the rest. */
static bool order_lowered(const struct balance *b)
{
	return b->scan.order < b->order;
}

/* prepare_kswapd_sleep(): nothing to do, or nothing that would help. What
 * reclaim met is forgotten only when there is enough. */
static bool may_sleep(const struct tasks *t, uint32_t n,
		      const struct balance *b)
{
	struct phys *p = t->space->phys;
	struct node *node = &p->nodes[n];
	uint32_t order = order_lowered(b) ? b->scan.order : node->kswapd_order;

	if (node->kswapd_failures >= MAX_RECLAIM_RETRIES)
		return true;
	if (!node_balanced(p, n, order, b->highest))
		return false;
	node->reclaim_writeback = node->reclaim_congested = 0;
	return true;
}

/* The zone that is shortest of what it should have free. */
static const struct zone *shortest(const struct phys *p, uint32_t n,
				   uint32_t highest, int64_t *ret_free)
{
	const struct zone *found = NULL;
	int64_t least = INT64_MAX;

	for (unsigned i = 0; i <= highest && i < MAX_ZONES_PER_NODE; i++) {
		unsigned z = n * MAX_ZONES_PER_NODE + i;
		int64_t free = p->stat.zone[z][NR_FREE_PAGES];
		int64_t over = free - zone_wmark(&p->zones[z], WMARK_HIGH);

		if (!p->zones[z].managed || over >= least)
			continue;
		least = over;
		found = &p->zones[z];
		*ret_free = free;
	}
	return found;
}

/* One that has enough is enough (pgdat_balanced()). */
static const struct zone *balanced(const struct phys *p, uint32_t n,
				   const struct balance *b, int64_t *ret_free)
{
	for (unsigned i = 0; i <= b->highest && i < MAX_ZONES_PER_NODE; i++) {
		unsigned z = n * MAX_ZONES_PER_NODE + i;

		if (!p->zones[z].managed ||
		    !zone_watermark_ok(p, z, b->scan.order,
				       zone_wmark(&p->zones[z], WMARK_HIGH),
				       b->highest, 0))
			continue;
		*ret_free = p->stat.zone[z][NR_FREE_PAGES];
		return &p->zones[z];
	}
	return shortest(p, n, b->highest, ret_free);
}

static void tell(const struct tasks *t, const struct ctx *ctx, const char *what,
		 const struct zone *z, int64_t free, uint32_t order,
		 const char *rule)
{
	const struct phys *p = t->space->phys;

	if (z)
		ctx_tell(
			ctx,
			"%s node=%u zone=%s order=%u free=%lld min=%u low=%u high=%u boost=%u rule=%s",
			what, z->node, zone_name(p, z->type), order,
			(long long)free, zone_wmark(z, WMARK_MIN),
			zone_wmark(z, WMARK_LOW), zone_wmark(z, WMARK_HIGH),
			z->boost, rule);
}

static void tell_wake(const struct tasks *t, const struct ctx *ctx, uint32_t n)
{
	const struct phys *p = t->space->phys;
	const struct node *node = &p->nodes[n];
	const char *rule = "below-low-watermark";
	int64_t free = 0;
	const struct zone *z = shortest(p, n, node->kswapd_zone, &free);

	if (z && z->boost)
		rule = "boosted-after-mixing-types";
	else if (z && free > zone_wmark(z, WMARK_HIGH))
		rule = "no-block-of-that-order";
	tell(t, ctx, "kswapd_wake", z, free, node->kswapd_order, rule);
}

static void tell_sleep(const struct tasks *t, const struct ctx *ctx, uint32_t n)
{
	const struct phys *p = t->space->phys;
	const struct balance *b = &t->balance[n];
	int64_t free = 0;
	const struct zone *z = balanced(p, n, b, &free);

	tell(t, ctx, "kswapd_sleep", z, free, b->scan.order,
	     p->nodes[n].kswapd_failures >= MAX_RECLAIM_RETRIES
		     ? "nothing-could-be-reclaimed"
		     : "balanced-up-to-high");
}

static int work(struct tasks *t, struct actor *a, uint32_t n)
{
	struct node *node = &t->space->phys->nodes[n];
	/* Nobody asked anew: the zones of last time. */
	uint32_t highest = node->kswapd_zone ? node->kswapd_zone
					     : t->balance[n].highest;

	balance_begin(t->space, &t->balance[n], n, node->kswapd_order, highest);
	node->kswapd_order = 0;
	node->kswapd_zone = 0;
	node->kswapd_running = 1;
	a->memstall = 1; /* psi_memstall_enter() of balance_pgdat() */
	a->cursor[0] = KSWAPD_BUSY;
	return STEP_MORE;
}

/* Not to sleep yet: somebody asked, or it is not enough after all. */
static int again(struct tasks *t, struct actor *a, uint32_t n, enum event why)
{
	vmstat_event(&t->space->phys->stat, why, 1);
	return work(t, a, n);
}

static int lie_down(struct tasks *t, struct ctx *ctx, struct actor *a,
		    uint32_t n)
{
	struct phys *p = t->space->phys;
	const struct balance *b = &t->balance[n];

	p->nodes[n].kswapd_running = 0;
	a->memstall = 0;
	if (!may_sleep(t, n, b))
		return again(t, a, n, KSWAPD_HIGH_WMARK_HIT_QUICKLY);
	for (unsigned z = 0; z < MAX_ZONES_PER_NODE; z++)
		compact_forget(p, n * MAX_ZONES_PER_NODE + z);
	kcompactd_request(
		p, n, order_lowered(b) ? b->order : p->nodes[n].kswapd_order,
		b->highest);
	a->cursor[0] = KSWAPD_NAPS;
	ctx->wait_until = ctx->now + NAP_NS;
	return WAIT_TIME;
}

static int nap_over(struct tasks *t, struct ctx *ctx, struct actor *a,
		    uint32_t n)
{
	if (ctx->now < a->wake_at)
		return again(t, a, n, KSWAPD_LOW_WMARK_HIT_QUICKLY);
	if (!may_sleep(t, n, &t->balance[n]))
		return again(t, a, n, KSWAPD_HIGH_WMARK_HIT_QUICKLY);
	tell_sleep(t, ctx, n);
	a->cursor[0] = KSWAPD_WOKEN;
	return WAIT_WAKE;
}

int kswapd_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t n = node_of(t, a);
	int r;

	switch ((enum kswapd_state)a->cursor[0]) {
	case KSWAPD_WOKEN:
		tell_wake(t, ctx, n);
		return work(t, a, n);
	case KSWAPD_BUSY:
		r = balance_step(t->space, ctx, &t->balance[n]);
		if (t->balance[n].scan.too_young) {
			t->balance[n].scan.too_young = 0;
			oom_kill(t, ctx, a);
		}
		if (!r)
			a->cursor[0] = KSWAPD_TIRED;
		return r ? r : STEP_MORE;
	case KSWAPD_TIRED:
		return lie_down(t, ctx, a, n);
	case KSWAPD_NAPS:
	default:
		return nap_over(t, ctx, a, n);
	}
}
