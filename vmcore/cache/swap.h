/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SWAP_H
#define VMCORE_SWAP_H

#include "vmcore/base/pool.h"
#include "vmcore/base/vmstat.h"
#include "vmcore/control/control.h"

/*
 * DOC: swap areas, their slots, the swap cache.
 *
 * Models:  mm/swapfile.c, mm/swap_state.c, mm/page_io.c of 6.18.
 * Owns:    areas, clusters of slots, who of them is used next, the history
 *          of swap readahead.
 * Units:   slots and pages; a slot holds a page, slot 0 is the header.
 * Order:   areas by priority, equal ones in turn; slots of a cluster upwards.
 * Omits:   discard, zswap, devices that answer at once (zram), the tables'
 *          own memory.
 *
 * A folio of the swap cache has PG_SWAPCACHE, its (first) slot in
 * frame.private; a large one has as many in a row, of a block device only. One
 * that no address space and no inode has (read ahead; shared memory on its
 * way out) is FRAME_FILE with owner 0: a folio without a mapping.
 */
typedef uint32_t swp_t; /* area 1..31 in the top 5 bits, slot; 0 none */

#define SWP_SLOT_BITS 27
#define SWP_MAX_SLOT  ((1u << SWP_SLOT_BITS) - 1)
#define SWAP_AREAS    24u /* MAX_SWAPFILES of a usual configuration */
#define CLUSTER_SHIFT 9
#define CLUSTER_SLOTS 512u
#define SWAP_DIR_SIZE 1024u /* clusters a page of the directory */
#define SWAP_DIRS     256u /* pages of an area's directory */
#define SWAP_RA_MOST  32u /* pages a window by address has at most */

static inline swp_t swp_of(uint32_t area, uint32_t slot)
{
	return area << SWP_SLOT_BITS | slot;
}
static inline uint32_t swp_area(swp_t swp)
{
	return swp >> SWP_SLOT_BITS;
}
static inline uint32_t swp_slot(swp_t swp)
{
	return swp & SWP_MAX_SLOT;
}

/* What a slot knows: in use while it has references or a cached folio. */
struct swap_slot {
	/* cached folio << 1 with its request << 32, or a shadow (odd) */
	uint64_t cached;
	uint32_t content; /* what was written; 0: zeroes, never written */
	uint32_t refs; /* PTEs and shmem slots (20 bits), group (12 bits) */
};

/* A cluster in use is one of folios of some order (those of a page may go
 * into any); so are the lists of those that are neither full nor free. */
#define SWAP_ORDERS (HPAGE_ORDER + 1u)
enum cluster_list {
	CLUSTER_NONE,
	CLUSTER_FREE, /* was used, has no slot in use */
	CLUSTER_FULL,
	CLUSTER_NONFULL, /* had a slot given back; + the order */
	CLUSTER_FRAG = CLUSTER_NONFULL + SWAP_ORDERS, /* was allocated from */
	NR_CLUSTER_LISTS = CLUSTER_FRAG + SWAP_ORDERS
};

struct swap_cluster {
	uint32_t next, prev; /* of its list */
	uint16_t list; /* enum cluster_list */
	uint16_t order; /* 0 when free */
	uint32_t index; /* in the area */
	uint32_t count; /* slots in use, and those that are none */
	uint32_t area;
	struct swap_slot slot[CLUSTER_SLOTS];
};

/* Which slots of a cluster are in use, a bit each, by the cluster's number:
 * no state of its own, not saved. */
struct swap_map {
	uint64_t used[CLUSTER_SLOTS / 64];
};

/* A cluster that was looked at not long ago; place 0: none. */
#define SWAP_MEMO 16u
struct swap_memo {
	swp_t place; /* of its slots, without their last bits */
	struct swap_slot *slot;
};

struct swap_dir {
	uint32_t cluster[SWAP_DIR_SIZE]; /* ids, 0: never used */
};

#define SWAP_USED    1u
#define SWAP_WRITEOK 2u /* not on its way out */

struct swap_area {
	uint32_t flags; /* SWAP_* */
	int32_t prio;
	uint32_t inode, file, disk; /* file: keeps the inode */
	uint32_t rotational;
	uint32_t max; /* slots, the header included */
	uint32_t inuse; /* slots in use */
	uint32_t next[SWAP_ORDERS]; /* rotating disk: where to go on looking
				     * for an order; 0 nowhere */
	uint32_t fresh; /* clusters from here on were never used */
	uint32_t nr_io; /* requests under way */
	uint32_t block_device; /* large folios have slots too */
	struct {
		uint32_t head, tail;
	} list[NR_CLUSTER_LISTS];
	uint32_t dir[SWAP_DIRS];
};

