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

uint64_t swap_shadow(const struct cache *c, swp_t swp)
{
	const struct swap_slot *slot = swap_slot_at(c, swp);

	return slot && slot->cached & 1 ? slot->cached : 0;
}

/* --- the cache --------------------------------------------------------------
 */
uint64_t swap_cache_add(struct cache *c, pfn_t folio, swp_t swp)
{
	struct frame *f = frame_at(c->phys, folio);
	struct swap_slot *slot = swap_slot_at(c, swp);
	uint64_t shadow = slot->cached;

	slot_set_folio(slot, folio, 0);
	f->word |= PG_SWAPCACHE;
	f->private = swp;
	folio_stat(c, f, folio, NR_FILE_PAGES, 1);
	folio_stat(c, f, folio, NR_SWAPCACHE, 1);
	return shadow;
}

void swap_cache_del(struct cache *c, pfn_t folio, uint64_t shadow)
{
	struct frame *f = frame_at(c->phys, folio);
	swp_t swp = f->private;
	struct swap_slot *slot = swap_slot_at(c, swp);

	f->word &= ~PG_SWAPCACHE;
	f->private = 0;
	folio_stat(c, f, folio, NR_FILE_PAGES, -1);
	folio_stat(c, f, folio, NR_SWAPCACHE, -1);
	slot->cached = shadow;
	if (!slot_count(slot))
		slot_free(c, swp);
}

void swap_replace(struct cache *c, pfn_t folio, pfn_t to)
{
	struct swap_slot *slot =
		swap_slot_at(c, frame_at(c->phys, folio)->private);

	slot_set_folio(slot, to, slot_io(slot));
}

void swap_folio_free(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	uint32_t group = frame_group(f);

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
	    swap_count(c, f->private))
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
	uint32_t group = frame_group(f);
	swp_t swp;
	int r;

	if (frame_order(f) || !group_charge_swap(c->control, group))
		return ENOSPC;
	r = slot_alloc(c, ctx, &swp);
	if (r) {
		group_uncharge_swap(c->control, group);
		return r;
	}
	swap_slot_at(c, swp)->refs = group;
	swap_cache_add(c, folio, swp);
	f->word |= PG_DIRTY;
	if (frame_type(f) == FRAME_FILE)
		shmem_to_swap(c, ctx, folio, swp);
	return 0;
}

static void count_out(struct cache *c, const struct frame *f, enum event item)
{
	vmstat_event(&c->phys->stat, item, 1);
	group_event(c->control, frame_group(f), item, 1);
}

int swap_write_folio(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	swp_t swp = f->private;

	if (swap_free_folio(c, ctx, folio))
		return 0;
	f->word &= ~PG_DIRTY;
	swap_slot_at(c, swp)->content = f->content;
	if (!f->content) {
		count_out(c, f, SWPOUT_ZERO);
		return 0;
	}
	count_out(c, f, PSWPOUT);
	f->word |= PG_WRITEBACK;
	folio_stat(c, f, folio, NR_WRITEBACK, 1);
	vmstat_zone(&c->phys->stat, pfn_zone(c->phys, folio),
		    NR_ZONE_WRITE_PENDING, 1);
	return io_swap(c, ctx, swp, 1, true);
}

static void end_write(struct cache *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	bool reclaim = f->word & PG_RECLAIM;

	f->word &= ~(PG_WRITEBACK | PG_RECLAIM);
	folio_stat(c, f, folio, NR_WRITEBACK, -1);
	vmstat_zone(&c->phys->stat, pfn_zone(c->phys, folio),
		    NR_ZONE_WRITE_PENDING, -1);
	vmstat_node(&c->phys->stat, pfn_node(c->phys, folio), NR_WRITTEN, 1);
	if (reclaim)
		lru_rotate(c->control, folio);
}

void swap_io_done(struct cache *c, swp_t first, uint32_t pages, uint32_t io,
		  bool write)
{
	for (swp_t swp = first; swp < first + pages; swp++) {
		struct swap_slot *slot = swap_slot_at(c, swp);
		struct frame *f;

		if (!slot_has_folio(slot) || slot_io(slot) != io)
			continue;
		f = frame_at(c->phys, slot_folio(slot));
		if (!(f->word & (write ? PG_WRITEBACK : PG_LOCKED)))
			continue;
		slot_set_folio(slot, slot_folio(slot), 0);
		if (write) {
			end_write(c, slot_folio(slot));
			continue;
		}
		f->word = (f->word & ~PG_LOCKED) | PG_UPTODATE;
		f->content = slot->content;
	}
}

void swap_io_name(struct cache *c, swp_t first, uint32_t pages, uint32_t io)
{
	for (swp_t swp = first; swp < first + pages; swp++) {
		struct swap_slot *slot = swap_slot_at(c, swp);

		slot_set_folio(slot, slot_folio(slot), io);
	}
}
