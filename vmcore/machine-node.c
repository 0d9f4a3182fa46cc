// SPDX-License-Identifier: Apache-2.0
/* nodeN/reclaim: user_proactive_reclaim(), __node_reclaim() of mm/vmscan.c. */
#include <errno.h>

#include "vmcore/machine.h"
#include "vmcore/phys/block.h"
#include "vmcore/task/sched.h"

/* What a step of the writer cost passes on the clock of everybody. */
static int time_passes(struct machine *m, const struct ctx *ctx, int waits)
{
	vtime_t until = machine_now(m) + ctx->cost_ns;
	int r = sched_submitted(&m->tasks);

	if (waits == WAIT_TIME && ctx->wait_until > until)
		until = ctx->wait_until;
	return r ? r : machine_pass(m, until);
}

/* One look through the node at @sc's priority. 0 or a host errno. */
static int look_through(struct machine *m, struct scan *sc, unsigned node)
{
	int r, err;

	scan_node_begin(sc, node);
	do {
		struct ctx ctx = sched_ctx(&m->tasks, 0, 0);

		ctx.alloc |= ALLOC_MEMALLOC;
		r = scan_node_step(&m->space, &ctx, sc);
		err = r < 0 ? r : time_passes(m, &ctx, r);
	} while (!err && !scan_node_over(sc, r));
	return err;
}

/* Harder and harder, until @pages are free. */
static int64_t free_pages(struct machine *m, unsigned node, uint64_t pages,
			  uint32_t swappiness)
{
	struct scan sc = {
		.who = SCAN_PROACTIVE,
		.nr_to_reclaim = pages > SWAP_CLUSTER_MAX ? pages
							  : SWAP_CLUSTER_MAX,
		.gfp = GFP_KERNEL,
		.highest = ZONE_MOVABLE,
		.priority = DEF_PRIORITY,
		.may_writepage = !m->cache.laptop_mode,
		.may_swap = 1,
		.swappiness = swappiness,
	};
	int r = 0;

	do
		r = look_through(m, &sc, node);
	while (!r && sc.nr_reclaimed < pages && sc.priority-- > 0);
	return r ? r : (int64_t)sc.nr_reclaimed;
}

int machine_node_reclaim(struct machine *m, unsigned node, uint64_t pages,
			 uint32_t swappiness)
{
	unsigned retries = MAX_RECLAIM_RETRIES;
	uint64_t done = 0;

	while (done < pages) {
		uint64_t batch = (pages - done) / 4;
		int64_t freed = 0;

		if (node_reclaimable(&m->phys, node))
			freed = free_pages(m, node, batch, swappiness);
		if (freed < 0)
			return (int)freed;
		if (!freed && !retries--)
			return EAGAIN;
		done += (uint64_t)freed;
	}
	return 0;
}
