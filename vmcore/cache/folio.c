// SPDX-License-Identifier: Apache-2.0
/* Folios of the page cache: mm/filemap.c, filemap_add_folio() and
 * __filemap_remove_folio(). */
#include "vmcore/cache/cache-internal.h"

#include <errno.h>

pfn_t cache_find(const struct cache *c, uint32_t inode, uint64_t index)
{
	uint64_t e = xa_load(&c->nodes, &inode_at(c, inode)->pages, index);

	return entry_is_folio(e) ? entry_folio(e) : PFN_NONE;
}

uint64_t cache_next(const struct cache *c, uint32_t inode, uint64_t index,
		    uint64_t end, pfn_t *ret_folio)
{
	const struct xarray *xa = &inode_at(c, inode)->pages;
	uint64_t e;

	while ((index = xa_next(&c->nodes, xa, index, end, &e)) != XA_NONE) {
		if (entry_is_folio(e)) {
			*ret_folio = entry_folio(e);
			return index;
		}
		index++;
	}
	return UINT64_MAX;
}

/* The last shadow among @nr pages from @index on; 0 none. */
static uint64_t find_shadow(const struct cache *c, const struct inode *inode,
			    uint64_t index, uint64_t nr)
{
	uint64_t shadow = 0, end = index + nr, e;

	if (!inode->nr_evicted)
		return 0;
	while ((index = xa_next(&c->nodes, &inode->pages, index, end, &e)) !=
	       XA_NONE) {
		if (entry_is_shadow(e))
			shadow = e;
		index++;
	}
	return shadow;
}

/* Charge, tree nodes, frames: all or nothing. */
static int obtain(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t index,
		  unsigned order, uint32_t gfp, pfn_t *ret_pfn)
{
	uint32_t nr = 1u << order;
	int r = group_charge_folio(c->control, ctx, order, gfp);

	if (r)
		return r;
	r = tree_reserve(c, ctx, id, index, nr);
	if (!r) {
		r = page_alloc(c->phys, ctx, order, gfp, ret_pfn);
		if (r)
			tree_trim(c, ctx, inode_at(c, id), index, nr);
	}
	if (r)
		group_uncharge(c->control, ctx->group, nr);
	return r;
}

int folio_new(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t index,
	      unsigned order, uint32_t gfp, uint32_t flags, pfn_t *ret_folio)
{
	struct inode *inode = inode_at(c, id);
	uint64_t nr = (uint64_t)1 << order, shadow;
	bool shmem = inode->kind == INODE_SHMEM;
	struct frame *f;
	pfn_t pfn;
	int r;

	if (cache_next(c, id, index, index + nr, &pfn) != UINT64_MAX)
		return EEXIST;
	r = obtain(c, ctx, id, index, order, gfp, &pfn);
	if (r)
		return r;
	f = frame_at(c->phys, pfn);
	frame_set(f, FRAME_FILE, order,
		  (f->word & PG_HEAD) | (shmem ? PG_SWAPBACKED : 0) |
			  (flags & FOLIO_READ ? PG_LOCKED : 0) |
			  (flags & FOLIO_REFERENCED ? PG_REFERENCED : 0));
	f->owner = id;
	f->index = (uint32_t)index;
	frame_set_group(f, ctx->group);
	shadow = find_shadow(c, inode, index, nr);
	for (uint64_t i = 0; i < nr; i++)
		tree_set(c, ctx, inode, index + i, (uint64_t)pfn << 1);
	inode->nr_cached += nr;
	folio_stat(c, f, pfn, NR_FILE_PAGES, 1);
	if (shmem)
		folio_stat(c, f, pfn, NR_SHMEM, 1);
	if (order == HPAGE_ORDER)
		folio_stat(c, f, pfn, shmem ? NR_SHMEM_THPS : NR_FILE_THPS, 1);
	/* What will be overwritten whole is no refault. */
	if (shadow && !(gfp & GFP_BIT_WRITE))
		shadow_refault(c, pfn, shadow);
	lru_add(c->control, pfn);
	*ret_folio = pfn;
	return 0;
}

