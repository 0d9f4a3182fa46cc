// SPDX-License-Identifier: Apache-2.0
/*
 * Allocation and freeing (mm/page_alloc.c, get_page_from_freelist(),
 * __alloc_pages_slowpath() up to direct reclaim, rmqueue(),
 * free_frozen_pages()).
 */
#include "vmcore/phys/inner.h"

#include <string.h>

/* A request and how the present pass serves it. */
struct request {
	struct ctx *ctx;
	unsigned order, type, highest, preferred;
	uint32_t gfp, flags, nodes;
	enum wmark mark;
	bool busy_nodes; /* also nodes whose kswapd runs */
	bool spread; /* not nodes over their dirty limit */
	bool reclaim_node; /* node_reclaim() must come first */
	unsigned reclaim; /* of this node */
};

unsigned gfp_zone(const struct phys *p, uint32_t gfp)
{
	if (gfp & GFP_BIT_DMA)
		return ZONE_DMA;
	if (gfp & GFP_BIT_DMA32)
		return p->i386 ? ZONE_NORMAL : ZONE_DMA32;
	if (gfp & GFP_BIT_HIGHMEM && (p->i386 || gfp & GFP_BIT_MOVABLE))
		return ZONE_MOVABLE;
	return ZONE_NORMAL;
}

enum migratetype gfp_migratetype(const struct phys *p, uint32_t gfp)
{
	if (p->grouping_off)
		return MIGRATE_UNMOVABLE;
	if (gfp & GFP_BIT_MOVABLE)
		return MIGRATE_MOVABLE;
	return gfp & GFP_BIT_RECLAIMABLE ? MIGRATE_RECLAIMABLE
					 : MIGRATE_UNMOVABLE;
}

static int take_from_buddy(struct phys *p, const struct request *rq, unsigned z,
			   pfn_t *ret_pfn)
{
	enum rmqueue_mode mode = RMQUEUE_NORMAL;
	int r = BUDDY_NONE;

	if (rq->flags & ALLOC_HIGHATOMIC)
		r = buddy_take(p, z, rq->order, MIGRATE_HIGHATOMIC, ret_pfn);
	if (r == BUDDY_NONE)
		r = rmqueue(p, z, rq->order, rq->type, rq->flags, &mode,
			    ret_pfn);
	/* Failing now is worse than failing a larger request later. */
	if (r == BUDDY_NONE && rq->flags & (ALLOC_OOM_VICTIM | ALLOC_NON_BLOCK))
		r = buddy_take(p, z, rq->order, MIGRATE_HIGHATOMIC, ret_pfn);
	return r;
}

static int take_from_zone(struct phys *p, const struct request *rq, unsigned z,
			  pfn_t *ret_pfn)
{
	struct zone *zone = &p->zones[z];
	int r = BUDDY_NONE;

	if (pcp_order_allowed(rq->order))
		r = pcp_take(p, z, rq->ctx->cpu, rq->order, rq->type, rq->flags,
			     ret_pfn);
	if (r == BUDDY_NONE)
		r = take_from_buddy(p, rq, z, ret_pfn);
	if (zone->flags & ZONE_FLAG_BOOSTED && rq->flags & ALLOC_KSWAPD) {
		zone->flags &= ~ZONE_FLAG_BOOSTED;
		kswapd_request(p, z, 0, 0, zone->type);
	}
	if (r)
		return r;
	alloc_count(p, rq->ctx, rq->order, 1, rq->preferred, z);
	if (rq->flags & ALLOC_HIGHATOMIC)
		highatomic_reserve(p, *ret_pfn, rq->order);
	return 0;
}

