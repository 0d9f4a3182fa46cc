/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PHYS_BLOCK_H
#define VMCORE_PHYS_BLOCK_H

#include "vmcore/phys/phys.h"

/*
 * DOC: free blocks and pageblocks by address.
 *
 * Models:  mm/page_alloc.c, mm/page_isolation.c: what compaction, direct
 *          reclaim and kswapd ask of the buddy allocator.
 * Owns:    nothing; struct phys does.
 * Units:   pages and pfn.
 * Order:   as phys.h says.
 * Omits:   CMA.
 */
static inline enum migratetype pageblock_type(const struct phys *p, pfn_t pfn)
{
	return (enum migratetype)p->blocks[pfn >> MAX_ORDER]
		.type[pfn >> PAGEBLOCK_ORDER & 1];
}

/* Order of the free block that begins at @pfn, NR_ORDERS if none does. */
static inline unsigned free_block_order(const struct phys *p, pfn_t pfn)
{
	const struct block *b = &p->blocks[pfn >> MAX_ORDER];
	const struct frame *f;

	if (b->state == BLOCK_FREE)
		return pfn & (BLOCK_FRAMES - 1) ? NR_ORDERS : MAX_ORDER;
	f = frame_peek(p, pfn);
	return f && frame_type(f) == FRAME_BUDDY ? frame_order(f) : NR_ORDERS;
}

/*
 * Take the free block that begins at @pfn off the lists (__isolate_free_page):
 * its frames are then the caller's, FRAME_KERNEL at the head, zero behind, to
 * be given back in any parts by page_free(). A pageblock of which half or more
 * is taken becomes Movable. Nothing is counted as allocated.
 * Return: 0 and its order; BUDDY_REFUSED if no free block begins there or the
 * zone would fall below its min watermark; host errno.
 */
#define BUDDY_REFUSED 2
int free_block_take(struct phys *p, pfn_t pfn, unsigned *ret_order);

/*
 * The block at @pfn, taken by free_block_take(), now serves a request: count
 * it as allocated (pgalloc).
 */
void free_block_used(struct phys *p, pfn_t pfn, unsigned order);

/* Give a part of such a block back as if it had never been taken. */
void free_block_return(struct phys *p, pfn_t pfn, unsigned order);

/* Give @pfn's pageblock another type; its free blocks change lists. False:
 * it is not wholly in one zone. */
bool pageblock_set_type(struct phys *p, pfn_t pfn, enum migratetype type);

/*
 * Give one HighAtomic pageblock back to ordinary use, in a zone that ctx and
 * @gfp may use (unreserve_highatomic_pageblock). @force: also the last one
 * of a zone. Return: whether there was one with a free page.
 */
bool highatomic_unreserve(struct phys *p, const struct ctx *ctx, uint32_t gfp,
			  bool force);

/* Highest zone type and the pageblock type @gfp asks for (gfp_zone(),
 * gfp_migratetype()). */
unsigned gfp_zone(const struct phys *p, uint32_t gfp);
enum migratetype gfp_migratetype(const struct phys *p, uint32_t gfp);

/* Does some zone up to @highest pass its high watermark (pgdat_balanced)? */
bool node_balanced(const struct phys *p, unsigned node, unsigned order,
		   unsigned highest);
/* Has a zone up to @highest a watermark boost? */
bool node_boosted(const struct phys *p, unsigned node, unsigned highest);

/*
 * 2^@order free frames in a row, @order above 10, aligned, of @node: blocks of
 * order 10 that page_free() takes back one by one. What is in use does not
 * move away. Return: 0, NEED_MEMORY (there is no such run), host errno.
 */
int contig_alloc(struct phys *p, unsigned node, unsigned order, pfn_t *ret_pfn);

/* Return one zone's per-CPU lists to the buddy. */
void pcp_drain_zone(struct phys *p, unsigned zone);
/*
 * What the vmstat worker does every vm.stat_interval on @cpu: shrink lists
 * that grew, drain those of other nodes after three quiet turns.
 */
void pcp_tick(struct phys *p, unsigned cpu);

#endif
