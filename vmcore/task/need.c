// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/phys/block.h"
#include "vmcore/phys/tier.h"
#include "vmcore/task/oom.h"

#define COSTLY_ORDER	    3u /* PAGE_ALLOC_COSTLY_ORDER */
#define MAX_COMPACT_RETRIES 16u

/* show_signal_msg(); where the program and its stack stood, nobody knows. */
void task_log_segfault(struct tasks *t, const struct ctx *ctx,
		       const struct actor *a)
{
	const struct task *task = actor_task(t, a);
	const struct mm *mm = mm_at(t->space, task->mm);
	uint64_t ip = ctx->fault_code & 16 ? ctx->fault_addr : mm->start_code;

	klog_add(
		&t->log, t->now, 6,
		"%s[%u]: segfault at %llx ip %016llx sp %016llx error %x likely on CPU %u (core %u, socket 0)",
		task->comm, task->pid, (unsigned long long)ctx->fault_addr,
		(unsigned long long)ip, (unsigned long long)mm->start_stack,
		ctx->fault_code, ctx->cpu, ctx->cpu);
}

/* --- one request ------------------------------------------------------------
 */
enum slow_stage { SLOW_RECLAIM, SLOW_COMPACT_FIRST, SLOW_COMPACT };

/* gfp_compaction_allowed() */
static bool can_compact(const struct need *need)
{
	return need->order && need->gfp & GFP_BIT_IO;
}

static bool costly(const struct need *need)
{
	return need->order > COSTLY_ORDER;
}

static void begin_compact(struct actor *a, enum slow_stage stage)
{
	a->slow.stage = stage;
	a->direct.active = 1;
	compact_direct_begin(&a->need, (enum compact_priority)a->slow.priority,
			     &a->slow.compact);
}

static void begin_reclaim(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (a->need.pages)
		ctx_tell(ctx, "direct_reclaim group=%u pages=%u rule=group-max",
			 a->need.group, a->need.pages);
	else
		ctx_tell(
			ctx,
			"direct_reclaim order=%u gfp=%x nodes=%x rule=below-min-watermark",
			a->need.order, a->need.gfp, a->need.nodes);
	a->slow.stage = SLOW_RECLAIM;
	direct_begin(t->space, ctx, &a->need, &a->direct);
}

/* Where blocks are large or stay where they are, compaction comes first. */
static bool compact_first(const struct tasks *t, const struct actor *a)
{
	const struct need *need = &a->need;

	return can_compact(need) && !need->node_reclaim &&
	       (costly(need) ||
		gfp_migratetype(t->space->phys, need->gfp) != MIGRATE_MOVABLE);
}

int need_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct need *need = &a->need;
	struct slow *s = &a->slow;

	if (!need->pages && !(need->gfp & GFP_BIT_DIRECT_RECLAIM))
		return ENOMEM;
	if (s->open && s->order == need->order && s->gfp == need->gfp) {
		begin_reclaim(t, ctx, a);
		return 0;
	}
	*s = (struct slow){ .open = 1,
			    .order = need->order,
			    .gfp = need->gfp,
			    .priority = COMPACT_PRIO_ASYNC };
	a->direct.retries = 0;
	if (!need->pages && compact_first(t, a)) {
		begin_compact(a, SLOW_COMPACT_FIRST);
		return 0;
	}
	s->priority = COMPACT_PRIO_LIGHT;
	begin_reclaim(t, ctx, a);
	return 0;
}

static bool zone_serves(const struct tasks *t, const struct actor *a,
			unsigned z)
{
	const struct zone *zone = &t->space->phys->zones[z];
	uint32_t nodes = a->need.nodes;

	return zone->managed &&
	       zone->type <= gfp_zone(t->space->phys, a->need.gfp) &&
	       (!nodes || nodes >> zone->node & 1);
}

static bool has_block(const struct phys *p, unsigned z, unsigned order)
{
	for (unsigned o = order; o < NR_ORDERS; o++)
		for (unsigned t = 0; t < MIGRATE_PCPTYPES; t++)
			if (phys_nr_free(p, z, o, (enum migratetype)t))
				return true;
	return !order;
}

/* should_reclaim_retry(): would a zone do if all that can go went? */
static bool worth_a_retry(const struct tasks *t, const struct actor *a)
{
	const struct phys *p = t->space->phys;
	unsigned highest = gfp_zone(p, a->need.gfp);

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++) {
		const struct zone *zone = &p->zones[z];

		if (zone_serves(t, a, z) &&
		    (uint64_t)p->stat.zone[z][NR_FREE_PAGES] +
				    zone_reclaimable(t->space, z) >
			    zone_wmark(zone, WMARK_MIN) +
				    zone->reserve[highest] +
				    ((1u << a->need.order) - 1) &&
		    has_block(p, z, a->need.order))
			return true;
	}
	return false;
}

/* compaction_zonelist_suitable(): would it get room by reclaim? */
static bool worth_compacting(const struct tasks *t, const struct actor *a)
{
	const struct phys *p = t->space->phys;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++)
		if (zone_serves(t, a, z) &&
		    compact_suitable_with(
			    p, z, a->need.order, gfp_zone(p, a->need.gfp),
			    zone_reclaimable(t->space, z) / a->need.order))
			return true;
	return false;
}