static void remove_with(struct cache *c, struct ctx *ctx, pfn_t folio,
			uint64_t shadow)
{
	struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);
	uint64_t nr = frame_pages(f);
	uint32_t group = frame_group(f);

	uint32_t id = f->owner;

	folio_drop_buffers(c, ctx, folio);
	for (uint64_t i = 0; i < nr; i++)
		tree_set(c, ctx, inode, f->index + i, shadow);
	inode->nr_cached -= nr;
	folio_stat(c, f, folio, NR_FILE_PAGES, -1);
	if (frame_order(f) == HPAGE_ORDER)
		folio_stat(c, f, folio,
			   inode->kind == INODE_SHMEM ? NR_SHMEM_THPS
						      : NR_FILE_THPS,
			   -1);
	if (inode->kind == INODE_SHMEM) {
		folio_stat(c, f, folio, NR_SHMEM, -1);
		shmem_pages_gone(c, inode, nr);
	}
	if (f->word & PG_LRU)
		lru_release(c->control, folio);
	group_uncharge(c->control, group, (uint32_t)nr);
	page_free(c->phys, ctx, folio, frame_order(f));
	inode_lru_add(c, id, false);
}

void cache_remove(struct cache *c, struct ctx *ctx, pfn_t folio, bool shadow)
{
	if (shadow)
		cache_evict(c, ctx, folio, GROUP_ROOT);
	else
		remove_with(c, ctx, folio, 0);
}

void cache_evict(struct cache *c, struct ctx *ctx, pfn_t folio, uint32_t target)
{
	const struct inode *inode =
		inode_at(c, frame_at(c->phys, folio)->owner);

	/* __remove_mapping(): shared memory leaves its shadow with the swap
	 * entry, not here. */
	if (inode->kind == INODE_SHMEM)
		remove_with(c, ctx, folio, 0);
	else
		remove_with(c, ctx, folio, shadow_make(c, folio, target));
}

void cache_replace(struct cache *c, struct ctx *ctx, pfn_t folio, pfn_t to)
{
	const struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);
	uint64_t nr = frame_pages(f);

	for (uint64_t i = 0; i < nr; i++)
		tree_set(c, ctx, inode, f->index + i, (uint64_t)to << 1);
}

void file_split(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);
	bool shmem = inode->kind == INODE_SHMEM;

	folio_drop_buffers(c, ctx, folio);
	if (frame_order(f) == HPAGE_ORDER)
		folio_stat(c, f, folio, shmem ? NR_SHMEM_THPS : NR_FILE_THPS,
			   -1);
	for (pfn_t i = 1; i < frame_pages(f); i++)
		tree_set(c, ctx, inode, f->index + i,
			 (uint64_t)(folio + i) << 1);
}

void file_rejoin(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);

	for (pfn_t i = 1; i < frame_pages(f); i++)
		tree_set(c, ctx, inode, f->index + i, (uint64_t)folio << 1);
}

void shadows_drop(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t first,
		  uint64_t last)
{
	struct inode *inode = inode_at(c, id);
	uint64_t e;

	while (inode->nr_evicted && first <= last) {
		first = xa_next(&c->nodes, &inode->pages, first,
				last == UINT64_MAX ? last : last + 1, &e);
		if (first == XA_NONE)
			break;
		if (entry_is_shadow(e))
			tree_set(c, ctx, inode, first, 0);
		first++;
	}
	inode_lru_add(c, id, false);
}

int cache_fill(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t index,
	       pfn_t *ret_folio)
{
	int r = folio_new(c, ctx, inode, index, 0, GFP_HIGHUSER_MOVABLE, 0,
			  ret_folio);

	if (!r)
		content_read(c, *ret_folio);
	return r;
}
