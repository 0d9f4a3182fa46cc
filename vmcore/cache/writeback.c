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

	if (w->clean)
		w->clean(w->arg, folio);
	folio_clear_dirty(w->c, folio, false);
	f->word |= PG_WRITEBACK;
	f->private = 0;
	folio_stat(w->c, f, folio, NR_WRITEBACK, 1);
	inode_at(w->c, w->inode)->nr_writeback += nr;
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
		    const struct write_range *range, folio_clean *clean,
		    void *arg, uint64_t *ret_nr)
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

	while (inode->nr_dirty && w.left) {
		i = cache_next(c, id, i, range->end, &folio);
		if (i == UINT64_MAX)
			break;
		i = folio_end(frame_at(c->phys, folio));
		if (can_start(frame_at(c->phys, folio)))
			start_folio(&w, folio);
	}
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

/* Requests of a disk end in order: the folio of the range whose write ends
 * last, PFN_NONE if none is under way. */
static pfn_t last_written(const struct cache *c, uint32_t id, uint64_t first,
			  uint64_t end)
{
	pfn_t folio, last = PFN_NONE;
	vtime_t at = 0;

	if (!inode_at(c, id)->nr_writeback)
		return PFN_NONE;
	while ((first = cache_next(c, id, first, end, &folio)) != UINT64_MAX) {
		const struct frame *f = frame_at(c->phys, folio);

		first = folio_end(f);
		if (f->word & PG_WRITEBACK &&
		    io_at(c, f->private)->done_at >= at) {
			at = io_at(c, f->private)->done_at;
			last = folio;
		}
	}
	return last;
}

int file_sync(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t first,
	      uint64_t last, folio_clean *clean, void *arg)
{
	uint64_t end = last == UINT64_MAX ? last : last + 1;
	struct write_range range = { first, end, UINT64_MAX };
	int r = writeback_range(c, ctx, inode, &range, clean, arg, NULL);
	pfn_t folio;

	if (r)
		return r;
	folio = last_written(c, inode, first, end);
	return folio == PFN_NONE ? 0 : io_wait(c, ctx, folio);
}

int cache_sync_step(struct cache *c, struct ctx *ctx, folio_clean *clean,
		    void *arg)
{
	struct write_range all = { 0, UINT64_MAX, UINT64_MAX };
	uint32_t next, last = 0;
	int r;

	/* Oldest first; what is written leaves the list. */
	for (uint32_t id = c->dirty_head; id; id = next) {
		next = inode_at(c, id)->dirty_next;
		r = writeback_range(c, ctx, id, &all, clean, arg, NULL);
		if (r)
			return r;
	}
	for (uint32_t id = 1; id <= c->ios.top; id++) {
		const struct io *io = io_at(c, id);

		if (io->pages && io->write &&
		    (!last || io->done_at > io_at(c, last)->done_at))
			last = id;
	}
	if (!last)
		return 0;
	ctx->wait_io = last;
	return WAIT_IO;
}
