// SPDX-License-Identifier: Apache-2.0
/* What is cold goes to slow memory before it is given up: can_demote(),
 * demote_folio_list() of mm/vmscan.c. */
#include "vmcore/phys/tier.h"
#include "vmcore/reclaim/compact.h"
#include "vmcore/reclaim/policy.h"

/* alloc_demote_folio(): what is free there, and its kswapd makes more. */
#define GFP_DEMOTE                                                   \
	((GFP_HIGHUSER_MOVABLE | GFP_BIT_THISNODE | GFP_BIT_NOWARN | \
	  GFP_BIT_NOMEMALLOC) &                                      \
	 ~GFP_BIT_DIRECT_RECLAIM)

bool scan_can_demote(const struct space *s, const struct scan *sc)
{
	return s->phys->demotion_enabled && !sc->no_demotion && !sc->group &&
	       node_demotion(s->phys, sc->node) < MAX_NODES;
}

static bool demote(struct space *s, struct ctx *ctx, const struct scan *sc,
		   pfn_t folio)
{
	const struct frame *f = frame_at(s->phys, folio);
	unsigned order = frame_order(f), to;
	uint32_t group = frame_group(f);
	uint16_t home = ctx->node;
	pfn_t place;
	int r;

	if (!folio_may_leave(s, folio))
		return false;
	to = node_demotion(s->phys, sc->node);
	ctx->node = (uint16_t)to;
	r = page_alloc_near(s->phys, ctx, order, GFP_DEMOTE, &place);
	ctx->node = home;
	if (r) {
		vmstat_event(&s->phys->stat, PGMIGRATE_FAIL, 1ull << order);
		return false;
	}
	folio_move(s, ctx, folio, place);
	vmstat_event(&s->phys->stat, PGMIGRATE_SUCCESS, 1ull << order);
	group_stat(s->control, group, sc->node,
		   (enum node_stat)(PGDEMOTE_KSWAPD + sc->who),
		   (int64_t)1 << order);
	return true;
}

bool folio_demote(struct space *s, struct ctx *ctx, const struct scan *sc,
		  pfn_t folio)
{
	return scan_can_demote(s, sc) && demote(s, ctx, sc, folio);
}
