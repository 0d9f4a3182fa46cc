// SPDX-License-Identifier: Apache-2.0
/* read(2) and faults of files on disks: mm/filemap.c. */
#include "vmcore/cache/cache-internal.h"

#define STEP_BYTES     65536u
#define MMAP_LOTSAMISS 100u

/* Read a folio that nobody is reading (filemap_read_folio()). */
static int read_folio(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	f->word |= PG_LOCKED;
	f->private = 0;
	return io_submit(c, ctx, f->owner, f->index, frame_pages(f), false);
}

int folio_make_uptodate(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	int r = 0;

	if (f->word & PG_UPTODATE)
		return 0;
	if (!(f->word & PG_LOCKED))
		r = read_folio(c, ctx, folio);
	if (!r && !(f->word & PG_UPTODATE))
		r = io_wait(c, ctx, folio);
	return r;
}

/* filemap_create_folio(): readahead did not bring the page. */
static int create_folio(struct cache *c, struct ctx *ctx, uint32_t inode,
			uint64_t index, pfn_t *ret_folio)
{
	int r = folio_new(c, ctx, inode, index, 0, GFP_CACHE, FOLIO_READ,
			  ret_folio);

	return r ? r : io_submit(c, ctx, inode, index, 1, false);
}

/* The folios from *@index on that one batch takes: up to the first that is
 * marked or not uptodate, which is @ret_last (filemap_get_read_batch()). */
static bool get_batch(const struct cache *c, uint32_t inode, uint64_t *index,
		      uint64_t end, pfn_t *ret_last)
{
	const struct xarray *xa = &inode_at(c, inode)->pages;
	const struct xa_node *leaf = NULL;
	uint64_t i = *index;

	while (i < end) {
		const struct frame *f;
		uint64_t e;

		if (!leaf || !(i & (XA_SLOTS - 1))) {
			uint32_t id = xa_leaf(&c->nodes, xa, i);

			leaf = id ? xa_node_at(&c->nodes, id) : NULL;
		}
		e = leaf ? leaf->slot[i & (XA_SLOTS - 1)]
			 : xa_load(&c->nodes, xa, i);
		if (!entry_is_folio(e))
			break;
		*ret_last = entry_folio(e);
		f = frame_at(c->phys, *ret_last);
		i = folio_end(f);
		if (!(f->word & PG_UPTODATE) || f->word & PG_READAHEAD)
			break;
	}
	if (i == *index)
		return false;
	*index = i;
	return true;
}

/* filemap_get_pages(): one batch from *@index on, readahead started. */
static int get_pages(struct cache *c, struct ctx *ctx, uint32_t file,
		     uint64_t *index, uint64_t end)
{
	uint32_t inode = file_at(c, file)->inode;
	const struct frame *f;
	pfn_t last;
	int r = 0;

	if (!get_batch(c, inode, index, end, &last)) {
		r = ra_sync(c, ctx, file, *index, end - *index);
		if (r)
			return r;
		if (!get_batch(c, inode, index, end, &last)) {
			r = create_folio(c, ctx, inode, *index, &last);
			if (r)
				return r;
			get_batch(c, inode, index, end, &last);
		}
	}
	f = frame_at(c->phys, last);
	if (f->word & PG_READAHEAD)
		r = ra_async(c, ctx, file, last, f->index, end - f->index);
	return r ? r : folio_make_uptodate(c, ctx, last);
}

/* Every page a read copies counts as a use, but for the one where the last
 * read ended (filemap_read()). */
static void mark_accessed(struct cache *c, const struct file *file,
			  uint64_t pos, uint64_t end)
{
	uint64_t i = pos >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;

	for (bool first = true; i <= last; first = false) {
		pfn_t folio = cache_find(c, file->inode, i);
		const struct frame *f;
		unsigned shift;

		if (folio == PFN_NONE)
			return;
		f = frame_at(c->phys, folio);
		shift = PAGE_SHIFT + frame_order(f);
		i = folio_end(f);
		if (first &&
		    pos >> shift == ((uint64_t)file->prev_pos - 1) >> shift)
			continue;
		lru_mark_accessed(c->control, folio);
	}
}

int file_read(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t pos,
	      uint32_t len, uint32_t *ret_len)
{
	struct file *f = file_at(c, file);
	const struct inode *inode = inode_at(c, f->inode);
	uint64_t index = pos >> PAGE_SHIFT, end, stop;
	int r;

	if (len > STEP_BYTES)
		len = STEP_BYTES;
	if (inode->kind == INODE_SHMEM)
		return shmem_read(c, ctx, f->inode, pos, len, ret_len);
	r = ra_continue(c, ctx, file);
	if (r)
		return r;
	if (pos >= inode->size || !len) {
		*ret_len = 0;
		return 0;
	}
	stop = pos + len;
	end = (stop + PAGE_SIZE - 1) >> PAGE_SHIFT;
	if (stop > inode->size)
		stop = inode->size;
	hold_want(ctx, f->inode, index, end);
	while (index << PAGE_SHIFT < stop) {
		r = get_pages(c, ctx, file, &index, end);
		if (r)
			return r;
	}
	mark_accessed(c, f, pos, stop);
	f->prev_pos = (int64_t)stop;
	*ret_len = (uint32_t)(stop - pos);
	ctx_pay(ctx, COST_COPY_PAGE, (*ret_len + PAGE_SIZE - 1) / PAGE_SIZE);
	return 0;
}

