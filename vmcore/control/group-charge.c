// SPDX-License-Identifier: Apache-2.0
/* What memory groups pay for, and what they count. */
#include "vmcore/control/control.h"

#include <assert.h>
#include <errno.h>

static uint64_t sum_stat(const struct control *c, uint32_t group,
			 enum node_stat item)
{
	int64_t sum = 0;

	for (uint32_t id = group; id; id = group_next(c, group, id))
		sum += group_at(c, id)->stat[item];
	return sum > 0 ? (uint64_t)sum : 0;
}

uint64_t group_memsw(const struct control *c, uint32_t group)
{
	const struct group *g = group_at(c, group);

	return g->usage + g->swap_usage - sum_stat(c, group, NR_SWAPCACHE);
}

uint64_t group_kernel_pages(const struct control *c, uint32_t group)
{
	uint64_t pages =
		sum_stat(c, group, NR_PAGETABLE) +
		(sum_stat(c, group, NR_KERNEL_STACK_KB) >> (PAGE_SHIFT - 10));

	for (uint32_t id = group; id; id = group_next(c, group, id))
		pages += group_kmem_pages(group_at(c, id));
	return pages;
}

/* 0: @pages more fit, 1: the limit of memory, 2: that of both (v1). */
static unsigned full(const struct control *c, uint32_t id, uint64_t pages)
{
	const struct group *g = group_at(c, id);

	if (c->v1 && g->memsw_max != UINT64_MAX &&
	    group_memsw(c, id) + pages > g->memsw_max)
		return 2;
	return g->max != UINT64_MAX && g->usage + pages > g->max;
}

bool group_room(const struct control *c, uint32_t group, uint32_t pages)
{
	return !full(c, group, pages);
}

/* try_charge_memcg(): the lowest ancestor without room is the one that must
 * shrink; PF_MEMALLOC goes past every limit lest reclaim wait for itself. */
static uint32_t group_over(struct control *c, const struct ctx *ctx,
			   uint32_t pages, bool *ret_memsw)
{
	uint32_t id = ctx->group ? ctx->group : GROUP_ROOT;
	unsigned why = 0;

	if (ctx->alloc & ALLOC_MEMALLOC)
		return ID_NONE;
	for (; id; id = group_at(c, id)->parent) {
		why = full(c, id, pages);
		if (why)
			break;
	}
	*ret_memsw = why == 2;
	return id;
}

/* What only version 1 shows (page_counter.watermark of memsw and kmem). */
static void note_peaks(struct control *c, uint32_t id)
{
	for (; id > GROUP_ROOT; id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);
		uint64_t memsw = group_memsw(c, id);
		uint64_t kernel = group_kernel_pages(c, id);

		if (memsw > g->memsw_peak)
			g->memsw_peak = memsw;
		if (kernel > g->kmem_peak)
			g->kmem_peak = kernel;
	}
}

static int charge(struct control *c, struct ctx *ctx, uint32_t pages,
		  bool waits)
{
	bool over = false, memsw = false;
	uint32_t id = group_over(c, ctx, pages, &memsw);

	if (id) {
		if (memsw)
			group_at(c, id)->memsw_failcnt++;
		else
			group_at(c, id)->failcnt++;
		if (waits)
			group_count(c, id, GROUP_MAX);
		ctx->need = (struct need){ .gfp = GFP_KERNEL,
					   .group = id,
					   .pages = pages,
					   .noswap = memsw };
		return NEED_CHARGE;
	}
	group_at(c, ctx->group)->own += pages;
	for (id = ctx->group ? ctx->group : GROUP_ROOT; id;
	     id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);

		g->usage += pages;
		if (g->usage > g->peak)
			g->peak = g->usage;
		if (g->usage > g->local_peak[PEAK_MEMORY])
			g->local_peak[PEAK_MEMORY] = g->usage;
		over |= g->usage > g->high || g->swap_usage > g->swap_high;
	}
	if (over)
		ctx->over_high += pages;
	if (c->v1)
		note_peaks(c, ctx->group);
	return 0;
}

