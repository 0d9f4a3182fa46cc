/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_FRAME_H
#define VMCORE_FRAME_H

#include "vmcore/base/types.h"

/*
 * DOC: page frames and folios.
 *
 * Models:  struct page, struct folio (include/linux/mm_types.h,
 *          page-flags.h).
 * Owns:    the layout of a frame; the sections are struct phys's.
 * Units:   links and owners are numbers; index counts pages.
 * Order:   does not apply.
 * Omits:   a refcount: what is shown is derived from who holds the frame.
 *
 * A frame inside a free block, but not its head, is all zero. A frame that
 * was never written is too, so a section costs nothing until it is used.
 */
enum frame_type {
	FRAME_FREE_TAIL, /* inside a free block: all zero */
	FRAME_BUDDY, /* head of a free block on a buddy list */
	FRAME_PCP, /* head of a free block on a per-CPU list */
	FRAME_HOLE, /* no memory here */
	FRAME_RESERVED, /* kernel image, memmap: never freed */
	FRAME_TAIL, /* tail of a folio or kernel block: owner = head pfn */
	FRAME_ANON, /* owner = anon_vma (KSM node if PG_KSM) */
	FRAME_FILE, /* owner = inode; also shmem (PG_SWAPBACKED) */
	FRAME_SLAB, /* owner = kmem_cache, private = objects in use */
	FRAME_TABLE, /* owner = table descriptor */
	FRAME_STACK, /* kernel stack, owner = task */
	FRAME_VMALLOC, /* owner = vmalloc area */
	FRAME_KERNEL, /* other kernel memory; owner = the allocation */
	FRAME_HUGETLB, /* owner = inode or anon_vma */
	FRAME_ZERO, /* the shared zero page */
	NR_FRAME_TYPES
};
_Static_assert(NR_FRAME_TYPES <= 16, "frame.word has four bits for the type");

/*
 * word = type (4 bits), order (4 bits), two fields of the LRU (2 bits each),
 * flags (from bit 12). What is of no use to a folio of the LRU, or to one of
 * its kinds only, shares its bit with something that is.
 */
#define FRAME_TYPE_MASK	  0xfu
#define FRAME_ORDER_SHIFT 4
#define FRAME_ORDER_MASK  0xf0u
/* Of FRAME_ANON and FRAME_FILE: with generations the number's last bits
 * (LRU_GEN_MASK of the kernel), with page states the state. */
#define FRAME_GEN_SHIFT 8
#define FRAME_GEN_MASK	0x300u
/* How often it was used through file descriptors (LRU_REFS_MASK). */
#define FRAME_REFS_SHIFT 10
#define FRAME_REFS_MASK	 0xc00u
#define PG_LOCKED	 (1u << 12)
#define PG_REFERENCED	 (1u << 13)
#define PG_UPTODATE	 (1u << 14)
#define PG_DIRTY	 (1u << 15)
#define PG_LRU		 (1u << 16)
#define PG_ACTIVE	 (1u << 17)
#define PG_WORKINGSET	 (1u << 18)
#define PG_WRITEBACK	 (1u << 19)
#define PG_RECLAIM	 (1u << 20)
#define PG_SWAPCACHE	 (1u << 21)
#define PG_SWAPBACKED	 (1u << 22)
#define PG_UNEVICTABLE	 (1u << 23)
#define PG_MLOCKED	 (1u << 24)
#define PG_READAHEAD	 (1u << 25)
#define PG_EXCLUSIVE	 (1u << 26) /* AnonExclusive, kept per page */
#define PG_KSM		 (1u << 27)
#define PG_HEAD		 (1u << 28) /* compound, order > 0 */
#define PG_PMDMAPPED	 (1u << 29) /* some PMD maps it whole */
#define PG_DEFERRED	 (1u << 30) /* on the deferred split queue */
#define PG_PRIVATE	 (1u << 31) /* a file's: has buffer heads */
#define PG_PARTIAL	 PG_PRIVATE /* anonymous, some of its pages unmapped */
#define PG_RESERVE	 (1u << 8) /* hugetlb: taken from a reservation */

/* On a per-CPU list: what becomes of it goes to model/events. */
#define PG_WATCHED PG_PARTIAL

#define FRAME_GROUP_BITS 12
#define FRAME_MAX_GROUP	 ((1u << FRAME_GROUP_BITS) - 1)

struct frame {
	uint32_t word; /* type, order, PG_* */
	uint32_t next; /* the one list it is on, by pfn */
	uint32_t prev;
	uint32_t owner; /* the type says what */
	uint32_t index; /* page index in owner */
	uint32_t private; /* swap entry, objects in use, last CPU; of a
			   * hugetlb page 1: its file has it */
	uint32_t map; /* mapcount (20 bits, ptes), group (12 bits) */
	uint32_t content; /* equal ids: equal bytes; 0: all zero */
};

static inline enum frame_type frame_type(const struct frame *f)
{
	return (enum frame_type)(f->word & FRAME_TYPE_MASK);
}

static inline unsigned frame_order(const struct frame *f)
{
	return (f->word & FRAME_ORDER_MASK) >> FRAME_ORDER_SHIFT;
}

static inline void frame_set(struct frame *f, enum frame_type type,
			     unsigned order, uint32_t flags)
{
	f->word = (uint32_t)type | order << FRAME_ORDER_SHIFT | flags;
}

static inline unsigned frame_gen(const struct frame *f)
{
	return (f->word & FRAME_GEN_MASK) >> FRAME_GEN_SHIFT;
}

static inline void frame_set_gen(struct frame *f, unsigned gen)
{
	f->word = (f->word & ~FRAME_GEN_MASK) | gen << FRAME_GEN_SHIFT;
}

static inline uint32_t frame_mapcount(const struct frame *f)
{
	return f->map >> FRAME_GROUP_BITS;
}

static inline void frame_map_add(struct frame *f, int delta)
{
	f->map += (uint32_t)delta << FRAME_GROUP_BITS;
}

static inline uint32_t frame_group(const struct frame *f)
{
	return f->map & FRAME_MAX_GROUP;
}

static inline void frame_set_group(struct frame *f, uint32_t group)
{
	f->map = (f->map & ~FRAME_MAX_GROUP) | group;
}

/*
 * What a folio of several pages has beyond its head stands in its tails, as
 * in the kernel: in the first, how many of its pages are mapped (next) and
 * how many PMDs map it whole (prev); in the second, its links on the deferred
 * split queue. A page's own mapcount has the PMDs in it.
 */
static inline uint32_t *folio_nr_mapped(struct frame *head)
{
	return &head[1].next;
}

static inline uint32_t *folio_nr_pmds(struct frame *head)
{
	return &head[1].prev;
}

#endif
