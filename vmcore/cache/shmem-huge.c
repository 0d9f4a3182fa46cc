// SPDX-License-Identifier: Apache-2.0
/* Pages of shared memory become a huge one: the page cache's part of
 * collapse_file() (mm/khugepaged.c). */
#include "vmcore/cache/cache-internal.h"

#include <errno.h>

/* A folio whose contents are elsewhere leaves the file, which keeps what it was
 * charged for the pages. */
static void drop(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	uint32_t group = frame_group(f);

	folio_stat(c, f, folio, NR_FILE_PAGES, -1);
	folio_stat(c, f, folio, NR_SHMEM, -1);
	lru_release(c->control, folio);
	group_uncharge(c->control, group, (uint32_t)frame_pages(f));
	page_free(c->phys, ctx, folio, frame_order(f));
}

/* The folios cached there, whose contents go to @to. */
struct old {
	pfn_t folio[HPAGE_PAGES];
	unsigned nr;
	uint64_t pages;
};

static void collect(const struct cache *c, uint32_t id, uint64_t index,
		    pfn_t to, struct old *ret_old)
{
	uint64_t i = index, end = index + HPAGE_PAGES;
	struct frame *f = frame_at(c->phys, to);
	pfn_t folio;

	while ((i = cache_next(c, id, i, end, &folio)) != UINT64_MAX) {
		const struct frame *o = frame_at(c->phys, folio);

		for (uint64_t k = 0; k < frame_pages(o); k++)
			f[o->index - index + k].content = o[k].content;
		ret_old->folio[ret_old->nr++] = folio;
		ret_old->pages += frame_pages(o);
		i = folio_end(o);
	}
}

int shmem_collapse(struct cache *c, struct ctx *ctx, uint32_t id,
		   uint64_t index, pfn_t to)
{
	struct inode *inode = inode_at(c, id);
	struct frame *f = frame_at(c->phys, to);
	struct old old = { .nr = 0 };
	uint64_t none;
	int r;

	collect(c, id, index, to, &old);
	none = HPAGE_PAGES - old.pages;
	r = old.nr ? shmem_account(c, inode, none) : EEXIST;
	if (r)
		return r;
	r = tree_reserve(c, ctx, id, index, HPAGE_PAGES);
	if (r) {
		shmem_pages_gone(c, inode, none);
		return r;
	}
	f->owner = id;
	f->index = (uint32_t)index;
	for (uint64_t i = 0; i < HPAGE_PAGES; i++)
		tree_set(c, ctx, inode, index + i, (uint64_t)to << 1);
	inode->nr_cached += none;
	for (unsigned i = 0; i < old.nr; i++)
		drop(c, ctx, old.folio[i]);
	folio_stat(c, f, to, NR_FILE_PAGES, 1);
	folio_stat(c, f, to, NR_SHMEM, 1);
	folio_stat(c, f, to, NR_SHMEM_THPS, 1);
	lru_add(c->control, to);
	return 0;
}