/* Do the watermarks let the request into the zone? */
static bool zone_allows(struct phys *p, struct request *rq, unsigned z)
{
	struct zone *zone = &p->zones[z];
	uint32_t mark = zone_wmark(zone, rq->mark);

	if (!(zone->flags & ZONE_FLAG_BELOW_HIGH)) {
		if (zone_watermark_ok(p, z, rq->order,
				      zone_wmark(zone, WMARK_HIGH), rq->highest,
				      rq->flags))
			return true;
		/* The free path now shortens the per-CPU lists. */
		zone->flags |= ZONE_FLAG_BELOW_HIGH;
	}
	if (rq->flags & ALLOC_MEMALLOC ||
	    zone_watermark_ok(p, z, rq->order, mark, rq->highest, rq->flags))
		return true;
	/* A boost is not worth failing an atomic request. */
	if (!rq->order && rq->flags & ALLOC_MIN_RESERVE && zone->boost &&
	    rq->mark == WMARK_MIN &&
	    zone_watermark_ok(p, z, 0, zone->wmark[WMARK_MIN], rq->highest,
			      rq->flags))
		return true;
	if (p->zone_reclaim_mode &
		    (RECLAIM_ZONE | RECLAIM_WRITE | RECLAIM_UNMAP) &&
	    node_reclaim_due(p, rq->ctx, z, rq->preferred, rq->gfp)) {
		rq->reclaim_node = true;
		rq->reclaim = zone->node;
	}
	return false;
}

static bool node_dirty(const struct phys *p, unsigned n)
{
	const int64_t *stat = p->stat.node[n];
	uint32_t limit = p->nodes[n].dirty_limit;

	return limit && stat[NR_FILE_DIRTY] + stat[NR_WRITEBACK] > limit;
}

/*
 * One walk over the zonelist. BUDDY_NONE: nothing; *@ret_again: a walk that
 * is less choosy may find something.
 */
static int walk_zones(struct phys *p, struct request *rq, bool *ret_again,
		      pfn_t *ret_pfn)
{
	const struct node *local = &p->nodes[rq->ctx->node];
	unsigned home = p->zones[rq->preferred].node;
	bool skipped = false;

	for (unsigned i = 0; i < local->nr_zonelist; i++) {
		unsigned z = local->zonelist[i], n = p->zones[z].node;
		int r;

		if (p->zones[z].type > rq->highest || !node_has(rq->nodes, n) ||
		    (rq->spread && node_dirty(p, n)))
			continue;
		/* Mixing types at home is better than going abroad. */
		if (n != home && rq->flags & ALLOC_NOFRAGMENT &&
		    !p->defrag_mode) {
			rq->flags &= ~ALLOC_NOFRAGMENT;
			*ret_again = true;
			return BUDDY_NONE;
		}
		if (!rq->busy_nodes &&
		    (p->nodes[n].kswapd_running || p->nodes[n].kswapd_wake)) {
			skipped = true;
			continue;
		}
		if (!zone_allows(p, rq, z)) {
			if (rq->reclaim_node)
				return NEED_MEMORY;
			continue;
		}
		r = take_from_zone(p, rq, z, ret_pfn);
		if (r != BUDDY_NONE)
			return r;
	}
	*ret_again = skipped;
	rq->busy_nodes |= skipped;
	if (!skipped && rq->flags & ALLOC_NOFRAGMENT && !p->defrag_mode) {
		rq->flags &= ~ALLOC_NOFRAGMENT;
		*ret_again = true;
	}
	return BUDDY_NONE;
}

/* One pass of get_page_from_freelist(). */
static int try_zones(struct phys *p, struct request *rq, pfn_t *ret_pfn)
{
	bool again = true;
	int r = BUDDY_NONE;

	rq->busy_nodes = p->nr_nodes == 1;
	while (again && r == BUDDY_NONE) {
		again = false;
		r = walk_zones(p, rq, &again, ret_pfn);
	}
	return r;
}

/* alloc_flags_nofragment() */
static uint32_t nofragment(const struct phys *p, unsigned preferred)
{
	const struct zone *z = &p->zones[preferred];

	if (p->defrag_mode)
		return ALLOC_NOFRAGMENT;
	if (p->i386 || z->type != ZONE_NORMAL ||
	    (p->nr_nodes > 1 && !z[-1].present))
		return 0;
	return ALLOC_NOFRAGMENT;
}

/* gfp_to_alloc_flags() */
static uint32_t slow_flags(const struct phys *p, const struct request *rq)
{
	uint32_t flags = 0;

	if (rq->gfp & GFP_BIT_HIGH)
		flags |= ALLOC_MIN_RESERVE;
	if (rq->gfp & GFP_BIT_KSWAPD_RECLAIM)
		flags |= ALLOC_KSWAPD;
	if (!(rq->gfp & (GFP_BIT_DIRECT_RECLAIM | GFP_BIT_NOMEMALLOC))) {
		flags |= ALLOC_NON_BLOCK;
		if (rq->order && rq->gfp & GFP_BIT_HIGH)
			flags |= ALLOC_HIGHATOMIC;
	}
	return p->defrag_mode ? flags | ALLOC_NOFRAGMENT : flags;
}