/* A window of readahead that memory ran out in: the step is repeated. */
struct swap_window {
	swp_t target;
	uint32_t by_addr;
	uint64_t first, end; /* slots, or addresses */
};

struct swap {
	struct swap_area area[SWAP_AREAS + 1]; /* from 1 on */
	uint8_t active[SWAP_AREAS], avail[SWAP_AREAS]; /* best first */
	uint32_t nr_active, nr_avail;
	uint32_t nr_rotating;
	int32_t least_prio; /* the last one given out by itself */
	struct {
		uint32_t area, slot; /* where to go on; slot 0 nowhere */
	} cpu[MAX_CPUS][SWAP_ORDERS];
	uint32_t vma_ra; /* readahead by address, where no disk rotates */
	/* readahead by slot: swapin_nr_pages() */
	uint32_t ra_prev, ra_hits, ra_last;
	struct swap_window window;
};

struct cache;
struct ctx;

/* --- areas (swap-area.c) ------------------------------------------------ */
/*
 * Make @inode's first @pages pages a swap area: the header is read into the
 * cache. @prio: 0 to 32767, or -1: below all others.
 * Return: 0, EBUSY (it is one), EINVAL (too small, or larger than the disk),
 * EPERM (too many areas), NEED_*, WAIT_IO, host errno.
 */
int swap_area_on(struct cache *c, struct ctx *ctx, uint32_t inode,
		 uint64_t pages, int32_t prio, uint32_t *ret_area);
/* The area in @inode, 0 none. */
uint32_t swap_area_find(const struct cache *c, uint32_t inode);
/* swapoff(2): no slot of @area is given out any more; all is as before
 * (swapoff failed); the area, empty by now, is gone. */
void swap_off_begin(struct cache *c, uint32_t area);
void swap_off_undo(struct cache *c, uint32_t area);
void swap_off_end(struct cache *c, struct ctx *ctx, uint32_t area);
/* The next slot of @area after @slot that is in use, 0 none. */
uint32_t swap_next_used(const struct cache *c, uint32_t area, uint32_t slot);

static inline struct swap_area *swap_area_at(const struct swap *s, uint32_t id)
{
	return (struct swap_area *)&s->area[id];
}
/* Usable pages of an area. */
static inline uint32_t swap_area_pages(const struct swap_area *a)
{
	return a->max - 1;
}

/* Free slots, get_nr_swap_pages(). */
uint64_t swap_free_pages(const struct cache *c);
/* SwapTotal: what is left of areas on their way out counts too. */
uint64_t swap_total_pages(const struct cache *c);
/* vm_swap_full(): more than half used; then slots are not kept for pages
 * that are in memory. With @group also its limits (mem_cgroup_swap_full()). */
bool swap_full(const struct cache *c, uint32_t group);

/* --- slots and the swap cache (swap.c, swap-slot.c) --------------------- */
/*
 * folio_alloc_swap(): slots for an anonymous folio, which becomes dirty and
 * part of the swap cache. A folio of shared memory, unmapped, leaves its file
 * for them too, as shmem_writeout() does: swap_write_folio() must follow.
 * Return: 0, ENOSPC (no slots, or its group may have none; a large folio may
 * be split and tried again), host errno; then nothing changed.
 */
int swap_add_folio(struct cache *c, struct ctx *ctx, pfn_t folio);
/*
 * swap_writeout() of a folio of the swap cache that no page table maps: no
 * longer dirty, it is PG_WRITEBACK until its request is done, also on a disk
 * that takes no time (the event comes after this step). Zeroes are only
 * noted. A folio whose slot nobody wants leaves the cache, dirty, instead.
 * Return: 0 or a host errno, then it was written at once.
 */
int swap_write_folio(struct cache *c, struct ctx *ctx, pfn_t folio);
/*
 * __remove_mapping(): an unmapped, clean folio leaves the swap cache. @target:
 * the group reclaimed for (GROUP_ROOT: a zone), a shadow stays in the slot;
 * ID_NONE: none does. A slot nobody references is free. The folio, without a
 * mapping now, is the caller's.
 */
void swap_drop_folio(struct cache *c, struct ctx *ctx, pfn_t folio,
		     uint32_t target);
/* Its slots have it at @to from now on; the frames are the caller's matter. */
void swap_replace(struct cache *c, pfn_t folio, pfn_t to);
/* A large folio is about to become single pages, each with its slot. */
void swap_split(struct cache *c, pfn_t folio);
/* As swap_drop_folio(), and the folio is freed, from the LRU if it is
 * there. */
void swap_evict_folio(struct cache *c, struct ctx *ctx, pfn_t folio,
		      uint32_t target);
