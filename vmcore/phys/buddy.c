// SPDX-License-Identifier: Apache-2.0
/*
 * Free blocks of a zone (mm/page_alloc.c, __free_one_page(), expand(),
 * __rmqueue_smallest()).
 *
 * A free block's list is that of its first pageblock's type. Blocks of order
 * 10 are linked in blocks[] by number, smaller ones in their first frame by
 * pfn, so a machine at rest has no frames.
 */
#include "vmcore/phys/inner.h"

#include "vmcore/base/klog.h"

/* @pages of blocks of @order came to a list of @type, or left it. */
static inline void count(struct phys *p, unsigned z, unsigned order,
			 unsigned type, int64_t pages)
{
	struct zone *zone = &p->zones[z];

	if (type == MIGRATE_ISOLATE)
		return;
	p->stat.zone[z][NR_FREE_PAGES] += pages;
	if (order >= PAGEBLOCK_ORDER)
		p->stat.zone[z][NR_FREE_PAGES_BLOCKS] += pages;
	if (type == MIGRATE_HIGHATOMIC)
		zone->nr_free_highatomic += (uint32_t)pages;
}

/* Blocks of order 10. */
static void block_link(struct phys *p, struct free_area *area, unsigned type,
		       uint32_t id, bool to_tail)
{
	struct block *b = &p->blocks[id];

	b->state = BLOCK_FREE;
	b->next = to_tail ? PFN_NONE : area->head[type];
	b->prev = to_tail ? area->tail[type] : PFN_NONE;
	*(b->next == PFN_NONE ? &area->tail[type] : &p->blocks[b->next].prev) =
		id;
	*(b->prev == PFN_NONE ? &area->head[type] : &p->blocks[b->prev].next) =
		id;
}

static void block_unlink(struct phys *p, struct free_area *area, unsigned type,
			 uint32_t id)
{
	struct block *b = &p->blocks[id];

	*(b->next == PFN_NONE ? &area->tail[type] : &p->blocks[b->next].prev) =
		b->prev;
	*(b->prev == PFN_NONE ? &area->head[type] : &p->blocks[b->prev].next) =
		b->next;
	b->next = b->prev = 0;
	b->state = BLOCK_OPEN;
}

void free_list_add(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		   unsigned type, bool to_tail)
{
	struct free_area *area = &p->zones[z].free[order];

	if (order == MAX_ORDER) {
		block_link(p, area, type, pfn >> MAX_ORDER, to_tail);
	} else {
		frame_set(frame_at(p, pfn), FRAME_BUDDY, order, 0);
		frame_link(p, &area->head[type], &area->tail[type], pfn,
			   to_tail);
	}
	area->nr[type]++;
	count(p, z, order, type, 1 << order);
}

void free_list_del(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		   unsigned type)
{
	struct free_area *area = &p->zones[z].free[order];

	if (order == MAX_ORDER) {
		block_unlink(p, area, type, pfn >> MAX_ORDER);
	} else {
		frame_unlink(p, &area->head[type], &area->tail[type], pfn);
		frame_at(p, pfn)->word = 0;
	}
	area->nr[type]--;
	count(p, z, order, type, -(1 << order));
}

pfn_t free_list_first(const struct phys *p, unsigned z, unsigned order,
		      unsigned type)
{
	uint32_t id = p->zones[z].free[order].head[type];

	return order == MAX_ORDER && id != PFN_NONE ? id << MAX_ORDER : id;
}

void block_tell(const struct phys *p, const char *what, pfn_t pfn,
		unsigned order, const char *rule)
{
	const struct zone *zone = &p->zones[pfn_zone(p, pfn)];

	if (!p->telling || !p->story || !*p->story)
		return;
	klog_add(*p->story, *p->now, 6,
		 "0 - %s node=%u zone=%s pfn=%u order=%u rule=%s", what,
		 zone->node, zone_name(p, zone->type), pfn, order, rule);
}

/* Buddies below order 10 share a block, so their frames exist. */
static bool is_free(const struct phys *p, unsigned z, pfn_t pfn, unsigned order)
{
	return frame_at(p, pfn)->word ==
		       (FRAME_BUDDY | order << FRAME_ORDER_SHIFT) &&
	       pfn_zone(p, pfn) == z;
}

/* May two pageblocks' free halves become one block? Then both are @type. */
static bool merge_types(struct phys *p, pfn_t buddy, unsigned type,
			unsigned *ret_type)
{
	unsigned other = pageblock_type(p, buddy);

	if (other != type && (!type_mergeable(type) || !type_mergeable(other)))
		return false;
	p->blocks[buddy >> MAX_ORDER].type[buddy >> PAGEBLOCK_ORDER & 1] =
		(uint8_t)type;
	*ret_type = other;
	return true;
}

void buddy_free(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		unsigned type)
{
	bool to_tail = false;

	while (order < MAX_ORDER) {
		pfn_t buddy = pfn ^ (1u << order);
		unsigned other = type;

		if (!is_free(p, z, buddy, order))
			break;
		if (order == PAGEBLOCK_ORDER &&
		    !merge_types(p, buddy, type, &other))
			break;
		free_list_del(p, z, buddy, order, other);
		block_tell(p, "buddy_merge", pfn & buddy, order + 1,
			   "__free_one_page");
		pfn &= buddy;
		order++;
	}
	/* Its larger buddy is free too: leave this one for a later merge. */
	if (order < PAGEBLOCK_ORDER)
		to_tail = is_free(p, z, (pfn & ~(1u << order)) ^ 2u << order,
				  order + 1);
	free_list_add(p, z, pfn, order, type, to_tail);
}

void buddy_expand(struct phys *p, unsigned z, pfn_t pfn, unsigned low,
		  unsigned high, unsigned type)
{
	while (high > low) {
		high--;
		block_tell(p, "buddy_split", pfn, high + 1, "expand");
		free_list_add(p, z, pfn + (1u << high), high, type, false);
	}
}

int32_t buddy_take_run(struct phys *p, unsigned z, unsigned order,
		       unsigned type, int32_t want, pfn_t *ret_pfn)
{
	for (unsigned o = order; o < NR_ORDERS; o++) {
		pfn_t pfn = free_list_first(p, z, o, type);
		uint32_t have = 1u << (o - order), end;

		if (pfn == PFN_NONE)
			continue;
		if (o == MAX_ORDER) {
			int r = section_make(p, pfn);

			if (r)
				return r;
		}
		if (have > (uint32_t)want)
			have = (uint32_t)want;
		free_list_del(p, z, pfn, o, type);
		/* The rest, in the pieces that splitting for one block after
		 * the other would leave: lists below @o are empty. */
		for (end = have << order; end < 1u << o; end += end & -end)
			free_list_add(p, z, pfn + end,
				      (unsigned)__builtin_ctz(end), type,
				      false);
		*ret_pfn = pfn;
		return (int32_t)have;
	}
	return 0;
}

int buddy_take(struct phys *p, unsigned z, unsigned order, unsigned type,
	       pfn_t *ret_pfn)
{
	for (unsigned o = order; o < NR_ORDERS; o++) {
		pfn_t pfn = free_list_first(p, z, o, type);

		if (pfn == PFN_NONE)
			continue;
		if (o == MAX_ORDER) {
			int r = section_make(p, pfn);

			if (r)
				return r;
		}
		free_list_del(p, z, pfn, o, type);
		buddy_expand(p, z, pfn, order, o, type);
		*ret_pfn = pfn;
		return 0;
	}
	return BUDDY_NONE;
}
