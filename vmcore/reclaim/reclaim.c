// SPDX-License-Identifier: Apache-2.0
#include "vmcore/reclaim/reclaim.h"

#define SWAP_CLUSTER_MAX 32u

static bool freeable(const struct space *s, pfn_t folio)
{
	const struct frame *f = frame_at(s->phys, folio);

	return frame_type(f) == FRAME_FILE &&
	       !(f->word & (PG_DIRTY | PG_WRITEBACK | PG_LOCKED)) &&
	       !folio_mapped(s->phys, folio);
}

/* From the tail of a list: freed, or back to the head. */
static uint64_t shrink_list(struct space *s, struct ctx *ctx,
			    struct lru_list *list, uint64_t nr)
{
	struct vmstat *stat = &s->phys->stat;
	uint64_t freed = 0, scanned = 0, limit = list->nr;

	while (freed < nr && scanned < limit && list->tail != PFN_NONE) {
		pfn_t folio = list->tail;
		uint64_t n = 1ull << frame_order(frame_at(s->phys, folio));

		scanned += n;
		lru_del(s->control, folio);
		if (freeable(s, folio)) {
			cache_remove(s->cache, ctx, folio, true);
			freed += n;
		} else {
			lru_add(s->control, folio);
		}
	}
	vmstat_event(stat, PGSCAN_DIRECT, scanned);
	vmstat_event(stat, PGSCAN_FILE, scanned);
	vmstat_event(stat, PGSTEAL_DIRECT, freed);
	vmstat_event(stat, PGSTEAL_FILE, freed);
	ctx_pay(ctx, COST_SCAN_PAGE, scanned);
	return freed;
}

static uint64_t shrink_group(const struct reclaim *r, struct ctx *ctx,
			     uint32_t id, uint64_t nr)
{
	static const enum lru lists[] = { LRU_INACTIVE_FILE, LRU_ACTIVE_FILE };
	struct group *g = group_at(r->space->control, id);
	uint64_t freed = 0;

	for (unsigned l = 0; l < 2; l++)
		for (unsigned n = 0; n < r->space->phys->nr_nodes; n++)
			if (freed < nr)
				freed += shrink_list(
					r->space, ctx,
					&g->lruvec[n].list[lists[l]],
					nr - freed);
	for (id = g->first_child; id && freed < nr;
	     id = group_at(r->space->control, id)->next_sibling)
		freed += shrink_group(r, ctx, id, nr - freed);
	return freed;
}

uint64_t reclaim_pages(const struct reclaim *r, struct ctx *ctx, uint64_t nr)
{
	uint32_t alloc = ctx->alloc;
	uint64_t freed;

	if (nr < SWAP_CLUSTER_MAX)
		nr = SWAP_CLUSTER_MAX;
	ctx->alloc |= ALLOC_MEMALLOC;
	if (!r->group_only)
		vmstat_event(&r->space->phys->stat, ALLOCSTALL_NORMAL, 1);
	freed = shrink_group(r, ctx, r->group_only ? r->group : GROUP_ROOT, nr);
	ctx->alloc = alloc;
	return freed;
}