int group_charge_kernel(struct control *c, struct ctx *ctx, uint32_t pages)
{
	return charge(c, ctx, pages, true);
}

int group_charge_folio(struct control *c, struct ctx *ctx, unsigned order,
		       uint32_t gfp)
{
	/* Of what asks so there are smaller ones: it may be refused. */
	bool refusable = order && gfp & GFP_BIT_NOMEMALLOC;
	bool waits = !refusable || ctx_may_wait(ctx, gfp, order);
	int r = charge(c, ctx, 1u << order, waits);

	if (!r) {
		group_event(c, ctx->group, PGPGIN, 1);
		return 0;
	}
	ctx->need.gfp = gfp;
	ctx->need.order = refusable ? order : 0;
	return waits ? r : ENOMEM;
}

int group_charge(struct control *c, struct ctx *ctx, uint32_t pages)
{
	int r = group_charge_kernel(c, ctx, pages);

	if (!r)
		group_event(c, ctx->group, PGPGIN, 1);
	return r;
}

uint32_t group_room_run(const struct control *c, const struct ctx *ctx,
			uint32_t want)
{
	uint32_t id = ctx->group ? ctx->group : GROUP_ROOT;

	if (c->v1)
		return 0;
	for (; id; id = group_at(c, id)->parent) {
		const struct group *g = group_at(c, id);
		uint64_t most = g->high < g->max ? g->high : g->max;

		if (g->usage >= most || g->swap_usage > g->swap_high)
			return 0;
		if (want > most - g->usage)
			want = (uint32_t)(most - g->usage);
	}
	return want;
}

void group_charge_run(struct control *c, struct ctx *ctx, uint32_t nr)
{
	uint32_t id = ctx->group ? ctx->group : GROUP_ROOT;

	group_at(c, id)->own += nr;
	group_event(c, id, PGPGIN, nr);
	for (; id; id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);

		g->usage += nr;
		if (g->usage > g->peak)
			g->peak = g->usage;
		if (g->usage > g->local_peak[PEAK_MEMORY])
			g->local_peak[PEAK_MEMORY] = g->usage;
	}
}

void group_uncharge(struct control *c, uint32_t group, uint32_t pages)
{
	group_uncharge_kernel(c, group, pages);
	group_event(c, group, PGPGOUT, 1);
}

void group_uncharge_kernel(struct control *c, uint32_t group, uint32_t pages)
{
	uint32_t id = group ? group : GROUP_ROOT;

	assert(group_at(c, id)->own >= pages);
	group_at(c, id)->own -= pages;
	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->usage -= pages;
}

void group_count(struct control *c, uint32_t group, enum group_count what)
{
	uint32_t id = group ? group : GROUP_ROOT;

	group_at(c, id)->count_local[what]++;
	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->count[what]++;
}

bool group_charge_swap(struct control *c, uint32_t group, uint32_t pages)
{
	uint32_t first = group ? group : GROUP_ROOT;

	for (uint32_t id = first; id; id = group_at(c, id)->parent)
		if (group_at(c, id)->swap_usage + pages >
		    group_at(c, id)->swap_max) {
			group_count(c, first, GROUP_SWAP_MAX);
			group_count(c, first, GROUP_SWAP_FAIL);
			return false;
		}
	for (uint32_t id = first; id; id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);

		g->swap_usage += pages;
		if (g->swap_usage > g->swap_peak)
			g->swap_peak = g->swap_usage;
		if (g->swap_usage > g->local_peak[PEAK_SWAP])
			g->local_peak[PEAK_SWAP] = g->swap_usage;
	}
	return true;
}

void group_uncharge_swap(struct control *c, uint32_t group, uint32_t pages)
{
	uint32_t id = group ? group : GROUP_ROOT;

	assert(group_at(c, id)->swap_usage >= pages);
	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->swap_usage -= pages;
}
