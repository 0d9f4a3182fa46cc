// SPDX-License-Identifier: Apache-2.0
/* A long run of memory is emptied: alloc_contig_pages() of mm/page_alloc.c,
 * start_isolate_page_range() of mm/page_isolation.c. */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/compact.h"
#include "vmcore/reclaim/reclaim.h"

#include <errno.h>

/* alloc_migration_target(), of what is free: a folio that finds no place in
 * one piece is split. */
#define GFP_TARGET (GFP_HIGHUSER_MOVABLE & ~GFP_BIT_DIRECT_RECLAIM)

#define MAX_RUN_FRAMES (1u << 18) /* 1 GiB */

struct run {
	struct space *s;
	struct ctx *ctx;
	unsigned zone, node;
	pfn_t start, end;
	uint64_t free, used; /* pages */
	uint8_t type[MAX_RUN_FRAMES / PAGEBLOCK_PAGES]; /* before */
};

/* What has_unmovable_pages() lets pass: folios on the LRU, locked ones too. */
static bool may_leave(const struct space *s, pfn_t folio)
{
	const struct frame *f = frame_at(s->phys, folio);

	if (!(f->word & PG_LRU) || folio_pinned(s->cache, folio))
		return false;
	return frame_type(f) == FRAME_ANON ||
	       (frame_type(f) == FRAME_FILE &&
		(f->owner || f->word & PG_SWAPCACHE));
}

/* The free block or folio at @pfn: its pages; 0: neither. */
static uint32_t look(struct run *r, pfn_t pfn)
{
	const struct phys *p = r->s->phys;
	unsigned order = free_block_order(p, pfn);

	if (order < NR_ORDERS) {
		r->free += 1u << order;
		return 1u << order;
	}
	if (!may_leave(r->s, pfn))
		return 0;
	order = frame_order(frame_at(p, pfn));
	r->used += 1u << order;
	return 1u << order;
}

/* pfn_range_valid_contig() */
static bool is_valid(const struct run *r)
{
	const struct phys *p = r->s->phys;

	for (pfn_t pfn = r->start; pfn < r->end; pfn += BLOCK_FRAMES) {
		const struct block *b = &p->blocks[pfn >> MAX_ORDER];

		if ((b->state != BLOCK_FREE && b->state != BLOCK_OPEN) ||
		    b->zone[0] != r->zone || b->zone[1] != r->zone ||
		    b->type[0] >= MIGRATE_PCPTYPES ||
		    b->type[1] >= MIGRATE_PCPTYPES)
			return false;
	}
	return true;
}

/* Nothing is in it that cannot move. */
static bool may_empty(struct run *r)
{
	uint32_t pages;

	r->free = r->used = 0;
	for (pfn_t pfn = r->start; pfn < r->end; pfn += pages) {
		pages = look(r, pfn);
		if (!pages)
			return false;
	}
	ctx_pay(r->ctx, COST_SCAN_PAGE, r->used);
	return true;
}

/* Is as much free elsewhere as would have to go there? */
static bool has_room(const struct run *r)
{
	const struct phys *p = r->s->phys;
	uint64_t free = 0;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++)
		if (p->zones[z].managed)
			free += (uint64_t)p->stat.zone[z][NR_FREE_PAGES];
	return free - r->free >= r->used;
}

static int move_folio(struct run *r, pfn_t folio)
{
	struct phys *p = r->s->phys;
	unsigned order = frame_order(frame_at(p, folio));
	uint16_t home = r->ctx->node;
	pfn_t to;
	int err;

	r->ctx->node = (uint16_t)r->node;
	err = page_alloc_near(p, r->ctx, order, GFP_TARGET, &to);
	r->ctx->node = home;
	if (err)
		return err;
	folio_move(r->s, r->ctx, folio, to);
	vmstat_event(&p->stat, PGMIGRATE_SUCCESS, 1u << order);
	if (order == HPAGE_ORDER)
		vmstat_event(&p->stat, THP_MIGRATION_SUCCESS, 1);
	return 0;
}

/* reclaim_clean_pages_from_list(): what can be read again need not move. */
static bool is_clean(const struct frame *f)
{
	return frame_type(f) == FRAME_FILE &&
	       !(f->word &
		 (PG_DIRTY | PG_SWAPBACKED | PG_SWAPCACHE | PG_UNEVICTABLE));
}

/* __alloc_contig_migrate_range() of the folio at @pfn. 0, NEED_MEMORY (there is
 * no place), WAIT_IO, host errno. */
