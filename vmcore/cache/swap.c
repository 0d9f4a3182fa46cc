// SPDX-License-Identifier: Apache-2.0
/* The swap cache and who refers to its slots: mm/swap_state.c, and of
 * mm/swapfile.c what counts references. */
#include "vmcore/cache/swap-internal.h"

#include <assert.h>
#include <errno.h>

#define ONE_REF (1u << FRAME_GROUP_BITS)

void swap_init(struct cache *c)
{
	struct swap *s = &c->swap;

	s->least_prio = -1;
	s->vma_ra = 1;
	/* As on a machine that has read from swap before: the last window was
	 * a whole one, nothing of it was wanted (docs/fidelity.md). */
	s->ra_last = 8;
}

uint64_t swap_free_pages(const struct cache *c)
{
	return c->control->free_swap_pages;
}

uint64_t swap_total_pages(const struct cache *c)
{
	uint64_t pages = c->control->total_swap_pages;

	for (uint32_t i = 1; i <= SWAP_AREAS; i++) {
		const struct swap_area *a = &c->swap.area[i];

		if ((a->flags & (SWAP_USED | SWAP_WRITEOK)) == SWAP_USED)
			pages += a->inuse;
	}
	return pages;
}

bool swap_full(const struct cache *c, uint32_t group)
{
	if (c->control->free_swap_pages * 2 < c->control->total_swap_pages)
		return true;
	for (; group && group != GROUP_ROOT;
	     group = group_at(c->control, group)->parent) {
		const struct group *g = group_at(c->control, group);

		if (g->swap_max != UINT64_MAX &&
		    g->swap_usage * 2 >= g->swap_max)
			return true;
	}
	return false;
}

uint32_t swap_count(const struct cache *c, swp_t swp)
{
	const struct swap_slot *slot = swap_slot_at(c, swp);

	return slot ? slot_count(slot) : 0;
}

pfn_t swap_find(const struct cache *c, swp_t swp)
{
	const struct swap_slot *slot = swap_slot_at(c, swp);

	return slot && slot_has_folio(slot) ? slot_folio(slot) : PFN_NONE;
}

void swap_prefetch(const struct cache *c, swp_t swp)
{
	__builtin_prefetch(swap_slot_at(c, swp), 1);
}

uint64_t swap_shadow(const struct cache *c, swp_t swp)
{
	const struct swap_slot *slot = swap_slot_at(c, swp);

	return slot && slot->cached & 1 ? slot->cached : 0;
}

/* --- the cache --------------------------------------------------------------
 */
static void count_cached(struct cache *c, const struct frame *f, pfn_t folio,
			 int sign)
{
	struct group *g = group_at(c->control, frame_group(f));
	int64_t pages = sign * (int64_t)frame_pages(f);
	unsigned node = pfn_node(c->phys, folio);

	group_stat_of(c->control, g, node, NR_FILE_PAGES, pages);
	group_stat_of(c->control, g, node, NR_SWAPCACHE, pages);
}

uint64_t swap_cache_add(struct cache *c, pfn_t folio, swp_t swp)
{
	struct frame *f = frame_at(c->phys, folio);
	struct swap_slot *slot = swap_slot_at(c, swp);
	uint64_t shadow = slot->cached;

	/* Slots in a row are of one cluster. */
	for (uint64_t i = 0; i < frame_pages(f); i++)
		slot_set_folio(slot + i, folio, 0);
	f->word |= PG_SWAPCACHE;
	f->private = swp;
	count_cached(c, f, folio, 1);
	return shadow;
}

void swap_cache_del(struct cache *c, pfn_t folio, uint64_t shadow)
{
	struct frame *f = frame_at(c->phys, folio);
	swp_t swp = f->private;
	struct swap_slot *slot = swap_slot_at(c, swp);

	f->word &= ~PG_SWAPCACHE;
	f->private = 0;
	count_cached(c, f, folio, -1);
	for (uint32_t i = 0; i < frame_pages(f); i++) {
		slot[i].cached = shadow;
		if (!slot_count(slot + i))
			slot_free(c, swp + i);
	}
}

void swap_replace(struct cache *c, pfn_t folio, pfn_t to)
{
	const struct frame *f = frame_at(c->phys, folio);
	struct swap_slot *slot = swap_slot_at(c, f->private);

	for (uint64_t i = 0; i < frame_pages(f); i++)
		slot_set_folio(slot + i, to, slot_io(slot + i));
}