/* One more, one less reference by a PTE or a slot of shared memory. */
void swap_dup(struct cache *c, swp_t swp);
void swap_put(struct cache *c, struct ctx *ctx, swp_t swp);
/* free_swap_and_cache(): one less, and with the last the cached page goes too
 * unless somebody maps or reads it. */
void swap_zap(struct cache *c, struct ctx *ctx, swp_t swp);
/* folio_free_swap(): a folio whose slot nobody references leaves the swap
 * cache, dirty; not while it is written. True if it did. */
bool swap_free_folio(struct cache *c, struct ctx *ctx, pfn_t folio);

/* References to a slot, without the swap cache (swp_swapcount()). */
uint32_t swap_count(const struct cache *c, swp_t swp);
/* The folio cached for it, PFN_NONE none; and which page of it. */
pfn_t swap_find(const struct cache *c, swp_t swp);
/* The host shall fetch what is known of @swp. */
void swap_prefetch(const struct cache *c, swp_t swp);
static inline pfn_t swap_page(const struct phys *p, pfn_t folio, swp_t swp)
{
	return folio + (swp - frame_at(p, folio)->private);
}
/* What an evicted page left there, 0 nothing. */
uint64_t swap_shadow(const struct cache *c, swp_t swp);

/* --- coming back (swap-in.c) -------------------------------------------- */
/* Has @swp to be read, its neighbours with it? */
bool swap_missing(const struct cache *c, swp_t swp);
/* The entries of a window by address, 0: nothing in swap there. */
struct swap_near {
	const swp_t *swp;
	uint32_t nr;
};
/*
 * The folio of @swp; if it is missing, it is read with the entries @near it,
 * NULL: with the slots around it. Return: 0 and an uptodate folio; WAIT_IO;
 * NEED_*, host errno. @ret_major becomes true when it had to be read, also
 * with WAIT_IO.
 */
int swap_in(struct cache *c, struct ctx *ctx, swp_t swp,
	    const struct swap_near *near, pfn_t *ret_folio, bool *ret_major);
/* 0, or WAIT_IO while @folio of the swap cache is read or written. */
int swap_wait(const struct cache *c, struct ctx *ctx, pfn_t folio);
/* What the swap cache has for a slot without references goes. 0, WAIT_IO. */
int swap_forget(struct cache *c, struct ctx *ctx, swp_t swp);
/* A folio found in the cache by a fault at @addr of a VMA with readahead
 * state *@vma_ra (NULL: shared memory): was it read ahead? */
void swap_hit(struct cache *c, pfn_t folio, uint64_t *vma_ra, uint64_t addr);
/*
 * The addresses to read when the page of @addr is missing, of VMA [@vma[0],
 * @vma[1]) with readahead state *@vma_ra: at most SWAP_RA_MOST pages
 * (swap_vma_ra_win()). False: read by slots instead.
 */
bool swap_in_window(struct cache *c, swp_t swp, uint64_t *vma_ra, uint64_t addr,
		    const uint64_t vma[2], uint64_t ret_window[2]);
/* MADV_WILLNEED of one entry: begin to read it. 0, NEED_*, host errno. */
int swap_read_ahead(struct cache *c, struct ctx *ctx, swp_t swp);

/* --- shared memory (shmem-swap.c) ---------------------------------------- */
/* What the inode has in swap at page @index, 0 nothing there. */
swp_t shmem_swap_at(const struct cache *c, uint32_t inode, uint64_t index);
/* The first such page of [@index, @end), UINT64_MAX none. */
uint64_t shmem_next_swap(const struct cache *c, uint32_t inode, uint64_t index,
			 uint64_t end, swp_t *ret_swp);
/* How many of [@first, @end) are in swap. */
uint64_t shmem_swapped(const struct cache *c, uint32_t inode, uint64_t first,
		       uint64_t end);
/*
 * Page @index, which is in swap, comes back into its file, dirty. Return: 0,
 * WAIT_IO, NEED_*, host errno. @ret_major becomes true when it had to be
 * read.
 */
int shmem_swap_in(struct cache *c, struct ctx *ctx, uint32_t inode,
		  uint64_t index, pfn_t *ret_folio, bool *ret_major);

/*
 * For recounts (check-swap.c): a sum over all references to slots that are
 * not shared memory's, and what one reference adds to it.
 */
uint64_t swap_marks(const struct cache *c);
uint64_t swap_mark(swp_t swp);

/* A request of the swap cache is done (disk.c calls). */
void swap_io_done(struct cache *c, swp_t first, uint32_t pages, uint32_t io,
		  bool write);
void swap_io_name(struct cache *c, swp_t first, uint32_t pages, uint32_t io);

#endif