/* __gfp_pfmemalloc_flags() */
static uint32_t reserve_flags(const struct request *rq)
{
	if (rq->gfp & GFP_BIT_NOMEMALLOC)
		return 0;
	if (rq->gfp & GFP_BIT_MEMALLOC || rq->ctx->alloc & ALLOC_MEMALLOC)
		return ALLOC_MEMALLOC;
	return rq->ctx->alloc & ALLOC_OOM_VICTIM;
}

static void wake_kswapds(struct phys *p, const struct request *rq)
{
	const struct node *local = &p->nodes[rq->ctx->node];
	unsigned order = rq->order, last = MAX_NODES;

	if (p->defrag_mode && order < PAGEBLOCK_ORDER)
		order = PAGEBLOCK_ORDER;
	for (unsigned i = 0; i < local->nr_zonelist; i++) {
		const struct zone *zone = &p->zones[local->zonelist[i]];

		if (zone->type > rq->highest || zone->node == last ||
		    !zone->managed || !node_has(rq->nodes, zone->node))
			continue;
		kswapd_request(p, local->zonelist[i], rq->gfp, order,
			       rq->highest);
		last = zone->node;
	}
}

static bool home_only(const struct request *rq)
{
	return rq->gfp & GFP_BIT_THISNODE;
}

/* Atomic requests look beyond a policy's nodes. */
static bool atomic_abroad(const struct request *rq)
{
	return rq->ctx->nodes && !home_only(rq) &&
	       (rq->flags & (ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK)) ==
		       (ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK);
}

/* What __alloc_pages_slowpath() tries before direct reclaim. */
static int try_slow(struct phys *p, struct request *rq, pfn_t *ret_pfn)
{
	uint32_t reserves = reserve_flags(rq);
	int r;

	rq->mark = WMARK_MIN;
	rq->spread = false;
	rq->flags = slow_flags(p, rq);
	if (rq->gfp & GFP_BIT_KSWAPD_RECLAIM)
		wake_kswapds(p, rq);
	r = try_zones(p, rq, ret_pfn);
	if (r != BUDDY_NONE)
		return r;
	/* The kernel gives in only after compaction failed too. */
	if (!reserves && !(rq->flags & ALLOC_NOFRAGMENT) && !atomic_abroad(rq))
		return r;
	if ((reserves || atomic_abroad(rq)) && !home_only(rq))
		rq->nodes = UINT32_MAX;
	rq->flags &= ~ALLOC_NOFRAGMENT;
	if (reserves)
		rq->flags = reserves | (rq->flags & ALLOC_KSWAPD);
	return try_zones(p, rq, ret_pfn);
}

/* Fill @rq. False: no zone may serve it. */
static bool request_make(const struct phys *p, struct ctx *ctx, unsigned order,
			 uint32_t gfp, struct request *rq)
{
	const struct node *local = &p->nodes[ctx->node];
	unsigned i = 0;

	*rq = (struct request){
		.ctx = ctx,
		.order = order,
		.type = gfp_migratetype(p, gfp),
		.highest = gfp_zone(p, gfp),
		.gfp = gfp,
		.nodes = ctx->nodes ? ctx->nodes : UINT32_MAX,
		.mark = WMARK_LOW,
		.spread = gfp & GFP_BIT_WRITE,
	};
	if (gfp & GFP_BIT_THISNODE)
		rq->nodes &= 1u << ctx->node;
	for (; i < local->nr_zonelist; i++) {
		rq->preferred = local->zonelist[i];
		if (p->zones[rq->preferred].type <= rq->highest &&
		    node_has(rq->nodes, p->zones[rq->preferred].node))
			break;
	}
	rq->flags = nofragment(p, rq->preferred);
	if (gfp & GFP_BIT_KSWAPD_RECLAIM)
		rq->flags |= ALLOC_KSWAPD;
	return i < local->nr_zonelist;
}

