// SPDX-License-Identifier: Apache-2.0
/* Dirty pages go to disk: mm/page-writeback.c, fs/fs-writeback.c, and as far
 * as requests go mpage_prepare_extent_to_map() (fs/ext4/inode.c). */
#include "vmcore/cache/cache-internal.h"

/* What one pass over a file writes. */
struct writer {
	struct cache *c;
	struct ctx *ctx;
	folio_clean *clean;
	void *arg;
	uint32_t inode;
	uint64_t run, end; /* pages gathered for one request */
	uint64_t left, started;
	int error; /* host errno; the request is done all the same */
};

static void flush_run(struct writer *w)
{
	int r = 0;

	if (w->end > w->run)
		r = io_submit(w->c, w->ctx, w->inode, w->run, w->end - w->run,
			      true);
	if (r)
		w->error = r;
	w->run = w->end;
}

/* clear_page_dirty_for_io(), then folio_start_writeback(). */
static void start_folio(struct writer *w, pfn_t folio)
{
	struct frame *f = frame_at(w->c->phys, folio);
	uint64_t nr = frame_pages(f);
	struct inode *inode;
	int r;

	if (w->clean)
		w->clean(w->arg, folio);
	r = content_written(w->c, folio);
	if (r)
		w->error = r;
	folio_clear_dirty(w->c, folio, false);
	f->word |= PG_WRITEBACK;
	f->private = 0;
	folio_stat(w->c, f, folio, NR_WRITEBACK, 1);
	inode = inode_at(w->c, w->inode);
	inode->nr_writeback += nr;
	wb_at(w->c, wb_of(w->c, inode))->nr_writeback += nr;
	if (f->index != w->end) {
		flush_run(w);
		w->run = f->index;
	}
	w->end = folio_end(f);
	w->started += nr;
	w->left -= nr < w->left ? nr : w->left;
}

/* A folio that is being written already is left for the next pass. */
static bool can_start(const struct frame *f)
{
	return f->word & PG_DIRTY && !(f->word & (PG_WRITEBACK | PG_LOCKED));
}

int writeback_range(struct cache *c, struct ctx *ctx, uint32_t id,
		    struct write_range *range, folio_clean *clean, void *arg,
		    uint64_t *ret_nr)
{
	struct writer w = { .c = c,
			    .ctx = ctx,
			    .clean = clean,
			    .arg = arg,
			    .inode = id,
			    .left = range->nr };
	const struct inode *inode = inode_at(c, id);
	uint64_t i = range->first;
	pfn_t folio;

	while (w.left) {
		if (inode->nr_dirty)
			i = cache_next(c, id, i, range->end, &folio);
		if (!inode->nr_dirty || i == UINT64_MAX) {
			i = range->end;
			break;
		}
		i = folio_end(frame_at(c->phys, folio));
		if (can_start(frame_at(c->phys, folio)))
			start_folio(&w, folio);
	}
	range->first = i;
	flush_run(&w);
	if (ret_nr)
		*ret_nr = w.started;
	return w.error;
}

int cache_writeback(struct cache *c, struct ctx *ctx, uint32_t inode,
		    uint64_t nr, folio_clean *clean, void *arg,
		    uint64_t *ret_nr)
{
	struct write_range all = { .end = UINT64_MAX, .nr = nr };
	uint64_t started;
	int r = writeback_range(c, ctx, inode, &all, clean, arg, &started);

	if (!r)
		*ret_nr = started;
	return r;
}

#define SYNC_PAGES 1024u /* a step */

/* The request of writing @id (0: any file) that ends last; those of a disk
 * end in order. 0: none is under way. */
static uint32_t last_write(const struct cache *c, uint32_t id)
{
	uint32_t last = 0;

	for (uint32_t i = 1; i <= c->ios.top; i++) {
		const struct io *io = io_at(c, i);

		if (!io->pages || !io->write || (id && io->inode != id))
			continue;
		if (!last || io->done_at > io_at(c, last)->done_at)
			last = i;
	}
	return last;
}

/* filemap_fdatawait(): once, for what was under way when all was started. */
static int wait_written(const struct cache *c, struct ctx *ctx, uint32_t id,
			struct sync_at *at)
{
	if (at->waiting)
		return 0;
	ctx->wait_io = last_write(c, id);
	at->waiting = 1;
	return ctx->wait_io ? WAIT_IO : 0;
}

