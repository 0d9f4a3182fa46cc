// SPDX-License-Identifier: Apache-2.0
/* Where isolated folios go: isolate_freepages_block(), compaction_alloc() of
 * mm/compaction.c, migrate_pages() of mm/migrate.c. */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/compact.h"

#define SPARE_BLOCKS 64u

/* Free blocks in the hands of one step. */
struct spare {
	struct {
		pfn_t pfn;
		unsigned order;
	} block[SPARE_BLOCKS];
	unsigned nr;
};

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

	if (block < compact_zone(s, c)->start_pfn ||
	    pfn_zone(p, block) != c->zone || !frame_peek(p, block))
		return false;
	order = free_block_order(p, block);
	if (order < NR_ORDERS && order >= large)
		return false;
	return c->any_target || pageblock_type(p, block) == MIGRATE_MOVABLE;
}

/* All of the pageblock was looked at: not again soon. */
static void leave_free_block(struct space *s, struct compact *c, bool all)
{
	struct zone *z = compact_zone(s, c);

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
	compact_count(s, c, COMPACT_FREE_SCANNED, COMPACT_DAEMON_FREE_SCANNED,
		      pages);
	c->free_seen = c->free_pfn;
}

/* The next free block of this pageblock, taken. STEP_MORE: there is none. */
static int take_here(struct space *s, struct compact *c, struct spare *spare)
{
	pfn_t end = c->free_block + PAGEBLOCK_PAGES;
	uint64_t scanned = 0;
	int r = STEP_MORE;

	if (end > compact_zone_end(s->phys, compact_zone(s, c)))
		end = compact_zone_end(s->phys, compact_zone(s, c));
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
			     !compact_may_skip(s, c, c->free_block));
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

static uint64_t spare_pages(const struct spare *spare)
{
	uint64_t pages = 0;

	for (unsigned i = 0; i < spare->nr; i++)
		pages += 1ull << spare->block[i].order;
	return pages;
}

/* compaction_alloc(): free blocks are taken until there is room for all of
 * the @wanted pages, and no more for the sake of a large one. STEP_MORE: there
 * is none. */
static int find_target(struct space *s, struct compact *c, struct spare *spare,
		       unsigned order, uint64_t wanted, pfn_t *ret_pfn)
{
	int r = 0;

	while (!r && !split_spare(s, spare, order, ret_pfn))
		r = !c->starved && spare->nr + NR_ORDERS < SPARE_BLOCKS &&
				    spare_pages(spare) < wanted
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

/* --- moving ------------------------------------------------------------------
 */
/* Folios on their way, and the pages that are yet to go. */
struct moving {
	struct space *s;
	struct ctx *ctx;
	struct compact *c;
	struct spare spare;
	uint64_t left;
};

static void count_moved(struct moving *m, bool moved, unsigned order)
{
	vmstat_event(&m->s->phys->stat,
		     moved ? PGMIGRATE_SUCCESS : PGMIGRATE_FAIL, 1u << order);
}

/* 0, STEP_MORE (there is no place), host errno. */
static int move_folio(struct moving *m, pfn_t folio)
{
	unsigned order = frame_order(frame_at(m->s->phys, folio));
	pfn_t to;
	int r = find_target(m->s, m->c, &m->spare, order, m->left, &to);

	if (!r)
		folio_move(m->s, m->ctx, folio, to);
	return r;
}

/* try_split_folio(): page by page, as far as somebody has them. */
static int move_parts(struct moving *m, pfn_t folio, unsigned order)
{
	int r = 0;

	for (pfn_t page = folio; page < folio + (1u << order) && !r; page++) {
		if (!folio_movable(m->s, page, COMPACT_SYNC_LIGHT))
			continue;
		r = move_folio(m, page);
		if (r >= 0)
			count_moved(m, !r, 0);
	}
	return r;
}

/* migrate_pages_batch() of one folio. Return: as move_folio(). */
static int move_one(struct moving *m, pfn_t folio)
{
	const struct frame *f = frame_at(m->s->phys, folio);
	unsigned order = frame_order(f);
	bool partial = frame_type(f) == FRAME_ANON && f->word & PG_DEFERRED &&
		       f->word & PG_PARTIAL;
	int r = STEP_MORE;

	/* COMPACT_SYNC has waited for it. */
	if (f->word & (PG_WRITEBACK | PG_LOCKED)) {
		count_moved(m, false, order);
		return 0;
	}
	if (!partial)
		r = move_folio(m, folio);
	if (r == STEP_MORE && order && folio_split(m->s, m->ctx, folio))
		return move_parts(m, folio, order);
	if (r >= 0)
		count_moved(m, !r, order);
	return partial && r > 0 ? 0 : r;
}

int compact_move(struct space *s, struct ctx *ctx, struct compact *c,
		 const pfn_t *folio, unsigned nr, uint64_t pages)
{
	struct moving m = { .s = s, .ctx = ctx, .c = c, .left = pages };
	int r = 0;

	/* Where there is no place for one there is none for the others. */
	for (unsigned i = 0; i < nr && !r; i++) {
		unsigned order = frame_order(frame_at(s->phys, folio[i]));

		r = move_one(&m, folio[i]);
		m.left -= 1u << order;
	}
	give_back(s, c, &m.spare);
	return r < 0 ? r : 0;
}