static void need_memory(const struct request *rq)
{
	struct need *need = &rq->ctx->need;

	*need = (struct need){ .order = rq->order,
			       .gfp = rq->gfp,
			       .nodes = rq->ctx->nodes,
			       .home = rq->ctx->node };
	if (rq->gfp & GFP_BIT_THISNODE)
		need->nodes = 1u << rq->ctx->node;
	if (rq->reclaim_node) {
		need->nodes = 1u << rq->reclaim;
		need->node_reclaim = 1;
	}
}

static void prepare(struct phys *p, pfn_t pfn, unsigned order, uint32_t gfp)
{
	struct frame *f = frame_at(p, pfn);

	frame_set(f, FRAME_KERNEL, order, 0);
	if (!order || !(gfp & GFP_BIT_COMP))
		return;
	f->word |= PG_HEAD;
	for (unsigned i = 1; i < 1u << order; i++) {
		frame_set(f + i, FRAME_TAIL, 0, 0);
		f[i].owner = pfn;
	}
}

int page_alloc_near(struct phys *p, struct ctx *ctx, unsigned order,
		    uint32_t gfp, pfn_t *ret_pfn)
{
	struct request rq;
	pfn_t pfn;
	int r = BUDDY_NONE;

	if (!order && page_alloc_quick(p, ctx, gfp, ret_pfn))
		return 0;
	ctx->slow = 1;
	if (request_make(p, ctx, order, gfp, &rq)) {
		r = try_zones(p, &rq, &pfn);
		if (r == BUDDY_NONE)
			r = try_slow(p, &rq, &pfn);
	}
	if (r == BUDDY_NONE || r == NEED_MEMORY) {
		need_memory(&rq);
		return NEED_MEMORY;
	}
	if (r)
		return r;
	prepare(p, pfn, order, gfp);
	block_tell(p, "page_alloc", pfn, order, "__alloc_pages");
	*ret_pfn = pfn;
	return 0;
}

int zone_alloc(struct phys *p, struct ctx *ctx, unsigned z, pfn_t *ret_pfn)
{
	struct request rq = {
		.ctx = ctx,
		.type = MIGRATE_UNMOVABLE,
		.highest = p->zones[z].type,
		.preferred = z,
	};
	pfn_t pfn;
	int r = take_from_buddy(p, &rq, z, &pfn);

	if (r == BUDDY_NONE)
		r = buddy_take(p, z, 0, MIGRATE_HIGHATOMIC, &pfn);
	if (r)
		return r == BUDDY_NONE ? NEED_MEMORY : r;
	alloc_count(p, ctx, 0, 1, z, z);
	prepare(p, pfn, 0, 0);
	*ret_pfn = pfn;
	return 0;
}

/* A whole block of order 10 has two pageblocks, each with its type. */
static void free_to_buddy(struct phys *p, unsigned z, pfn_t pfn, unsigned order)
{
	if (order > PAGEBLOCK_ORDER) {
		free_to_buddy(p, z, pfn, PAGEBLOCK_ORDER);
		pfn += PAGEBLOCK_PAGES;
		order = PAGEBLOCK_ORDER;
	}
	buddy_free(p, z, pfn, order, pageblock_type(p, pfn));
}

void page_free(struct phys *p, struct ctx *ctx, pfn_t pfn, unsigned order)
{
	if (order)
		memset(frame_at(p, pfn), 0, sizeof(struct frame) << order);
	page_free_clean(p, ctx, pfn, order);
}

void page_free_clean(struct phys *p, struct ctx *ctx, pfn_t pfn, unsigned order)
{
	unsigned z = pfn_zone(p, pfn), type = pageblock_type(p, pfn);

	memset(frame_at(p, pfn), 0, sizeof(struct frame));
	p->stat.event[PGFREE] += 1u << order;
	if (!pcp_order_allowed(order) || type == MIGRATE_ISOLATE) {
		block_tell(p, "page_free", pfn, order, "free_one_page");
		free_to_buddy(p, z, pfn, order);
		return;
	}
	/* HighAtomic pages are lent out as movable ones. */
	if (type >= MIGRATE_PCPTYPES)
		type = MIGRATE_MOVABLE;
	block_tell(p, "page_free", pfn, order, "free_frozen_page_commit");
	pcp_put(p, z, ctx->cpu, pfn, order, type);
}
