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

void compact_begin(struct space *s, struct compact *c)
{
	struct zone *z = zone_of(s, c);
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

static void count(struct space *s, const struct compact *c, enum event item,
		  enum event daemon, uint64_t pages)
{
	vmstat_event(&s->phys->stat, item, pages);
	if (c->daemon)
		vmstat_event(&s->phys->stat, daemon, pages);
}

static bool may_skip(const struct space *s, const struct compact *c,
		     pfn_t block)
{
	return !c->ignore_skip && pageblock_skip(s->phys, block);
}

/* --- free pages ------------------------------------------------------------
 */
/* suitable_migration_target() */
static bool is_target(const struct space *s, const struct compact *c,
		      pfn_t block)
{
	const struct phys *p = s->phys;
	unsigned large = c->order < PAGEBLOCK_ORDER ? c->order
						    : PAGEBLOCK_ORDER;
	unsigned order;

	if (block < zone_of(s, c)->start_pfn || pfn_zone(p, block) != c->zone ||
	    !frame_peek(p, block))
		return false;
	order = free_block_order(p, block);
	if (order < NR_ORDERS && order >= large)
		return false;
	return c->any_target || pageblock_type(p, block) == MIGRATE_MOVABLE;
}

/* All of the pageblock was looked at: not again soon. */
static void leave_free_block(struct space *s, struct compact *c, bool all)
{
	struct zone *z = zone_of(s, c);

	if (all) {
		pageblock_set_skip(s->phys, c->free_block, true);
		if (c->free_block >= z->start_pfn + PAGEBLOCK_PAGES &&
		    c->free_block - PAGEBLOCK_PAGES < z->compact_free_pfn)
			z->compact_free_pfn = c->free_block - PAGEBLOCK_PAGES;
	}
	c->free_block -= PAGEBLOCK_PAGES;
	c->free_pfn = c->free_seen = c->free_block;
}

/* Count what the free scanner sees for the first time. */
static void free_scanned(struct space *s, struct compact *c, uint64_t pages)
{
	if (c->free_pfn <= c->free_seen)
		return;
	count(s, c, COMPACT_FREE_SCANNED, COMPACT_DAEMON_FREE_SCANNED, pages);
	c->free_seen = c->free_pfn;
}

/* The next free block of this pageblock, taken. STEP_MORE: there is none. */
static int take_here(struct space *s, struct compact *c, struct spare *spare)
{
	pfn_t end = c->free_block + PAGEBLOCK_PAGES;
	uint64_t scanned = 0;
	int r = STEP_MORE;

	if (end > compact_zone_end(s->phys, zone_of(s, c)))
		end = compact_zone_end(s->phys, zone_of(s, c));
	while (r == STEP_MORE && c->free_pfn < end) {
		pfn_t pfn = c->free_pfn;
		unsigned order = 0;

		if (free_block_order(s->phys, pfn) < NR_ORDERS) {
			r = free_block_take(s->phys, pfn, &order);
			if (r == BUDDY_REFUSED) {
				c->starved = 1;
				break;
			}
			if (r)
				return r;
			spare->block[spare->nr].pfn = pfn;
			spare->block[spare->nr++].order = order;
			c->stride = 1;
		}
		c->free_pfn += r ? c->stride : 1u << order;
		scanned += 1u << order;
	}
	free_scanned(s, c, scanned);
	return r;
}

static int take_free(struct space *s, struct compact *c, struct spare *spare)
{
	while (c->free_block > (c->migrate_pfn & PAGEBLOCK_MASK)) {
		bool look = is_target(s, c, c->free_block) &&
			    (c->free_pfn != c->free_block ||
			     !may_skip(s, c, c->free_block));
		int r = look ? take_here(s, c, spare) : STEP_MORE;

		if (r != STEP_MORE)
			return c->starved ? STEP_MORE : r;
		if (c->free_block < PAGEBLOCK_PAGES)
			break;
		/* What has little free is looked at less closely. */
		if (look)
			c->stride = c->stride < COMPACT_CLUSTER_MAX / 2
					    ? c->stride * 2
					    : COMPACT_CLUSTER_MAX;
		leave_free_block(s, c, look);
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
	vmstat_event(&s->phys->stat, COMPACT_ISOLATED, 1u << order);
	*ret_pfn = pfn;
	return true;
}

/* compaction_alloc(). STEP_MORE: there is none. */
static int find_target(struct space *s, struct compact *c, struct spare *spare,
		       unsigned order, pfn_t *ret_pfn)
{
	int r = 0;

	while (!r && !split_spare(s, spare, order, ret_pfn))
		r = !c->starved && spare->nr + NR_ORDERS < SPARE_BLOCKS
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
	if (!folio_movable(s, pfn) || !order_helps(c, order))
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
	count(s, c, COMPACT_MIGRATE_SCANNED, COMPACT_DAEMON_MIGRATE_SCANNED,
	      f->scanned);
	vmstat_event(&s->phys->stat, COMPACT_ISOLATED, f->pages);
}

static int move_all(struct space *s, struct ctx *ctx, struct compact *c,
		    const struct found *f)
{
	struct spare spare = { .nr = 0 };
	int r = 0;

	/* Where there is no place for one there is none for the others. */
	for (unsigned i = 0; i < f->nr && !r; i++) {
		unsigned order = frame_order(frame_at(s->phys, f->folio[i]));
		pfn_t to;

		r = find_target(s, c, &spare, order, &to);
		if (!r)
			folio_move(s, ctx, f->folio[i], to);
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

static bool over(struct compact *c, enum compact_result result)
{
	c->result = result;
	return true;
}

/* compact_finished() */
static bool finished(const struct space *s, struct compact *c)
{
	const struct phys *p = s->phys;
	struct zone *z = zone_of(s, c);

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
	struct zone *z = zone_of(s, c);

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
			     c->migrate_pfn == zone_of(s, c)->start_pfn;

		if (c->free_block <= block)
			return false;
		if (pfn_zone(s->phys, block) == c->zone &&
		    !(fresh && may_skip(s, c, block))) {
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
	pfn_t block, end, zone_end = compact_zone_end(s->phys, zone_of(s, c));
	bool again;
	int r = 0;

	if (finished(s, c))
		return 0;
	again = c->last_migrated == (c->migrate_pfn & PAGEBLOCK_MASK);
	if (!find_source(s, c))
		return STEP_MORE;
	block = c->migrate_pfn & PAGEBLOCK_MASK;
	end = block + PAGEBLOCK_PAGES;
	collect(s, c, end < zone_end ? end : zone_end, again, &f);
	ctx_pay(ctx, COST_SCAN_PAGE, f.scanned);
	if (c->migrate_pfn >= (end < zone_end ? end : zone_end) &&
	    (!f.nr || again)) {
		pageblock_set_skip(s->phys, block, true);
		remember(s, c, end);
	}
	if (f.nr) {
		c->last_migrated = block;
		r = move_all(s, ctx, c, &f);
	}
	if (r)
		return r;
	if (drain(s, c)) {
		c->result = COMPACTED_SUCCESS;
		return 0;
	}
	return STEP_MORE;
}
