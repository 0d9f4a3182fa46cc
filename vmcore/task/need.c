// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/phys/block.h"
#include "vmcore/task/oom.h"

#define COSTLY_ORDER 3u /* PAGE_ALLOC_COSTLY_ORDER */

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

int need_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (!a->need.pages && !(a->need.gfp & GFP_BIT_DIRECT_RECLAIM))
		return ENOMEM;
	direct_begin(t->space, ctx, &a->need, &a->direct);
	return 0;
}

/* Is it a zone that the request may use? */
static bool would_do(const struct actor *a, const struct zone *zone)
{
	return zone->managed && zone->type <= a->direct.scan.highest &&
	       (!a->need.nodes || a->need.nodes >> zone->node & 1);
}

/* should_reclaim_retry(): would a zone do if all that can go went? */
static bool worth_a_retry(const struct tasks *t, const struct actor *a)
{
	const struct phys *p = t->space->phys;
	bool swap = t->space->control->free_swap_pages;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++) {
		const struct zone *zone = &p->zones[z];
		const int64_t *n = p->stat.zone[z];
		int64_t pages = n[NR_FREE_PAGES] + n[NR_ZONE_INACTIVE_FILE] +
				n[NR_ZONE_ACTIVE_FILE];

		if (!would_do(a, zone))
			continue;
		if (swap)
			pages += n[NR_ZONE_INACTIVE_ANON] +
				 n[NR_ZONE_ACTIVE_ANON];
		if (pages > (int64_t)(zone_wmark(zone, WMARK_MIN) +
				      zone->reserve[a->direct.scan.highest]))
			return true;
	}
	return false;
}

/* Would a zone give it now, down to its min? */
static bool served(const struct phys *p, const struct actor *a)
{
	const struct node *local = &p->nodes[a->need.home];
	unsigned highest = a->direct.scan.highest;

	for (unsigned i = 0; i < local->nr_zonelist; i++) {
		unsigned z = local->zonelist[i];
		const struct zone *zone = &p->zones[z];

		if (would_do(a, zone) &&
		    zone_watermark_ok(p, z, a->need.order,
				      zone_wmark(zone, WMARK_MIN), highest, 0))
			return true;
	}
	return false;
}

/*
 * __alloc_pages_direct_reclaim(): pages that went may wait on a list of some
 * CPU, or in what is kept for atomic requests.
 */
static void collect(struct tasks *t, struct ctx *ctx, const struct actor *a)
{
	struct phys *p = t->space->phys;

	if (served(p, a))
		return;
	highatomic_unreserve(p, ctx, a->need.gfp, false);
	pcp_drain_all(p);
}

/* A charge to a group found no room: again, or somebody dies? */
static int charge_end(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (a->direct.scan.nr_reclaimed && a->need.order <= COSTLY_ORDER) {
		a->direct.retries = 0;
		return 0;
	}
	if (a->direct.retries++ < MAX_RECLAIM_RETRIES)
		return 0;
	a->direct.retries = 0;
	return oom_kill(t, ctx, a);
}

/* Reclaim is over: is the request tried again, or does a process pay? */
static int need_end(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct direct *d = &a->direct;
	bool large = a->need.order > COSTLY_ORDER;
	bool mayfail = a->need.gfp & GFP_BIT_RETRY_MAYFAIL;

	if (a->need.pages)
		return charge_end(t, ctx, a);
	if (a->need.node_reclaim) {
		a->node_reclaimed |= a->need.nodes;
		return 0;
	}
	if (d->scan.nr_reclaimed) {
		collect(t, ctx, a);
		if (!large) {
			d->retries = 0;
			return 0;
		}
	}
	if (a->need.gfp & GFP_BIT_NORETRY || (large && !mayfail))
		return ENOMEM;
	if (d->retries++ < MAX_RECLAIM_RETRIES && worth_a_retry(t, a))
		return 0;
	d->retries = 0;
	if (highatomic_unreserve(t->space->phys, ctx, a->need.gfp, true))
		return 0;
	/* Large blocks are not worth a process (1.9, step 11). */
	if (large || mayfail || a->need.gfp & GFP_BIT_THISNODE)
		return ENOMEM;
	return oom_kill(t, ctx, a);
}

int need_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r = direct_step(t->space, ctx, &a->direct);

	return r ? r : need_end(t, ctx, a);
}
