/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PHYS_INNER_H
#define VMCORE_PHYS_INNER_H

#include "vmcore/phys/block.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: what the files of this floor share; nobody else includes it.
 *
 * Models:  the static functions of mm/page_alloc.c.
 * Owns:    nothing.
 * Units:   pages and pfn; a zone is its number.
 * Order:   as phys.h says.
 * Omits:   see phys.h.
 */
/* No block of the kind; host errnos stay negative. */
#define BUDDY_NONE 1

/* Beside gfp.h's and phys.h's ALLOC_*: how one pass looks for memory. */
#define ALLOC_NOFRAGMENT 0x100u
#define ALLOC_KSWAPD	 0x200u

/* How far rmqueue() had to go; kept while one per-CPU list is refilled. */
enum rmqueue_mode { RMQUEUE_NORMAL, RMQUEUE_STEAL };

static inline bool type_mergeable(unsigned type)
{
	return type < MIGRATE_PCPTYPES;
}

static inline bool pcp_order_allowed(unsigned order)
{
	return order <= 3 || order == HPAGE_ORDER;
}

static inline bool node_has(uint32_t nodes, unsigned node)
{
	return nodes >> node & 1;
}

/* --- layout.c, boot.c, zonelist.c --- */
/* Fill p->zones from @c. 0, or EINVAL (positive). */
int layout_make(struct phys *p, const struct phys_config *c);
void zonelists_make(struct phys *p);
/* Make the frames of @pfn's section. 0 or a host errno. */
int section_make(struct phys *p, pfn_t pfn);

/* --- buddy.c --- */
/* For model/events, while somebody looks: the block that was split, that came
 * of a merge, that was handed out or back. */
void block_tell(const struct phys *p, const char *what, pfn_t pfn,
		unsigned order, const char *rule);
void free_list_add(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		   unsigned type, bool to_tail);
void free_list_del(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		   unsigned type);
/* The first block of a list, PFN_NONE. */
pfn_t free_list_first(const struct phys *p, unsigned z, unsigned order,
		      unsigned type);
/* Free frames that are zero already, merging as far as it goes. */
void buddy_free(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		unsigned type);
/* Give the upper halves of a block of @high back until @low is left. */
void buddy_expand(struct phys *p, unsigned z, pfn_t pfn, unsigned low,
		  unsigned high, unsigned type);
/* The smallest block of @type that holds @order (__rmqueue_smallest). */
int buddy_take(struct phys *p, unsigned z, unsigned order, unsigned type,
	       pfn_t *ret_pfn);

/* --- fallback.c --- */
/* Up to @want blocks in a row from *@ret_pfn on: what as many calls of
 * buddy_take() would give and leave. Their number, 0: none; a host errno. */
int32_t buddy_take_run(struct phys *p, unsigned z, unsigned order,
		       unsigned type, int32_t want, pfn_t *ret_pfn);

/* A block of @type, if need be from other types (__rmqueue). */
int rmqueue(struct phys *p, unsigned z, unsigned order, unsigned type,
	    uint32_t flags, enum rmqueue_mode *mode, pfn_t *ret_pfn);
/* Move a free block of whole pageblocks, and these, to another type. */
void free_block_retype(struct phys *p, unsigned z, pfn_t pfn, unsigned order,
		       unsigned type);

/* --- highatomic.c --- */
void highatomic_reserve(struct phys *p, pfn_t pfn, unsigned order);

/* --- page-quick.c --- */
/* @nr blocks of 2^@order came from @z, where @preferred was asked first. */
void alloc_count(struct phys *p, const struct ctx *ctx, unsigned order,
		 uint32_t nr, unsigned preferred, unsigned z);
/* A single page the short way; false: nothing was done. */
bool page_alloc_quick(struct phys *p, struct ctx *ctx, uint32_t gfp,
		      pfn_t *ret_pfn);

/* --- pcp.c --- */
/* A single page that a list of the CPU has, if it has one. */
bool pcp_take_quick(struct phys *p, unsigned z, unsigned cpu, unsigned type,
		    pfn_t *ret_pfn);
/* The same up to @want times: how many; frame.next leads from each to the one
 * after it, beyond the last too. */
uint32_t pcp_take_run(struct phys *p, unsigned z, unsigned cpu, unsigned type,
		      uint32_t want, pfn_t *ret_first);
int pcp_take(struct phys *p, unsigned z, unsigned cpu, unsigned order,
	     unsigned type, uint32_t flags, pfn_t *ret_pfn);
void pcp_put(struct phys *p, unsigned z, unsigned cpu, pfn_t pfn,
	     unsigned order, unsigned type);
/* batch and the limits of high of every zone, from its low watermark. */
void pcp_update(struct phys *p);

/* --- watermark.c --- */
/* @early: reckon with what was managed when the kernel first did it. */
void min_free_calculate(struct phys *p, bool early);
void min_free_for_thp(struct phys *p, bool early);
void wmarks_set(struct phys *p, bool early);
void reserve_set(struct phys *p, bool early);

/* --- kswapd.c --- */
void kswapd_request(struct phys *p, unsigned z, uint32_t gfp, unsigned order,
		    unsigned highest);
/* Must node_reclaim() be tried before @z is passed over? */
bool node_reclaim_due(const struct phys *p, const struct ctx *ctx, unsigned z,
		      unsigned preferred, uint32_t gfp);

#endif
