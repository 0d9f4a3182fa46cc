// SPDX-License-Identifier: Apache-2.0
/* Clean pages go: mm/truncate.c, fs/drop_caches.c, and what is cached:
 * filemap_cachestat() (mm/filemap.c). */
#include "vmcore/cache/cache-internal.h"
#include "vmcore/cache/shrink.h"

/* mapping_evict_folio() */
static bool evict_clean(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);

	if (f->word & (PG_DIRTY | PG_WRITEBACK) ||
	    folio_mapped(c->phys, folio) || folio_pinned(c, folio) ||
	    folio_awaited(c, f))
		return false;
	cache_remove(c, ctx, folio, false);
	return true;
}

/* mapping_try_invalidate(): folios wholly inside, unless locked. */
uint64_t cache_invalidate(struct cache *c, struct ctx *ctx, uint32_t id,
			  uint64_t first, uint64_t last)
{
	uint64_t end = last == UINT64_MAX ? last : last + 1;
	uint64_t i = first, dropped = 0;
	pfn_t folio;

	while ((i = cache_next(c, id, i, end, &folio)) != UINT64_MAX) {
		const struct frame *f = frame_at(c->phys, folio);
		uint64_t nr = frame_pages(f);
		bool whole = f->index >= first && folio_end(f) <= end;

		i = folio_end(f);
		if (!whole || f->word & PG_LOCKED || folio_held(c, folio))
			continue;
		if (evict_clean(c, ctx, folio))
			dropped += nr;
		else
			lru_deactivate_file(c->control, folio);
	}
	shadows_drop(c, ctx, id, first, last);
	return dropped;
}

/* drop_pagecache_sb(): the files of every file system, disks included. */
static void drop_pagecache(struct cache *c, struct ctx *ctx)
{
	for (uint32_t id = 1; id <= c->inodes.top; id++)
		if (inode_used(inode_at(c, id)))
			cache_invalidate(c, ctx, id, 0, UINT64_MAX);
	vmstat_event(&c->phys->stat, DROP_PAGECACHE, 1);
}

void cache_drop(struct cache *c, struct ctx *ctx, unsigned bits)
{
	if (bits & 1)
		drop_pagecache(c, ctx);
	if (bits & 2)
		drop_slab(c, ctx);
}

static void stat_folio(const struct inode *inode, const struct frame *f,
		       struct cachestat *stat)
{
	stat->nr_cache++;
	/* Shared memory has no dirty mark (noop_dirty_folio()). */
	if (inode->kind != INODE_SHMEM && f->word & PG_DIRTY)
		stat->nr_dirty++;
	if (f->word & PG_WRITEBACK)
		stat->nr_writeback++;
}

void cache_stat(const struct cache *c, uint32_t id, uint64_t first,
		uint64_t last, struct cachestat *ret_stat)
{
	uint64_t end = last == UINT64_MAX ? last : last + 1, i = first, e;
	const struct inode *inode = inode_at(c, id);
	struct cachestat stat = { 0 };
	bool workingset;

	for (; (i = xa_next(&c->nodes, &inode->pages, i, end, &e)) != XA_NONE;
	     i++) {
		if (entry_is_folio(e)) {
			stat_folio(inode, frame_at(c->phys, entry_folio(e)),
				   &stat);
			continue;
		}
		stat.nr_evicted++;
		if (entry_is_swap(e))
			e = swap_shadow(c, entry_swap(e));
		if (e && shadow_recent(c, e, true, &workingset))
			stat.nr_recently_evicted++;
	}
	*ret_stat = stat;
}
