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

/* PB_compact_skip: compaction need not look there again. */
static inline bool pageblock_skip(const struct phys *p, pfn_t pfn)
{
	return p->blocks[pfn >> MAX_ORDER].skip >>
		       (pfn >> PAGEBLOCK_ORDER & 1) &
	       1;
}

static inline void pageblock_set_skip(struct phys *p, pfn_t pfn, bool skip)
{
	uint8_t bit = (uint8_t)(1u << (pfn >> PAGEBLOCK_ORDER & 1));
	uint8_t *all = &p->blocks[pfn >> MAX_ORDER].skip;

	*all = (uint8_t)(skip ? *all | bit : *all & ~bit);
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

/* The same of both pageblocks of the free block of order 10 at @pfn. */
void free_block_set_type(struct phys *p, pfn_t pfn, enum migratetype type);

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

/*
 * How finely free memory is cut (mm/vmstat.c, fragmentation_index(),
 * unusable_free_index(), extfrag_for_order()). The first: -1000 if the
 * request could be served, else from 0 (too little is free) to 1000 (it is in
 * too small pieces); the second: thousandths that it cannot use; the third:
 * the same in hundredths, 0 if nothing is free.
 */
int fragmentation_index(const struct phys *p, unsigned zone, unsigned order);
unsigned unusable_free_index(const struct phys *p, unsigned zone,
			     unsigned order);
unsigned extfrag_for_order(const struct phys *p, unsigned zone, unsigned order);

/* Would page_alloc() find a block for @need now, at the min watermarks? */
bool need_served(const struct phys *p, const struct need *need,
		 unsigned *ret_zone);

/* kcompactd of @node is wanted for a block of @order (wakeup_kcompactd). */
void kcompactd_request(struct phys *p, unsigned node, unsigned order,
		       unsigned highest);

/* Has @node more page cache, of the kinds that zone_reclaim_mode lets go, or
 * slab than min_unmapped_ratio and min_slab_ratio leave it? */
bool node_reclaimable(const struct phys *p, unsigned node);

/* Does some zone up to @highest pass its high watermark (pgdat_balanced)? */
bool node_balanced(const struct phys *p, unsigned node, unsigned order,
		   unsigned highest);
/* Has a zone up to @highest a watermark boost? */
bool node_boosted(const struct phys *p, unsigned node, unsigned highest);

/*
 * 2^@order free frames in a row, @order above 10, aligned, of @node: blocks of
 * order 10 that page_free() takes back one by one. What is in use does not
 * move away (contig_make_room()). Return: 0, NEED_MEMORY (there is no such
 * run), host errno.
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
