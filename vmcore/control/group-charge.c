// SPDX-License-Identifier: Apache-2.0
/* What memory groups pay for, and what they count. */
#include "vmcore/control/control.h"

#include <assert.h>

/* try_charge_memcg(): the lowest ancestor without room is the one that must
 * shrink; PF_MEMALLOC goes past every limit lest reclaim wait for itself. */
static uint32_t group_over(struct control *c, const struct ctx *ctx,
			   uint32_t pages)
{
	uint32_t id = ctx->group ? ctx->group : GROUP_ROOT;

	if (ctx->alloc & ALLOC_MEMALLOC)
		return ID_NONE;
	for (; id; id = group_at(c, id)->parent) {
		const struct group *g = group_at(c, id);

		if (g->max != UINT64_MAX && g->usage + pages > g->max)
			return id;
	}
	return ID_NONE;
}

int group_charge(struct control *c, struct ctx *ctx, uint32_t pages)
{
	uint32_t id = group_over(c, ctx, pages);
	bool over = false;

	if (id) {
		group_at(c, id)->failcnt++;
		group_count(c, id, GROUP_MAX);
		ctx->need = (struct need){ .gfp = GFP_KERNEL,
					   .group = id,
					   .pages = pages };
		return NEED_CHARGE;
	}
	group_at(c, ctx->group)->own += pages;
	for (id = ctx->group ? ctx->group : GROUP_ROOT; id;
	     id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);

		g->usage += pages;
		if (g->usage > g->peak)
			g->peak = g->usage;
		over |= g->usage > g->high || g->swap_usage > g->swap_high;
	}
	if (over)
		ctx->over_high += pages;
	return 0;
}

void group_uncharge(struct control *c, uint32_t group, uint32_t pages)
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

bool group_charge_swap(struct control *c, uint32_t group)
{
	uint32_t first = group ? group : GROUP_ROOT;

	for (uint32_t id = first; id; id = group_at(c, id)->parent)
		if (group_at(c, id)->swap_usage >= group_at(c, id)->swap_max) {
			group_count(c, first, GROUP_SWAP_MAX);
			group_count(c, first, GROUP_SWAP_FAIL);
			return false;
		}
	for (uint32_t id = first; id; id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);

		if (++g->swap_usage > g->swap_peak)
			g->swap_peak = g->swap_usage;
	}
	return true;
}

void group_uncharge_swap(struct control *c, uint32_t group)
{
	uint32_t id = group ? group : GROUP_ROOT;

	assert(group_at(c, id)->swap_usage > 0);
	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->swap_usage--;
}

void group_stat(struct control *c, uint32_t group, unsigned node,
		enum node_stat item, int64_t delta)
{
	vmstat_node(&c->phys->stat, node, item, delta);
	group_at(c, group)->stat[item] += delta;
	group_at(c, group)->node_stat[node][item] += delta;
}