/* should_compact_retry() */
static bool compact_again(const struct tasks *t, struct actor *a)
{
	struct slow *s = &a->slow;
	uint32_t most = costly(&a->need) ? MAX_COMPACT_RETRIES / 4
					 : MAX_COMPACT_RETRIES;
	uint32_t hardest = costly(&a->need) ? COMPACT_PRIO_LIGHT
					    : COMPACT_PRIO_FULL;

	if (!can_compact(&a->need))
		return false;
	/* The kernel sets no limit; others who use memory up again could keep
	 * it busy for ever. */
	if (s->result == COMPACTED_SKIPPED)
		return s->compactions++ < MAX_COMPACT_RETRIES &&
		       worth_compacting(t, a);
	if (s->result == COMPACTED_SUCCESS && ++s->compactions <= most)
		return true;
	if (s->priority <= hardest)
		return false;
	s->priority--;
	s->compactions = 0;
	return true;
}

/*
 * try_charge_memcg(): a charge goes on until its group has nothing more. A
 * large folio's is given up: once more after the first reclaim where the
 * request says so, after as many as for small ones where no process may pay.
 */
static int charge_end(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct need *need = &a->need;
	struct direct *d = &a->direct;
	uint32_t most = need->gfp & GFP_BIT_NORETRY ? 2
			: costly(need)		    ? MAX_RECLAIM_RETRIES + 2
						    : UINT32_MAX;

	if (need->order &&
	    group_room(t->space->control, need->group, need->pages))
		return 0;
	if (need->order && most < UINT32_MAX) {
		if (++d->retries < most)
			return 0;
		d->retries = 0;
		return ENOMEM;
	}
	if (d->scan.nr_reclaimed && a->need.order <= COSTLY_ORDER)
		d->retries = 0;
	else if (d->retries++ >= MAX_RECLAIM_RETRIES) {
		d->retries = 0;
		return oom_charge(t, ctx, a);
	}
	return 0;
}

/* Neither helped: is the request tried again, or does a process pay? */
static int need_end(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct need *need = &a->need;
	struct direct *d = &a->direct;
	bool progress = d->scan.nr_reclaimed, mayfail;

	mayfail = need->gfp & GFP_BIT_RETRY_MAYFAIL;
	/* Readahead, the one that asks so for a page, does without then. */
	if (need->gfp & GFP_BIT_NORETRY && !need->order &&
	    (progress || d->retries++ < MAX_RECLAIM_RETRIES))
		return 0;
	if (need->gfp & GFP_BIT_NORETRY ||
	    (costly(need) && (!mayfail || !can_compact(need))))
		return ENOMEM;
	if (progress && !costly(need))
		d->retries = 0;
	else
		d->retries++;
	if (d->retries <= MAX_RECLAIM_RETRIES && worth_a_retry(t, a))
		return 0;
	if (highatomic_unreserve(t->space->phys, ctx, need->gfp, true))
		return 0;
	if (progress && compact_again(t, a))
		return 0;
	d->retries = 0;
	/* Large blocks are not worth a process (1.9, step 11). */
	if (costly(need) || mayfail || need->gfp & GFP_BIT_THISNODE)
		return ENOMEM;
	return oom_kill(t, ctx, a);
}

/* Reclaim is over. */
static int reclaimed(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct need *need = &a->need;
	struct phys *p = t->space->phys;
	unsigned z;

	if (need->pages)
		return charge_end(t, ctx, a);
	if (need->node_reclaim) {
		a->node_reclaimed |= need->nodes;
		return 0;
	}
	if (a->direct.scan.nr_reclaimed) {
		if (need_served(p, need, &z))
			return 0;
		highatomic_unreserve(p, ctx, need->gfp, false);
		pcp_drain_all(p);
		if (need_served(p, need, &z))
			return 0;
	}
	if (!can_compact(need))
		return need_end(t, ctx, a);
	begin_compact(a, SLOW_COMPACT);
	return STEP_MORE;
}

/* Compaction is over (__alloc_pages_direct_compact()). */
static int compacted(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct phys *p = t->space->phys;
	struct slow *s = &a->slow;
	bool first = s->stage == SLOW_COMPACT_FIRST;
	unsigned z;

	a->direct.active = 0;
	s->result = s->compact.result;
	if (s->result != COMPACTED_SKIPPED) {
		vmstat_event(&p->stat, COMPACT_STALL, 1);
		if (need_served(p, &a->need, &z)) {
			p->zones[z].compact_flush = 0;
			compact_defer_reset(&p->zones[z], s->order, true);
			vmstat_event(&p->stat, COMPACT_SUCCESS, 1);
			return 0;
		}
		vmstat_event(&p->stat, COMPACT_FAIL, 1);
	}
	if (!first)
		return need_end(t, ctx, a);
	if (!costly(&a->need) || !(a->need.gfp & GFP_BIT_NORETRY))
		s->priority = COMPACT_PRIO_LIGHT;
	else if (s->result == COMPACTED_SKIPPED ||
		 s->result == COMPACTED_DEFERRED)
		return ENOMEM;
	begin_reclaim(t, ctx, a);
	return STEP_MORE;
}

int need_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r;

	if (a->slow.stage == SLOW_RECLAIM) {
		r = direct_step(t->space, ctx, &a->direct);
		r = r ? r : reclaimed(t, ctx, a);
	} else {
		r = compact_direct_step(t->space, ctx, &a->slow.compact);
		r = r ? r : compacted(t, ctx, a);
	}
	if (r == ENOMEM)
		a->slow.open = 0;
	return r;
}