/* __swap_cache_replace_folio() of each part */
void swap_split(struct cache *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	struct swap_slot *slot = swap_slot_at(c, f->private);

	for (uint32_t i = 1; i < frame_pages(f); i++) {
		slot_set_folio(slot + i, folio + i, slot_io(slot + i));
		f[i].word |= PG_SWAPCACHE;
		f[i].private = f->private + i;
	}
}

/* Does anybody refer to a slot of it (folio_swapped())? */
static bool folio_swapped(const struct cache *c, const struct frame *f)
{
	const struct swap_slot *slot = swap_slot_at(c, f->private);

	for (uint64_t i = 0; i < frame_pages(f); i++)
		if (slot_count(slot + i))
			return true;
	return false;
}

void swap_folio_free(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	uint32_t group = frame_group(f);

	deferred_del(c->control, folio);
	lru_release(c->control, folio);
	group_uncharge(c->control, group, (uint32_t)frame_pages(f));
	page_free(c->phys, ctx, folio, frame_order(f));
}

void swap_drop_folio(struct cache *c, struct ctx *ctx, pfn_t folio,
		     uint32_t target)
{
	uint64_t shadow = target ? shadow_make(c, folio, target) : 0;

	(void)ctx;
	swap_cache_del(c, folio, shadow);
}

void swap_evict_folio(struct cache *c, struct ctx *ctx, pfn_t folio,
		      uint32_t target)
{
	swap_drop_folio(c, ctx, folio, target);
	swap_folio_free(c, ctx, folio);
}

bool swap_free_folio(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	(void)ctx;
	if (!(f->word & PG_SWAPCACHE) || f->word & PG_WRITEBACK ||
	    folio_swapped(c, f))
		return false;
	swap_cache_del(c, folio, 0);
	f->word |= PG_DIRTY;
	return true;
}

/* __try_to_reclaim_swap(): not while somebody works on the folio. */
static bool reclaim_folio(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	if (frame_at(c->phys, folio)->word & PG_LOCKED ||
	    !swap_free_folio(c, ctx, folio))
		return false;
	if (!folio_mapped(c->phys, folio))
		swap_folio_free(c, ctx, folio);
	return true;
}

bool swap_reclaim_slot(struct cache *c, struct ctx *ctx, swp_t swp)
{
	return reclaim_folio(c, ctx, swap_find(c, swp));
}

/* --- references -------------------------------------------------------------
 */
void swap_dup(struct cache *c, swp_t swp)
{
	swap_slot_at(c, swp)->refs += ONE_REF;
}

void swap_put(struct cache *c, struct ctx *ctx, swp_t swp)
{
	struct swap_slot *slot = swap_slot_at(c, swp);

	(void)ctx;
	assert(slot_count(slot) > 0);
	slot->refs -= ONE_REF;
	if (!slot_used(slot))
		slot_free(c, swp);
}

void swap_zap(struct cache *c, struct ctx *ctx, swp_t swp)
{
	pfn_t folio;

	swap_put(c, ctx, swp);
	folio = swap_find(c, swp);
	if (folio == PFN_NONE || swap_count(c, swp))
		return;
	if (!folio_mapped(c->phys, folio) ||
	    swap_full(c, frame_group(frame_at(c->phys, folio))))
		reclaim_folio(c, ctx, folio);
}

int swap_forget(struct cache *c, struct ctx *ctx, swp_t swp)
{
	pfn_t folio = swap_find(c, swp);
	int r;

	if (folio == PFN_NONE || swap_count(c, swp))
		return 0;
	r = swap_wait(c, ctx, folio);
	if (!r)
		reclaim_folio(c, ctx, folio);
	return r;
}

/* --- on the way out ---------------------------------------------------------
 */
int swap_add_folio(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	uint32_t group = frame_group(f), nr = (uint32_t)frame_pages(f);
	swp_t swp;
	int r;

	if (!group_charge_swap(c->control, group, nr))
		return ENOSPC;
	r = slot_alloc(c, ctx, frame_order(f), &swp);
	if (r) {
		group_uncharge_swap(c->control, group, nr);
		group_count(c->control, group ? group : GROUP_ROOT,
			    GROUP_SWAP_FAIL);
		return r;
	}
	for (uint32_t i = 0; i < nr; i++)
		swap_slot_at(c, swp)[i].refs = group;
	swap_cache_add(c, folio, swp);
	f->word |= PG_DIRTY;
	if (frame_type(f) == FRAME_FILE)
		shmem_to_swap(c, ctx, folio, swp);
	return 0;
}

