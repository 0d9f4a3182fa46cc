// SPDX-License-Identifier: Apache-2.0
#include "fs/page-look.h"

#include "vmcore/cache/hugetlb.h"

/* A block of which no frame was ever made. */
static const uint8_t block_types[] = {
	[BLOCK_HOLE] = FRAME_HOLE,
	[BLOCK_FREE] = FRAME_BUDDY,
	[BLOCK_RESERVED] = FRAME_RESERVED,
};

static void look_block(const struct phys *p, pfn_t pfn,
		       struct page_look *ret_look)
{
	const struct block *b = &p->blocks[pfn >> MAX_ORDER];
	struct page_look look = { .type = block_types[b->state], .head = pfn };

	if (b->state == BLOCK_FREE) {
		look.head = pfn & ~(BLOCK_FRAMES - 1);
		look.order = MAX_ORDER;
	}
	*ret_look = look;
}

/* A frame inside a free block, or a free huge page, is all zero: its head
 * stands at one of the addresses that @pfn has when it is rounded down. */
static pfn_t free_head(const struct phys *p, pfn_t pfn)
{
	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		pfn_t head = pfn & ~((1u << order) - 1);
		const struct frame *f = frame_at(p, head);

		if ((frame_type(f) == FRAME_BUDDY ||
		     frame_type(f) == FRAME_PCP ||
		     frame_type(f) == FRAME_HUGETLB) &&
		    frame_order(f) >= order)
			return head;
	}
	return pfn;
}

/* Bits that stand for something else in a frame of @type. */
static uint32_t no_flags(enum frame_type type)
{
	uint32_t fields = FRAME_TYPE_MASK | FRAME_ORDER_MASK;

	if (type == FRAME_ANON)
		fields |= PG_PRIVATE;
	if (type == FRAME_ANON || type == FRAME_FILE)
		fields |= FRAME_GEN_MASK | FRAME_REFS_MASK;
	return fields;
}

void page_look(const struct phys *p, pfn_t pfn, struct page_look *ret_look)
{
	const struct frame *f = frame_peek(p, pfn);
	struct page_look look = { .head = pfn };

	if (!f) {
		look_block(p, pfn, ret_look);
		return;
	}
	if (frame_type(f) == FRAME_TAIL)
		look.head = f->owner;
	else if (frame_type(f) == FRAME_FREE_TAIL)
		look.head = free_head(p, pfn);
	if (frame_type(frame_at(p, look.head)) == FRAME_HUGETLB)
		look.head = huge_head(p, look.head);
	look.folio = frame_at(p, look.head);
	look.type = frame_type(look.folio);
	look.order = frame_order(look.folio);
	/* 256 blocks are one page */
	if (look.type == FRAME_HUGETLB && look.order == MAX_ORDER && !p->i386)
		look.order = huge_order(HUGE_1G);
	look.flags = (look.folio->word | f->word) & ~no_flags(look.type);
	if (look.type == FRAME_ANON || look.type == FRAME_FILE ||
	    look.type == FRAME_VMALLOC)
		look.mapcount = frame_mapcount(f);
	else if (look.type == FRAME_HUGETLB)
		look.mapcount = frame_mapcount(look.folio);
	*ret_look = look;
}

static uint32_t folio_mappings(const struct phys *p,
			       const struct page_look *look)
{
	uint32_t sum = 0;

	for (pfn_t i = 0; i < 1u << look->order; i++)
		sum += frame_mapcount(frame_at(p, look->head + i));
	return sum;
}

/* Slabs and free blocks are frozen: nobody counts (alloc_frozen_pages()). */
uint32_t page_refcount(const struct phys *p, const struct page_look *look)
{
	uint32_t pages = 1u << look->order;

	switch (look->type) {
	case FRAME_FREE_TAIL:
	case FRAME_BUDDY:
	case FRAME_PCP:
	case FRAME_HOLE:
	case FRAME_SLAB:
		return 0;
	case FRAME_ANON:
		return folio_mappings(p, look) +
		       (look->flags & PG_SWAPCACHE ? pages : 0);
	case FRAME_HUGETLB: /* private: its file has it */
		return look->mapcount + (look->folio->private ? pages : 0);
	case FRAME_FILE:
		return folio_mappings(p, look) +
		       (look->folio->owner || look->flags & PG_SWAPCACHE ? pages
									 : 0) +
		       (look->flags & PG_PRIVATE ? 1 : 0);
	case FRAME_VMALLOC:
		return 1 + look->mapcount;
	default:
		return 1;
	}
}
