// SPDX-License-Identifier: Apache-2.0
/* A run over one zone and what it moves: compact_zone(),
 * isolate_migratepages_block(), compact_finished() of mm/compaction.c. */
#include "vmcore/reclaim/compact.h"

#include "vmcore/phys/block.h"

#define BLOCKS_A_STEP 32u /* pageblocks passed over at most */

void compact_begin(struct space *s, struct compact *c)
{
	struct zone *z = compact_zone(s, c);
	pfn_t end = compact_zone_end(s->phys, z);
	bool sync = c->mode != COMPACT_ASYNC;

	if (c->order != COMPACT_ALL && compact_restarting(z, c->order))
		compact_forget(s->phys, c->zone);
	c->free_block = (end - 1) & PAGEBLOCK_MASK;
	c->migrate_pfn = z->start_pfn;
	if (!c->whole) {
		pfn_t free = z->compact_free_pfn;
		pfn_t pfn = z->compact_migrate_pfn[sync];

		if (free >= z->start_pfn && free < end)
			c->free_block = free & PAGEBLOCK_MASK;
		z->compact_free_pfn = c->free_block;
		if (pfn >= z->start_pfn && pfn < end)
			c->migrate_pfn = pfn;
		c->whole = c->migrate_pfn <= z->compact_init_pfn;
	}
	c->free_pfn = c->free_seen = c->free_block;
	c->stride = sync ? 1 : COMPACT_CLUSTER_MAX;
	c->last_migrated = PFN_NONE;
	c->starved = 0;
	c->result = COMPACTED_SKIPPED;
}

/* --- pages to move ---------------------------------------------------------
 */
/* suitable_migration_source() */
static bool is_source(const struct space *s, const struct compact *c,
		      pfn_t block)
{
	const struct phys *p = s->phys;
	const struct frame *f = frame_peek(p, block);

	/* Nothing at all, or one huge page. */
	if (!f || (f->word & PG_HEAD && frame_order(f) >= PAGEBLOCK_ORDER))
		return false;
	if (!c->direct || c->mode != COMPACT_ASYNC)
		return true;
	return pageblock_type(p, block) == c->type;
}

static bool order_helps(const struct compact *c, unsigned order)
{
	return order < PAGEBLOCK_ORDER &&
	       (c->order == COMPACT_ALL || order < c->order);
}

/* Folios isolated by one look at a pageblock. */
struct found {
	pfn_t folio[PAGEBLOCK_PAGES];
	unsigned nr;
	uint64_t pages, scanned;
};

/* One frame or block. False: it can neither be moved nor is it free. */
static bool look_at(const struct space *s, struct compact *c, struct found *f)
{
	pfn_t pfn = c->migrate_pfn;
	const struct frame *frame = frame_at(s->phys, pfn);
	unsigned order = frame_order(frame);

	c->migrate_pfn += 1u << order;
	f->scanned += 1u << order;
	if (frame_type(frame) == FRAME_BUDDY)
		return true;
	if (!folio_movable(s, pfn, (enum compact_mode)c->mode) ||
	    !order_helps(c, order))
		return false;
	f->folio[f->nr++] = pfn;
	f->pages += 1ull << order;
	return true;
}

/* The end of the naturally aligned block of @size pages around @pfn. */
static pfn_t block_end(pfn_t pfn, uint32_t size)
{
	return (pfn & ~(size - 1)) + size;
}

/*
 * isolate_migratepages_block(), up to @end; @all: as many as there are. Who
 * will not wait takes all that is in the way of one block of its order, or
 * nothing of it.
 */
static void collect(struct space *s, struct compact *c, pfn_t end, bool all,
		    struct found *f)
{
	bool picky = c->direct && c->mode == COMPACT_ASYNC;
	uint32_t size = picky && c->order < PAGEBLOCK_ORDER ? 1u << c->order
							    : PAGEBLOCK_PAGES;
	pfn_t next = block_end(c->migrate_pfn, size);

	while (c->migrate_pfn < end &&
	       (all || f->pages < COMPACT_CLUSTER_MAX)) {
		if (picky && c->migrate_pfn >= next) {
			if (f->nr)
				break;
			next = block_end(c->migrate_pfn, size);
		}
		if (look_at(s, c, f) || !picky)
			continue;
		f->nr = 0;
		f->pages = 0;
		if (c->migrate_pfn < next)
			c->migrate_pfn = next;
		next = block_end(c->migrate_pfn, size);
	}
	if (c->migrate_pfn > end)
		c->migrate_pfn = end;
}

/* folio_wait_writeback() of migrate_folio_unmap(): only who does all it can
 * waits. Return: a request, 0 none. */
static uint32_t awaited(const struct space *s, const struct compact *c,
			const struct found *f)
{
	uint32_t io = 0;

	for (unsigned i = 0; c->mode == COMPACT_SYNC && i < f->nr && !io; i++)
		io = folio_io(s->cache, f->folio[i]);
	return io;
}

/* --- the run ---------------------------------------------------------------
 */
/* Is there a block for the request now (__compact_finished())? */
static bool block_there(const struct space *s, const struct compact *c)
{
	for (unsigned o = c->order; o < NR_ORDERS; o++)
		for (unsigned t = 0; t < MIGRATE_PCPTYPES; t++) {
			/* From another type only what may be claimed whole. */
			bool mine = t == c->type ||
				    c->type != MIGRATE_MOVABLE ||
				    o >= PAGEBLOCK_ORDER / 2;

			if (mine && phys_nr_free(s->phys, c->zone, o,
						 (enum migratetype)t))
				return true;
		}
	return false;
}

