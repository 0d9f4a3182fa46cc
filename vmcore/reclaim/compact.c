// SPDX-License-Identifier: Apache-2.0
/* One zone's scanners: compact_zone(), isolate_migratepages_block(),
 * isolate_freepages_block(), compact_finished() of mm/compaction.c. */
#include "vmcore/reclaim/compact.h"

#include "vmcore/phys/block.h"

#define PAGEBLOCK_MASK (~(PAGEBLOCK_PAGES - 1))
#define SPARE_BLOCKS   64u
#define BLOCKS_A_STEP  32u /* pageblocks passed over at most */

/* Free blocks in the hands of one step. */
struct spare {
	struct {
		pfn_t pfn;
		unsigned order;
	} block[SPARE_BLOCKS];
	unsigned nr;
};

static struct zone *zone_of(const struct space *s, const struct compact *c)
{
	return &s->phys->zones[c->zone];
}

/* Behind the zone's last frame. */
static pfn_t zone_end(const struct space *s, const struct zone *z)
{
	pfn_t end = z->start_pfn + z->spanned;

	return end < s->phys->max_pfn ? end : s->phys->max_pfn;
}

static void rewind_scanners(const struct space *s, struct zone *z)
{
	z->compact_migrate_pfn = z->start_pfn;
	z->compact_free_pfn = (zone_end(s, z) - 1) & PAGEBLOCK_MASK;
}

void compact_begin(const struct space *s, struct compact *c, bool whole)
{
	struct zone *z = zone_of(s, c);

	if (whole || z->compact_migrate_pfn < z->start_pfn ||
	    z->compact_migrate_pfn >= zone_end(s, z) ||
	    z->compact_free_pfn < z->start_pfn ||
	    z->compact_free_pfn >= zone_end(s, z))
		rewind_scanners(s, z);
	c->migrate_pfn = z->compact_migrate_pfn;
	c->free_block = z->compact_free_pfn & PAGEBLOCK_MASK;
	c->free_pfn = c->free_block;
	c->whole = c->migrate_pfn == z->start_pfn;
	c->result = COMPACTED_SKIPPED;
}

static void count(struct space *s, const struct compact *c, enum event item,
		  enum event daemon, uint64_t pages)
{
	vmstat_event(&s->phys->stat, item, pages);
	if (!c->direct && c->order != COMPACT_ALL)
		vmstat_event(&s->phys->stat, daemon, pages);
}

/* --- free pages ------------------------------------------------------------
 */
/* suitable_migration_target() */
static bool is_target(const struct space *s, const struct compact *c,
		      pfn_t block)
{
	const struct phys *p = s->phys;

	if (block < zone_of(s, c)->start_pfn || pfn_zone(p, block) != c->zone ||
	    !frame_peek(p, block))
		return false;
	return free_block_order(p, block) < PAGEBLOCK_ORDER ||
			       free_block_order(p, block) == NR_ORDERS
		       ? pageblock_type(p, block) == MIGRATE_MOVABLE
		       : false;
}

/* The next free block below order 9, taken. */
static int take_free(struct space *s, struct compact *c, struct spare *spare)
{
	while (c->free_block > (c->migrate_pfn & PAGEBLOCK_MASK)) {
		pfn_t end = c->free_block + PAGEBLOCK_PAGES;
		uint64_t scanned = 0;

		if (end > zone_end(s, zone_of(s, c)))
			end = zone_end(s, zone_of(s, c));
		while (is_target(s, c, c->free_block) && c->free_pfn < end) {
			pfn_t pfn = c->free_pfn;
			unsigned order;
			int r = free_block_take(s->phys, pfn, &order);

			if (r < 0)
				return r;
			scanned += r ? 1 : 1u << order;
			c->free_pfn += r ? 1 : 1u << order;
			if (r)
				continue;
			count(s, c, COMPACT_FREE_SCANNED,
			      COMPACT_DAEMON_FREE_SCANNED, scanned);
			vmstat_event(&s->phys->stat, COMPACT_ISOLATED,
				     1u << order);
			spare->block[spare->nr].pfn = pfn;
			spare->block[spare->nr++].order = order;
			return 0;
		}
		if (scanned)
			count(s, c, COMPACT_FREE_SCANNED,
			      COMPACT_DAEMON_FREE_SCANNED, scanned);
		if (c->free_block < PAGEBLOCK_PAGES)
			break;
		c->free_block -= PAGEBLOCK_PAGES;
		c->free_pfn = c->free_block;
	}
	return STEP_MORE;
}

/* The smallest of the spare blocks that holds 2^@order pages, split. */
static bool split_spare(struct space *s, struct spare *spare, unsigned order,
			pfn_t *ret_pfn)
{
	unsigned best = spare->nr, o;
	pfn_t pfn;

	for (unsigned i = 0; i < spare->nr; i++)
		if (spare->block[i].order >= order &&
		    (best == spare->nr ||
		     spare->block[i].order < spare->block[best].order))
			best = i;
	if (best == spare->nr)
		return false;
	pfn = spare->block[best].pfn;
	o = spare->block[best].order;
	spare->block[best] = spare->block[--spare->nr];
	while (o > order) {
		o--;
		spare->block[spare->nr].pfn = pfn + (1u << o);
		spare->block[spare->nr++].order = o;
	}
	frame_set(frame_at(s->phys, pfn), FRAME_KERNEL, order, 0);
	*ret_pfn = pfn;
	return true;
}

