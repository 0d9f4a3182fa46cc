/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_HUGETLB_INNER_H
#define VMCORE_HUGETLB_INNER_H

#include "vmcore/cache/cache-internal.h"
#include "vmcore/phys/block.h"

/*
 * DOC: what the files of hugetlb share.
 *
 * Models:  the static functions of mm/hugetlb.c of 6.18.
 * Owns:    nothing.
 * Units:   pages of the pool's size.
 * Order:   as hugetlb.h says.
 * Omits:   see hugetlb.h.
 */
/* Count one page more or less, of @node; the same of surplus. */
void huge_count(struct cache *c, enum huge_size size, unsigned node, int sign);
void huge_count_surplus(struct cache *c, enum huge_size size, unsigned node,
			int sign);
/* To and from a node's free list; PFN_NONE: it is empty. */
void huge_enqueue(struct cache *c, enum huge_size size, pfn_t pfn);
pfn_t huge_dequeue(struct cache *c, enum huge_size size, unsigned node);
/* A page in use has its frames behind the head: FRAME_TAIL; one in the pool
 * does without. */
void huge_set_tails(struct cache *c, enum huge_size size, pfn_t pfn, bool set);
/* Its memory goes back to the buddy; it is on no list and not counted. */
void huge_give_back(struct cache *c, struct ctx *ctx, enum huge_size size,
		    pfn_t pfn);
/* A surplus page, counted, on no list yet. 0, NEED_MEMORY (that is all there
 * may be, or no memory), host errno. */
int huge_alloc_surplus(struct cache *c, struct ctx *ctx, enum huge_size size,
		       pfn_t *ret_pfn);
/* Up to @most free surplus pages go. */
void huge_drop_surplus(struct cache *c, struct ctx *ctx, enum huge_size size,
		       uint64_t most);

#endif