/* do_async_mmap_readahead() */
static int async_mmap(struct cache *c, struct ctx *ctx, uint32_t file,
		      pfn_t folio, uint64_t index, uint32_t how)
{
	struct file *f = file_at(c, file);
	const struct frame *h = frame_at(c->phys, folio);

	if (how & FAULT_RAND || !f->ra_pages)
		return 0;
	if (!(h->word & PG_LOCKED) && f->mmap_miss)
		f->mmap_miss--;
	if (!(h->word & PG_READAHEAD))
		return 0;
	return ra_async(c, ctx, file, folio, index, f->ra_pages);
}

/* The read-around, or what an executable mapping reads. */
static void aim_window(struct file *f, uint64_t index, uint64_t vma_last,
		       uint32_t how)
{
	f->ra_order = 0;
	if (how & FAULT_EXEC) {
		uint64_t end = index + f->ra_pages;

		if (end > vma_last + 1)
			end = vma_last + 1;
		f->ra_start = (uint32_t)index;
		f->ra_size = (uint32_t)(end - index);
		f->ra_async = 0;
		return;
	}
	f->ra_start =
		index > f->ra_pages / 2 ? (uint32_t)index - f->ra_pages / 2 : 0;
	f->ra_size = f->ra_pages;
	f->ra_async = f->ra_pages / 4;
}

/* do_sync_mmap_readahead() */
static int sync_mmap(struct cache *c, struct ctx *ctx, uint32_t file,
		     uint64_t index, uint64_t vma_last, uint32_t how)
{
	struct file *f = file_at(c, file);

	if (how & FAULT_HUGE) {
		f->ra_start = (uint32_t)(index & ~(HPAGE_PAGES - 1ull));
		f->ra_size = how & FAULT_RAND ? HPAGE_PAGES : 2 * HPAGE_PAGES;
		f->ra_async = HPAGE_PAGES;
		f->ra_order = HPAGE_ORDER;
		return ra_window(c, ctx, file);
	}
	if ((how & (FAULT_RAND | FAULT_EXEC)) == FAULT_RAND || !f->ra_pages)
		return 0;
	if (how & FAULT_SEQ)
		return ra_sync(c, ctx, file, index, f->ra_pages);
	if (f->mmap_miss < MMAP_LOTSAMISS * 10)
		f->mmap_miss++;
	if (f->mmap_miss > MMAP_LOTSAMISS)
		return 0;
	aim_window(f, index, vma_last, how);
	return ra_window(c, ctx, file);
}

/* Is @index part of a window that memory ran out in? Then it was missing. */
static bool pending(const struct file *f, uint64_t index)
{
	return index >= f->todo_first && index < f->todo_end;
}

/* The page is not cached: readahead, or the page alone. */
static int fault_missing(struct cache *c, struct ctx *ctx, uint32_t file,
			 uint64_t index, uint64_t vma_last, uint32_t how)
{
	struct file *f = file_at(c, file);
	uint32_t misses = f->mmap_miss;
	pfn_t folio;
	int r = sync_mmap(c, ctx, file, index, vma_last, how);

	if (r || cache_find(c, f->inode, index) != PFN_NONE)
		return r;
	r = create_folio(c, ctx, f->inode, index, &folio);
	/* The step is repeated whole: one miss counts once. */
	if (r)
		f->mmap_miss = misses;
	return r;
}

int file_fault(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t index,
	       uint32_t how, uint64_t vma_first, uint64_t vma_last,
	       pfn_t *ret_folio, bool *ret_major)
{
	struct file *f = file_at(c, file);
	const struct inode *inode = inode_at(c, f->inode);
	bool missed = pending(f, index);
	pfn_t folio;
	int r;

	(void)vma_first; /* a window starts at or before the page anyway */
	if (index >= inode_pages(inode))
		return FAULT_SIGBUS;
	hold_want(ctx, f->inode, index, index + 1);
	if (inode->kind == INODE_SHMEM)
		return shmem_fault(c, ctx, f->inode, index, ret_folio,
				   ret_major);
	r = ra_continue(c, ctx, file);
	if (r)
		return r;
	folio = cache_find(c, f->inode, index);
	if (folio == PFN_NONE) {
		missed = true;
		r = fault_missing(c, ctx, file, index, vma_last, how);
		folio = cache_find(c, f->inode, index);
	} else if (!missed && !(how & FAULT_TRIED)) {
		r = async_mmap(c, ctx, file, folio, index, how);
	}
	if (!r)
		r = folio_make_uptodate(c, ctx, folio);
	if (missed && (!r || r == WAIT_IO)) {
		vmstat_event(&c->phys->stat, PGMAJFAULT, 1);
		group_event(c->control, ctx->group, PGMAJFAULT, 1);
		*ret_major = true;
	}
	if (!r)
		*ret_folio = folio;
	return r;
}