static int empty_one(struct run *r, pfn_t folio)
{
	const struct frame *f = frame_at(r->s->phys, folio);
	unsigned order = frame_order(f);
	int err;

	r->ctx->wait_io = folio_io(r->s->cache, folio);
	if (r->ctx->wait_io)
		return WAIT_IO;
	vmstat_event(&r->s->phys->stat, COMPACT_ISOLATED, 1u << order);
	if (is_clean(f) && reclaim_folio(r->s, r->ctx, folio))
		return 0;
	err = move_folio(r, folio);
	if (err == NEED_MEMORY && order && folio_split(r->s, r->ctx, folio)) {
		err = 0;
		for (pfn_t i = 0; i < 1u << order && !err; i++)
			if (may_leave(r->s, folio + i))
				err = move_folio(r, folio + i);
	}
	return err;
}

static int empty(struct run *r)
{
	const struct phys *p = r->s->phys;
	pfn_t pfn = r->start;

	while (pfn < r->end) {
		unsigned order = free_block_order(p, pfn);
		int err = 0;

		/* What was freed may have made one block with what follows. */
		if (order == NR_ORDERS) {
			order = frame_order(frame_at(p, pfn));
			if (may_leave(r->s, pfn))
				err = empty_one(r, pfn);
			else if (frame_type(frame_at(p, pfn)) !=
				 FRAME_FREE_TAIL)
				err = NEED_MEMORY;
		}
		if (err)
			return err;
		pfn += 1u << order;
	}
	return 0;
}

/* Both pageblocks of a block get a type each; a free one is of one type. */
static void set_types(struct phys *p, pfn_t pfn, uint8_t first, uint8_t second)
{
	if (p->blocks[pfn >> MAX_ORDER].state == BLOCK_FREE) {
		free_block_set_type(p, pfn, (enum migratetype)first);
		return;
	}
	pageblock_set_type(p, pfn, (enum migratetype)first);
	pageblock_set_type(p, pfn + PAGEBLOCK_PAGES, (enum migratetype)second);
}

/* Its free pages are nobody's. */
static void isolate(struct run *r)
{
	struct phys *p = r->s->phys;
	uint8_t *type = r->type;

	for (pfn_t pfn = r->start; pfn < r->end; pfn += BLOCK_FRAMES) {
		const struct block *b = &p->blocks[pfn >> MAX_ORDER];

		*type++ = (uint8_t)b->type[0];
		*type++ = (uint8_t)b->type[1];
		set_types(p, pfn, MIGRATE_ISOLATE, MIGRATE_ISOLATE);
	}
}

/* undo_isolate_page_range(): whose they were, as the mark of isolation stands
 * beside a pageblock's type. */
static void give_back(struct run *r)
{
	const uint8_t *type = r->type;

	for (pfn_t pfn = r->start; pfn < r->end; pfn += BLOCK_FRAMES, type += 2)
		set_types(r->s->phys, pfn, type[0], type[1]);
}

/* test_pages_isolated() */
static bool is_empty(const struct run *r)
{
	const struct phys *p = r->s->phys;
	pfn_t pfn = r->start;

	while (pfn < r->end && p->blocks[pfn >> MAX_ORDER].state == BLOCK_FREE)
		pfn += BLOCK_FRAMES;
	return pfn == r->end;
}

/* @begun: it was found good, and then waited for a page of it. */
static int try_run(struct run *r, bool begun)
{
	int err;

	if (!is_valid(r) || (!begun && (!may_empty(r) || !has_room(r))))
		return ENOMEM;
	isolate(r);
	err = empty(r);
	give_back(r);
	if (!err)
		return is_empty(r) ? 0 : ENOMEM;
	return err == NEED_MEMORY ? ENOMEM : err;
}

/* The runs of one zone, from *@cursor if that is set. */
static int try_zone(struct run *r, uint32_t nr, uint32_t *cursor)
{
	const struct zone *z = &r->s->phys->zones[r->zone];
	uint64_t pfn = ((uint64_t)z->start_pfn + nr - 1) & ~(nr - 1ull);
	uint64_t end = (uint64_t)z->start_pfn + z->spanned;
	int err = ENOMEM;

	if (*cursor && (*cursor < pfn || *cursor >= end))
		return ENOMEM;
	if (*cursor)
		pfn = *cursor;
	for (; pfn + nr <= end && err == ENOMEM; pfn += nr) {
		r->start = (pfn_t)pfn;
		r->end = r->start + nr;
		err = try_run(r, *cursor);
		*cursor = err == WAIT_IO ? r->start : 0;
	}
	return err;
}

int contig_make_room(struct space *s, struct ctx *ctx, unsigned node,
		     unsigned order, uint32_t *cursor)
{
	const struct node *n = &s->phys->nodes[node];
	int err = ENOMEM;

	pcp_drain_all(s->phys);
	for (unsigned i = 0; i < n->nr_zonelist && err == ENOMEM; i++) {
		struct run r = {
			.s = s, .ctx = ctx, .zone = n->zonelist[i], .node = node
		};

		if (s->phys->zones[r.zone].node == node)
			err = try_zone(&r, 1u << order, cursor);
	}
	return err;
}