static bool over(struct compact *c, enum compact_result result)
{
	c->result = result;
	return true;
}

/* compact_finished() */
static bool finished(const struct space *s, struct compact *c)
{
	const struct phys *p = s->phys;
	struct zone *z = compact_zone(s, c);

	if (c->free_block <= (c->migrate_pfn & PAGEBLOCK_MASK) ||
	    c->migrate_pfn >= compact_zone_end(p, z)) {
		compact_rewind(p, z);
		z->compact_flush |= c->direct;
		return over(c,
			    c->whole ? COMPACTED_COMPLETE : COMPACTED_PARTIAL);
	}
	if (c->starved)
		return over(c, COMPACTED_CONTENDED);
	if (c->proactive) {
		if (p->nodes[z->node].kswapd_running)
			return over(c, COMPACTED_PARTIAL);
		return extfrag_for_order(p, c->zone, HPAGE_ORDER) <=
			       compact_score_mark(p, true) &&
		       over(c, COMPACTED_SUCCESS);
	}
	if (c->order == COMPACT_ALL || c->migrate_pfn % PAGEBLOCK_PAGES)
		return false;
	return block_there(s, c) && over(c, COMPACTED_SUCCESS);
}

/* update_cached_migrate() */
static void remember(struct space *s, struct compact *c, pfn_t pfn)
{
	struct zone *z = compact_zone(s, c);

	if (pfn > z->compact_migrate_pfn[0])
		z->compact_migrate_pfn[0] = pfn;
	if (c->mode != COMPACT_ASYNC && pfn > z->compact_migrate_pfn[1])
		z->compact_migrate_pfn[1] = pfn;
}

/* To the next pageblock with something to move. False: not yet, or over. */
static bool find_source(struct space *s, struct compact *c)
{
	for (unsigned i = 0; i < BLOCKS_A_STEP; i++) {
		pfn_t block = c->migrate_pfn & PAGEBLOCK_MASK;
		bool fresh = c->migrate_pfn == block ||
			     c->migrate_pfn == compact_zone(s, c)->start_pfn;

		if (c->free_block <= block)
			return false;
		if (pfn_zone(s->phys, block) == c->zone &&
		    !(fresh && compact_may_skip(s, c, block))) {
			if (is_source(s, c, block))
				return true;
			remember(s, c, block + PAGEBLOCK_PAGES);
		}
		c->migrate_pfn = block + PAGEBLOCK_PAGES;
	}
	return false;
}

/*
 * What was freed meets its neighbours once the block of the request's order
 * is left (lru_add_drain_cpu_zone()). Return: the request's block is there
 * (compaction_capture()).
 */
static bool drain(struct space *s, struct compact *c)
{
	uint32_t size = c->order < PAGEBLOCK_ORDER ? 1u << c->order
						   : PAGEBLOCK_PAGES;

	if (c->last_migrated == PFN_NONE ||
	    c->last_migrated >= (c->migrate_pfn & ~(size - 1)))
		return false;
	pcp_drain_zone(s->phys, c->zone);
	c->last_migrated = PFN_NONE;
	if (!c->direct)
		return false;
	for (unsigned o = c->order; o < NR_ORDERS; o++)
		if (phys_nr_free(s->phys, c->zone, o,
				 (enum migratetype)c->type))
			return true;
	return false;
}

int compact_step(struct space *s, struct ctx *ctx, struct compact *c)
{
	struct found f = { .nr = 0, .pages = 0, .scanned = 0 };
	pfn_t block, end, from,
		zone_end = compact_zone_end(s->phys, compact_zone(s, c));
	bool again;
	int r = 0;

	if (finished(s, c))
		return 0;
	again = c->last_migrated == (c->migrate_pfn & PAGEBLOCK_MASK);
	if (!find_source(s, c))
		return STEP_MORE;
	block = c->migrate_pfn & PAGEBLOCK_MASK;
	end = block + PAGEBLOCK_PAGES;
	from = c->migrate_pfn;
	collect(s, c, end < zone_end ? end : zone_end, again, &f);
	ctx->wait_io = awaited(s, c, &f);
	if (ctx->wait_io) {
		c->migrate_pfn = from;
		return WAIT_IO;
	}
	compact_count(s, c, COMPACT_MIGRATE_SCANNED,
		      COMPACT_DAEMON_MIGRATE_SCANNED, f.scanned);
	vmstat_event(&s->phys->stat, COMPACT_ISOLATED, f.pages);
	ctx_pay(ctx, COST_SCAN_PAGE, f.scanned);
	if (c->migrate_pfn >= (end < zone_end ? end : zone_end) &&
	    (!f.nr || again)) {
		pageblock_set_skip(s->phys, block, true);
		remember(s, c, end);
	}
	if (f.nr) {
		c->last_migrated = block;
		r = compact_move(s, ctx, c, f.folio, f.nr, f.pages);
	}
	if (r)
		return r;
	if (drain(s, c)) {
		c->result = COMPACTED_SUCCESS;
		return 0;
	}
	return STEP_MORE;
}
