// SPDX-License-Identifier: Apache-2.0
/*
 * Serving one type of pageblock from another (mm/page_alloc.c,
 * __rmqueue_claim(), __rmqueue_steal(), try_to_claim_block()).
 */
#include "vmcore/phys/inner.h"

#define NR_FALLBACKS 2
#define CLAIM_ORDER  (PAGEBLOCK_ORDER / 2)

static const uint8_t fallbacks[MIGRATE_PCPTYPES][NR_FALLBACKS] = {
	[MIGRATE_UNMOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE },
	[MIGRATE_MOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE },
	[MIGRATE_RECLAIMABLE] = { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE },
};

static void block_set(struct phys *p, pfn_t pfn, unsigned type)
{
	p->blocks[pfn >> MAX_ORDER].type[pfn >> PAGEBLOCK_ORDER & 1] =
		(uint8_t)type;
}

/* Is the pageblock of @pfn wholly in its zone? */
static bool block_whole(const struct phys *p, unsigned z, pfn_t pfn)
{
	const struct zone *zone = &p->zones[z];
	pfn_t start = pfn & ~(PAGEBLOCK_PAGES - 1);

	return start >= zone->start_pfn &&
	       start + PAGEBLOCK_PAGES <= zone->start_pfn + zone->spanned;
}

static void free_block_move(struct phys *p, unsigned z, pfn_t pfn,
			    unsigned order, unsigned from, unsigned to)
{
	free_list_del(p, z, pfn, order, from);
	free_list_add(p, z, pfn, order, to, true);
}

/* Move the free blocks inside one pageblock to another type's lists. */
static void move_free_blocks(struct phys *p, unsigned z, pfn_t start,
			     unsigned from, unsigned to)
{
	for (unsigned i = 0; i < PAGEBLOCK_PAGES;) {
		const struct frame *f = frame_at(p, start + i);
		unsigned order = 0;

		if (frame_type(f) == FRAME_BUDDY) {
			order = frame_order(f);
			free_block_move(p, z, start + i, order, from, to);
		}
		i += 1u << order;
	}
}

void free_block_retype(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		       unsigned type)
{
	free_block_move(p, z, pfn, order, pageblock_type(p, pfn), type);
	for (unsigned i = 0; i < 1u << order; i += PAGEBLOCK_PAGES)
		block_set(p, pfn + i, type);
}

void free_block_set_type(struct phys *p, pfn_t pfn, enum migratetype type)
{
	free_block_retype(p, pfn_zone(p, pfn), pfn, MAX_ORDER, type);
}

bool pageblock_set_type(struct phys *p, pfn_t pfn, enum migratetype type)
{
	unsigned z = pfn_zone(p, pfn), old = pageblock_type(p, pfn);
	pfn_t start = pfn & ~(PAGEBLOCK_PAGES - 1);
	pfn_t block = pfn & ~(BLOCK_FRAMES - 1);

	if (!block_whole(p, z, pfn))
		return false;
	if (old == type)
		return true;
	/* Its free frames are half of a larger block: take that apart. */
	if (p->blocks[pfn >> MAX_ORDER].state == BLOCK_FREE) {
		if (section_make(p, pfn))
			return false;
		free_list_del(p, z, block, MAX_ORDER, pageblock_type(p, block));
		free_list_add(p, z, block, PAGEBLOCK_ORDER,
			      pageblock_type(p, block), false);
		block += PAGEBLOCK_PAGES;
		free_list_add(p, z, block, PAGEBLOCK_ORDER,
			      pageblock_type(p, block), false);
	}
	if (p->blocks[pfn >> MAX_ORDER].state == BLOCK_OPEN)
		move_free_blocks(p, z, start, old, type);
	block_set(p, pfn, type);
	return true;
}

/* boost_watermark(): make kswapd free whole pageblocks. */
static bool boost(struct phys *p, struct zone *zone)
{
	uint64_t most = (uint64_t)zone->wmark[WMARK_HIGH] *
			(uint32_t)p->watermark_boost_factor / 10000;

	if (!most || zone->managed < 4 * PAGEBLOCK_PAGES)
		return false;
	if (most < PAGEBLOCK_PAGES)
		most = PAGEBLOCK_PAGES;
	zone->boost += PAGEBLOCK_PAGES;
	if (zone->boost > most)
		zone->boost = (uint32_t)most;
	return true;
}