/* A dirty folio at @index that is being written with older contents. */
static pfn_t busy_and_dirty(const struct cache *c, uint32_t id, uint64_t index,
			    uint64_t end)
{
	pfn_t folio;

	if (!inode_at(c, id)->nr_writeback || !inode_at(c, id)->nr_dirty)
		return PFN_NONE;
	while ((index = cache_next(c, id, index, end, &folio)) != UINT64_MAX) {
		const struct frame *f = frame_at(c->phys, folio);

		if (f->word & PG_DIRTY && f->word & PG_WRITEBACK)
			return folio;
		index = folio_end(f);
	}
	return PFN_NONE;
}

/* Start the next pages of a file: 0 when it is through. */
static int sync_pages(struct cache *c, struct ctx *ctx, uint32_t id,
		      uint64_t end, struct sync_at *at, folio_clean *clean,
		      void *arg)
{
	struct write_range range = { at->next, end, SYNC_PAGES };
	pfn_t busy = busy_and_dirty(c, id, at->next, end);
	uint64_t nr;
	int r;

	/* The pass waits for such a folio, having written those before. */
	if (busy != PFN_NONE)
		range.end = frame_at(c->phys, busy)->index;
	r = writeback_range(c, ctx, id, &range, clean, arg, &nr);
	if (r)
		return r;
	ctx_pay(ctx, COST_SCAN_PAGE, nr);
	at->next = range.first;
	if (busy != PFN_NONE && at->next >= range.end)
		return io_wait(c, ctx, busy);
	return at->next < end ? STEP_MORE : 0;
}

int pages_sync(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t first,
	       uint64_t last, struct sync_at *at, folio_clean *clean, void *arg)
{
	uint64_t end = last == UINT64_MAX ? last : last + 1;
	int r = 0;

	if (at->next < first)
		at->next = first;
	if (!at->waiting)
		r = sync_pages(c, ctx, id, end, at, clean, arg);
	return r ? r : wait_written(c, ctx, id, at);
}

/* ext4_fsync_journal(): if the inode is in the running transaction. */
static int commit_inode(struct cache *c, struct ctx *ctx, uint32_t id)
{
	const struct inode *inode = inode_at(c, id);
	uint32_t disk = inode->kind == INODE_DISK ? inode->disk : 0;

	if (!disk ||
	    !journal_runs(c, disk, meta_inode_page(c, disk, inode->ino)))
		return 0;
	return journal_commit(c, ctx, disk);
}

int file_sync(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t first,
	      uint64_t last, struct sync_at *at, folio_clean *clean, void *arg)
{
	uint64_t end = last == UINT64_MAX ? last : last + 1;
	int r;

	if (at->next < first)
		at->next = first;
	if (at->waiting)
		return 0;
	r = sync_pages(c, ctx, id, end, at, clean, arg);
	if (r)
		return r;
	r = commit_inode(c, ctx, id);
	/* A disk ends the journal's request after those before. */
	if (r == WAIT_IO)
		at->waiting = 1;
	return r ? r : wait_written(c, ctx, id, at);
}

static int commit_all(struct cache *c, struct ctx *ctx)
{
	for (uint32_t disk = 1; disk <= c->disks.top; disk++) {
		int r = journal_commit(c, ctx, disk);

		if (r < 0)
			return r;
	}
	return 0;
}

int cache_sync_step(struct cache *c, struct ctx *ctx, struct sync_at *at,
		    folio_clean *clean, void *arg)
{
	int r;

	if (at->waiting)
		return 0;
	r = at->inode ? 0 : commit_all(c, ctx);
	if (r)
		return r;
	/* Each file once, in the order they were made. */
	for (; at->inode <= c->inodes.top; at->inode++, at->next = 0) {
		if (!at->inode || !inode_used(inode_at(c, at->inode)) ||
		    !inode_at(c, at->inode)->nr_dirty)
			continue;
		r = sync_pages(c, ctx, at->inode, UINT64_MAX, at, clean, arg);
		if (r)
			return r;
	}
	for (uint32_t id = 1; id <= c->disks.top; id++)
		wb_at(c, id)->laptop_at = NEVER;
	return wait_written(c, ctx, 0, at);
}
