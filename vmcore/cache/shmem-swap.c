// SPDX-License-Identifier: Apache-2.0
/* Shared memory in swap: of mm/shmem.c shmem_writeout(), shmem_swapin_folio(),
 * shmem_free_swap(). The tree has the slot where the page was. */
#include "vmcore/cache/swap-internal.h"

/* shmem_update_stats() */
static void count_shmem(struct cache *c, const struct frame *f, pfn_t folio,
			int sign)
{
	folio_stat(c, f, folio, NR_FILE_PAGES, sign);
	folio_stat(c, f, folio, NR_SHMEM, sign);
	if (frame_order(f) == HPAGE_ORDER)
		folio_stat(c, f, folio, NR_SHMEM_THPS, sign);
}

void shmem_to_swap(struct cache *c, struct ctx *ctx, pfn_t folio, swp_t swp)
{
	struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);
	uint32_t nr = (uint32_t)frame_pages(f);

	for (uint32_t i = 0; i < nr; i++) {
		swap_dup(c, swp + i);
		tree_set(c, ctx, inode, f->index + i, entry_of_swap(swp + i));
	}
	inode->nr_cached -= nr;
	inode->swapped += nr;
	count_shmem(c, f, folio, -1);
	f->word |= PG_UPTODATE;
	f->owner = 0;
	f->index = 0;
}

swp_t shmem_swap_at(const struct cache *c, uint32_t inode, uint64_t index)
{
	uint64_t e;

	if (!inode_at(c, inode)->swapped)
		return 0;
	e = xa_load(&c->nodes, &inode_at(c, inode)->pages, index);
	return entry_is_swap(e) ? entry_swap(e) : 0;
}

uint64_t shmem_next_swap(const struct cache *c, uint32_t id, uint64_t index,
			 uint64_t end, swp_t *ret_swp)
{
	const struct inode *inode = inode_at(c, id);
	uint64_t e;

	if (!inode->swapped)
		return UINT64_MAX;
	while ((index = xa_next(&c->nodes, &inode->pages, index, end, &e)) !=
	       XA_NONE) {
		if (entry_is_swap(e)) {
			*ret_swp = entry_swap(e);
			return index;
		}
		index++;
	}
	return UINT64_MAX;
}

uint64_t shmem_swapped(const struct cache *c, uint32_t inode, uint64_t first,
		       uint64_t end)
{
	uint64_t pages = 0;
	swp_t swp;

	if (!first && end >= inode_pages(inode_at(c, inode)))
		return inode_at(c, inode)->swapped;
	while ((first = shmem_next_swap(c, inode, first, end, &swp)) !=
	       UINT64_MAX) {
		pages++;
		first++;
	}
	return pages;
}

/* The folio is back in its file, from page @index on; the slots are nobody's
 * any more. */
static void take_back(struct cache *c, struct ctx *ctx, uint32_t id,
		      uint64_t index, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, id);
	uint32_t nr = (uint32_t)frame_pages(f);
	swp_t swp = f->private;

	for (uint32_t i = 0; i < nr; i++) {
		tree_set(c, ctx, inode, index + i, (uint64_t)folio << 1);
		swap_put(c, ctx, swp + i);
	}
	inode->nr_cached += nr;
	inode->swapped -= nr;
	swap_cache_del(c, folio, 0);
	f->owner = id;
	f->index = (uint32_t)index;
	f->word |= PG_DIRTY;
	count_shmem(c, f, folio, 1);
}

int shmem_swap_in(struct cache *c, struct ctx *ctx, uint32_t inode,
		  uint64_t index, pfn_t *ret_folio, bool *ret_major)
{
	swp_t swp = shmem_swap_at(c, inode, index);
	pfn_t folio;
	int r;

	if (!swap_missing(c, swp))
		swap_hit(c, swap_find(c, swp), NULL, 0);
	r = swap_in(c, ctx, swp, NULL, &folio, ret_major);
	if (!r)
		r = swap_wait(c, ctx, folio);
	if (r)
		return r;
	take_back(c, ctx, inode,
		  index - (swp - frame_at(c->phys, folio)->private), folio);
	*ret_folio = folio;
	return 0;
}

void shmem_swap_drop(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct inode *inode = inode_at(c, id);
	uint64_t index = 0;
	swp_t swp;

	while ((index = shmem_next_swap(c, id, index, UINT64_MAX, &swp)) !=
	       UINT64_MAX) {
		tree_set(c, ctx, inode, index, 0);
		inode->swapped--;
		shmem_pages_gone(c, inode, 1);
		swap_zap(c, ctx, swp);
		index++;
	}
}