static void count_out(struct cache *c, const struct frame *f, enum event item,
		      uint64_t nr)
{
	vmstat_event(&c->phys->stat, item, nr);
	group_event(c->control, frame_group(f), item, nr);
}

/* Its slots know what it holds. Is it all zeroes (is_folio_zero_filled())? */
static bool save_contents(struct cache *c, const struct frame *f)
{
	struct swap_slot *slot = swap_slot_at(c, f->private);
	uint64_t nr = frame_pages(f), zeroes = 0;

	for (uint64_t i = 0; i < nr; i++) {
		slot[i].content = f[i].content;
		zeroes += !f[i].content;
	}
	for (uint64_t i = 0; i < nr && zeroes < nr; i++)
		if (!f[i].content)
			slot[i].content = CONTENT_ZERO_WRITTEN;
	return zeroes == nr;
}

int swap_write_folio(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	uint32_t nr = (uint32_t)frame_pages(f);

	if (swap_free_folio(c, ctx, folio))
		return 0;
	f->word &= ~PG_DIRTY;
	if (save_contents(c, f)) {
		count_out(c, f, SWPOUT_ZERO, nr);
		return 0;
	}
	if (frame_order(f) == HPAGE_ORDER)
		count_out(c, f, THP_SWPOUT, 1);
	count_out(c, f, PSWPOUT, nr);
	f->word |= PG_WRITEBACK;
	folio_stat(c, f, folio, NR_WRITEBACK, 1);
	vmstat_zone(&c->phys->stat, pfn_zone(c->phys, folio),
		    NR_ZONE_WRITE_PENDING, nr);
	return io_swap(c, ctx, f->private, nr, true);
}

static void end_write(struct cache *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	bool reclaim = f->word & PG_RECLAIM;
	int64_t nr = (int64_t)frame_pages(f);

	f->word &= ~(PG_WRITEBACK | PG_RECLAIM);
	folio_stat(c, f, folio, NR_WRITEBACK, -1);
	vmstat_zone(&c->phys->stat, pfn_zone(c->phys, folio),
		    NR_ZONE_WRITE_PENDING, -nr);
	node_written(c->phys, pfn_node(c->phys, folio), (uint64_t)nr);
	if (reclaim)
		lru_rotate(c->control, folio);
}

uint32_t swap_folio_io(const struct cache *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	const struct swap_slot *slot = swap_slot_at(c, f->private);

	for (uint64_t i = 0; i < frame_pages(f); i++)
		if (slot_io(slot + i))
			return slot_io(slot + i);
	return 0;
}

/* The request of a slot is done; a folio was written with the last of its. */
static void slot_done(struct cache *c, struct swap_slot *slot, bool write)
{
	pfn_t folio = slot_folio(slot);
	struct frame *f = frame_at(c->phys, folio);

	slot_set_folio(slot, folio, 0);
	if (write) {
		if (!frame_order(f) || !swap_folio_io(c, folio))
			end_write(c, folio);
		return;
	}
	f->word = (f->word & ~PG_LOCKED) | PG_UPTODATE;
	f->content = slot->content == CONTENT_ZERO_WRITTEN ? 0 : slot->content;
}

void swap_io_done(struct cache *c, swp_t first, uint32_t pages, uint32_t io,
		  bool write)
{
	for (swp_t swp = first; swp < first + pages; swp++) {
		struct swap_slot *slot = swap_slot_at(c, swp);
		const struct frame *f;

		if (!slot_has_folio(slot) || slot_io(slot) != io)
			continue;
		f = frame_at(c->phys, slot_folio(slot));
		if (f->word & (write ? PG_WRITEBACK : PG_LOCKED))
			slot_done(c, slot, write);
	}
}

void swap_io_name(struct cache *c, swp_t first, uint32_t pages, uint32_t io)
{
	for (swp_t swp = first; swp < first + pages; swp++) {
		struct swap_slot *slot = swap_slot_at(c, swp);

		slot_set_folio(slot, slot_folio(slot), io);
	}
}