/* Free pages of a pageblock, and allocated ones that could be moved. */
static void block_count(const struct phys *p, pfn_t start, unsigned *ret_free,
			unsigned *ret_movable)
{
	unsigned free = 0, movable = 0;

	for (unsigned i = 0; i < PAGEBLOCK_PAGES;) {
		const struct frame *f = frame_at(p, start + i);
		unsigned n = 1;

		if (frame_type(f) == FRAME_BUDDY) {
			n = 1u << frame_order(f);
			free += n;
		} else if (frame_type(f) == FRAME_TAIL) {
			movable += (frame_at(p, f->owner)->word & PG_LRU) != 0;
		} else {
			movable += (f->word & PG_LRU) != 0;
		}
		i += n;
	}
	*ret_free = free;
	*ret_movable = movable;
}

/* Would enough of the pageblock suit @type? */
static bool claim_worth(const struct phys *p, pfn_t start, unsigned type,
			unsigned from)
{
	unsigned free, movable, alike = 0;

	block_count(p, start, &free, &movable);
	if (type == MIGRATE_MOVABLE)
		alike = movable;
	else if (from == MIGRATE_MOVABLE)
		alike = PAGEBLOCK_PAGES - free - movable;
	return free + alike >= PAGEBLOCK_PAGES / 2 || p->grouping_off;
}

/* Claim the pageblocks of the free block at @pfn, of order @at. */
static int claim_block(struct phys *p, unsigned z, pfn_t pfn, unsigned at,
		       unsigned order, unsigned type, unsigned from,
		       uint32_t flags, pfn_t *ret_pfn)
{
	struct zone *zone = &p->zones[z];
	pfn_t start = pfn & ~(PAGEBLOCK_PAGES - 1);

	if (at >= PAGEBLOCK_ORDER) {
		int r = section_make(p, pfn);

		if (r)
			return r;
		free_list_del(p, z, pfn, at, from);
		for (unsigned i = 0; i < 1u << at; i += PAGEBLOCK_PAGES)
			block_set(p, pfn + i, type);
		buddy_expand(p, z, pfn, order, at, type);
		*ret_pfn = pfn;
		return 0;
	}
	if (boost(p, zone) && flags & ALLOC_KSWAPD)
		zone->flags |= ZONE_FLAG_BOOSTED;
	if (!block_whole(p, z, pfn) || !claim_worth(p, start, type, from))
		return BUDDY_NONE;
	move_free_blocks(p, z, start, from, type);
	block_set(p, start, type);
	return buddy_take(p, z, order, type, ret_pfn);
}

static unsigned fallback_at(const struct phys *p, unsigned z, unsigned order,
			    unsigned type)
{
	for (unsigned i = 0; i < NR_FALLBACKS; i++)
		if (p->zones[z].free[order].nr[fallbacks[type][i]])
			return fallbacks[type][i];
	return NR_MIGRATETYPES;
}

/* Turn whole pageblocks to @type, from the largest free block down. */
static int claim(struct phys *p, unsigned z, unsigned order, unsigned type,
		 uint32_t flags, pfn_t *ret_pfn)
{
	unsigned least = order;

	if (order < PAGEBLOCK_ORDER && flags & ALLOC_NOFRAGMENT)
		least = PAGEBLOCK_ORDER;
	for (unsigned o = NR_ORDERS; o-- > least;) {
		unsigned from = fallback_at(p, z, o, type);
		int r;

		/* So small a piece does not justify a pageblock. */
		if (o < CLAIM_ORDER && type == MIGRATE_MOVABLE &&
		    !p->grouping_off)
			break;
		if (from == NR_MIGRATETYPES)
			continue;
		r = claim_block(p, z, free_list_first(p, z, o, from), o, order,
				type, from, flags, ret_pfn);
		if (r != BUDDY_NONE)
			return r;
	}
	return BUDDY_NONE;
}

/* Take one block of another type, the smallest; its pageblock stays. */
static int steal(struct phys *p, unsigned z, unsigned order, unsigned type,
		 pfn_t *ret_pfn)
{
	for (unsigned o = order; o < NR_ORDERS; o++) {
		unsigned from = fallback_at(p, z, o, type);

		if (from != NR_MIGRATETYPES)
			return buddy_take(p, z, order, from, ret_pfn);
	}
	return BUDDY_NONE;
}

int rmqueue(struct phys *p, unsigned z, unsigned order, unsigned type,
	    uint32_t flags, enum rmqueue_mode *mode, pfn_t *ret_pfn)
{
	int r = BUDDY_NONE;

	if (*mode == RMQUEUE_NORMAL) {
		r = buddy_take(p, z, order, type, ret_pfn);
		if (r == BUDDY_NONE)
			r = claim(p, z, order, type, flags, ret_pfn);
	}
	if (r == BUDDY_NONE && !(flags & ALLOC_NOFRAGMENT)) {
		r = steal(p, z, order, type, ret_pfn);
		if (!r)
			*mode = RMQUEUE_STEAL;
	}
	return r;
}