/* compaction_alloc(). STEP_MORE: there is none. */
static int find_target(struct space *s, struct compact *c, struct spare *spare,
		       unsigned order, pfn_t *ret_pfn)
{
	int r = 0;

	while (!r && !split_spare(s, spare, order, ret_pfn))
		r = spare->nr + NR_ORDERS < SPARE_BLOCKS
			    ? take_free(s, c, spare)
			    : STEP_MORE;
	return r;
}

/* What was not used is free again, and the scanner comes by once more. */
static void give_back(struct space *s, struct compact *c, struct spare *spare)
{
	while (spare->nr) {
		pfn_t pfn = spare->block[--spare->nr].pfn;

		free_block_return(s->phys, pfn, spare->block[spare->nr].order);
		if (pfn >= c->free_block && pfn < c->free_pfn)
			c->free_pfn = pfn;
	}
}

/* --- pages to move ---------------------------------------------------------
 */
/* suitable_migration_source() */
static bool is_source(const struct space *s, const struct compact *c,
		      pfn_t block)
{
	const struct phys *p = s->phys;
	unsigned order;

	if (pfn_zone(p, block) != c->zone || !frame_peek(p, block))
		return false;
	order = free_block_order(p, block);
	if (order >= PAGEBLOCK_ORDER && order < NR_ORDERS)
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

/* isolate_migratepages_block(), up to @end: folios that are to move. */
static unsigned collect(struct space *s, struct compact *c, pfn_t end,
			pfn_t folios[COMPACT_CLUSTER_MAX])
{
	unsigned nr = 0;
	uint64_t pages = 0, scanned = 0;

	while (c->migrate_pfn < end && pages < COMPACT_CLUSTER_MAX) {
		pfn_t pfn = c->migrate_pfn;
		const struct frame *f = frame_at(s->phys, pfn);
		unsigned order = frame_order(f);

		scanned++;
		c->migrate_pfn += 1u << order;
		if (!folio_movable(s, pfn) || !order_helps(c, order))
			continue;
		folios[nr++] = pfn;
		pages += 1ull << order;
	}
	count(s, c, COMPACT_MIGRATE_SCANNED, COMPACT_DAEMON_MIGRATE_SCANNED,
	      scanned);
	vmstat_event(&s->phys->stat, COMPACT_ISOLATED, pages);
	return nr;
}

static int move_all(struct space *s, struct ctx *ctx, struct compact *c,
		    const pfn_t *folios, unsigned nr)
{
	struct spare spare = { .nr = 0 };
	int r = 0;

	for (unsigned i = 0; i < nr && r >= 0; i++) {
		unsigned order = frame_order(frame_at(s->phys, folios[i]));
		pfn_t to;

		r = find_target(s, c, &spare, order, &to);
		if (!r)
			folio_move(s, ctx, folios[i], to);
		if (r >= 0)
			vmstat_event(&s->phys->stat,
				     r ? PGMIGRATE_FAIL : PGMIGRATE_SUCCESS,
				     1u << order);
	}
	give_back(s, c, &spare);
	return r < 0 ? r : 0;
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

static bool finished(const struct space *s, struct compact *c)
{
	struct zone *z = zone_of(s, c);

	if (c->free_block <= (c->migrate_pfn & PAGEBLOCK_MASK) ||
	    c->migrate_pfn >= zone_end(s, z)) {
		rewind_scanners(s, z);
		c->result = c->whole ? COMPACTED_COMPLETE : COMPACTED_PARTIAL;
		return true;
	}
	z->compact_migrate_pfn = c->migrate_pfn;
	z->compact_free_pfn = c->free_block;
	if (c->order == COMPACT_ALL || c->migrate_pfn % PAGEBLOCK_PAGES)
		return false;
	if (!block_there(s, c))
		return false;
	c->result = COMPACTED_SUCCESS;
	return true;
}

int compact_step(struct space *s, struct ctx *ctx, struct compact *c)
{
	pfn_t folios[COMPACT_CLUSTER_MAX], block, end, before;
	unsigned nr;
	int r;

	for (unsigned i = 0; i < BLOCKS_A_STEP; i++) {
		if (finished(s, c))
			return 0;
		block = c->migrate_pfn & PAGEBLOCK_MASK;
		if (is_source(s, c, block))
			break;
		c->migrate_pfn = block + PAGEBLOCK_PAGES;
	}
	block = c->migrate_pfn & PAGEBLOCK_MASK;
	if (finished(s, c))
		return 0;
	if (!is_source(s, c, block))
		return STEP_MORE;
	end = block + PAGEBLOCK_PAGES;
	if (end > zone_end(s, zone_of(s, c)))
		end = zone_end(s, zone_of(s, c));
	before = c->migrate_pfn;
	nr = collect(s, c, end, folios);
	ctx_pay(ctx, COST_SCAN_PAGE, c->migrate_pfn - before);
	r = nr ? move_all(s, ctx, c, folios, nr) : 0;
	/* What was freed meets its neighbours (drain_local_pages()). */
	if (nr && c->migrate_pfn >= end)
		pcp_drain_zone(s->phys, c->zone);
	return r ? r : STEP_MORE;
}
