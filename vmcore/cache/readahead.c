// SPDX-License-Identifier: Apache-2.0
/*
 * Which pages are read before they are asked for (mm/readahead.c of 6.18).
 *
 * A window is ra_start .. ra_start + ra_size. Somewhere in it one folio is
 * marked PG_READAHEAD: who reaches it starts the next window, so that reading
 * goes on without a pause. Folio sizes grow with each such step (ra_order).
 *
 * Memory may run out in the middle: file.todo_* remembers what is left of the
 * window and ra_continue() goes on when the step is repeated. The kernel asks
 * once for reclaim (__GFP_NORETRY) and then does without the rest.
 */
#include "vmcore/cache/cache-internal.h"

#include <errno.h>

#define TODO_PLAIN 1u /* page_cache_ra_unbounded(): single pages, skips */
#define NO_MARK	   UINT32_MAX

static uint64_t roundup_pow2(uint64_t n)
{
	uint64_t p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

static unsigned log2_of(uint64_t n)
{
	unsigned l = 0;

	while (n >>= 1)
		l++;
	return l;
}

/* get_init_ra_size() */
static uint64_t init_size(uint64_t req, uint64_t max)
{
	uint64_t n = roundup_pow2(req);

	if (n <= max / 32)
		return n * 4;
	if (n <= max / 4)
		return n * 2;
	return max;
}

/* get_next_ra_size() */
static uint64_t next_size(uint64_t size, uint64_t max)
{
	if (size < max / 16)
		return 4 * size;
	if (size <= max / 2)
		return 2 * size;
	return max;
}

/* ractl_max_pages(): one big read may be as long as a request. */
static uint64_t max_pages(const struct cache *c, const struct file *f,
			  uint64_t req)
{
	uint32_t disk = inode_at(c, f->inode)->disk;
	uint64_t max = f->ra_pages, io;

	if (!disk || req <= max)
		return max;
	io = disk_io_pages(disk_at(c, disk));
	if (io <= max)
		return max;
	return req < io ? req : io;
}

static bool cached(const struct cache *c, const struct file *f, uint64_t index)
{
	return cache_find(c, f->inode, index) != PFN_NONE;
}

/* do_page_cache_ra(): @nr single pages from @index on, cached ones skipped,
 * the one @lookahead before the end marked. */
static void plan_plain(const struct cache *c, struct file *f, uint64_t index,
		       uint64_t nr, uint64_t lookahead)
{
	uint64_t pages = inode_pages(inode_at(c, f->inode));

	f->todo_end = 0;
	if (index >= pages)
		return;
	if (nr > pages - index)
		nr = pages - index;
	f->todo_next = (uint32_t)index;
	f->todo_end = (uint32_t)(index + nr);
	f->todo_mark = lookahead && lookahead <= nr
			       ? (uint32_t)(index + nr - lookahead)
			       : NO_MARK;
	f->todo_flags = TODO_PLAIN;
	f->todo_tries = 0;
}

/* A folio could not be had: the rest in single pages, by the state that the
 * window left (the fallback of page_cache_ra_order()). */
static void fall_back(const struct cache *c, struct file *f)
{
	uint64_t done = f->todo_next - f->ra_start;

	if (f->ra_size > done)
		plan_plain(c, f, f->todo_next, f->ra_size - done, f->ra_async);
	else
		f->todo_end = 0;
}

/* Order of the folio at todo_next: aligned, and within the window. */
static unsigned fitting_order(const struct file *f)
{
	uint64_t index = f->todo_next;
	unsigned order = f->ra_order;

	if (f->todo_flags & TODO_PLAIN)
		return 0;
	while (order && index & ((1u << order) - 1))
		order--;
	while (order && index + (1u << order) > f->todo_end)
		order--;
	return order;
}

static bool is_mark(const struct file *f, unsigned order)
{
	if (f->todo_mark == NO_MARK)
		return false;
	return f->todo_next == (f->todo_mark & ~((1u << order) - 1));
}

/* What a failed folio means for the window. Return: what the step answers,
 * 0 to go on. */
static int give_way(const struct cache *c, struct file *f, int r,
		    unsigned order)
{
	bool plain = f->todo_flags & TODO_PLAIN;

	if (r == EEXIST) {
		fall_back(c, f);
		return 0;
	}
	if (r < 0)
		return r;
	if (r == NEED_MEMORY && order) {
		fall_back(c, f);
		return 0;
	}
	if (!f->todo_tries++)
		return r;
	if (plain)
		f->todo_end = 0;
	else
		fall_back(c, f);
	return 0;
}

/* Add the folio at todo_next. Return: 0 and its end, or as folio_new(). */
static int add_folio(struct cache *c, struct ctx *ctx, struct file *f,
		     unsigned order, uint64_t *ret_end)
{
	pfn_t folio;
	int r = folio_new(c, ctx, f->inode, f->todo_next, order, GFP_READAHEAD,
			  FOLIO_READ, &folio);

	if (r)
		return r;
	if (is_mark(f, order))
		frame_at(c->phys, folio)->word |= PG_READAHEAD;
	*ret_end = f->todo_next + ((uint64_t)1 << order);
	f->todo_tries = 0;
	return 0;
}

int ra_continue(struct cache *c, struct ctx *ctx, uint32_t file)
{
	struct file *f = file_at(c, file);
	uint64_t run = f->todo_next, end = run;
	int r = 0, err;

	while (!r && f->todo_next < f->todo_end) {
		unsigned order = fitting_order(f);
		bool skip = f->todo_flags & TODO_PLAIN &&
			    cached(c, f, f->todo_next);

		if (skip) {
			/* What was gathered before it goes out by itself. */
			if (end > run)
				r = io_submit(c, ctx, f->inode, run, end - run,
					      false);
			run = ++f->todo_next;
			end = run;
			continue;
		}
		r = add_folio(c, ctx, f, order, &end);
		if (r)
			r = give_way(c, f, r, order);
		else
			f->todo_next = (uint32_t)end;
	}
	if (end > run) {
		err = io_submit(c, ctx, f->inode, run, end - run, false);
		if (err)
			r = err;
	}
	if (!r)
		f->todo_end = 0;
	return r;
}

int ra_window(struct cache *c, struct ctx *ctx, uint32_t file)
{
	struct file *f = file_at(c, file);
	uint64_t pages = inode_pages(inode_at(c, f->inode));
	uint64_t end = (uint64_t)f->ra_start + f->ra_size;
	unsigned most = log2_of(f->ra_size);

	if (f->ra_start >= pages || !f->ra_size)
		return 0;
	if (f->ra_order > MAX_FOLIO_ORDER)
		f->ra_order = MAX_FOLIO_ORDER;
	if (f->ra_order > most)
		f->ra_order = most;
	f->todo_first = f->todo_next = f->ra_start;
	f->todo_end = (uint32_t)(end < pages ? end : pages);
	f->todo_mark = f->ra_async ? (uint32_t)(end - f->ra_async) : NO_MARK;
	f->todo_flags = 0;
	f->todo_tries = 0;
	return ra_continue(c, ctx, file);
}

static int read_plain(struct cache *c, struct ctx *ctx, uint32_t file,
		      uint64_t index, uint64_t nr)
{
	file_at(c, file)->todo_first = (uint32_t)index;
	plan_plain(c, file_at(c, file), index, nr, 0);
	return ra_continue(c, ctx, file);
}

int ra_force(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t index,
	     uint64_t nr)
{
	const struct file *f = file_at(c, file);
	uint32_t disk = inode_at(c, f->inode)->disk;
	uint64_t max = f->ra_pages, io = 0;

	if (disk)
		io = disk_io_pages(disk_at(c, disk));
	if (io > max)
		max = io;
	return read_plain(c, ctx, file, index, nr < max ? nr : max);
}

int ra_sync(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t index,
	    uint64_t req)
{
	struct file *f = file_at(c, file);
	uint64_t max, prev, contig;
	bool whole;

	if (!f->ra_pages)
		return ra_force(c, ctx, file, index, 1);
	if (f->advice & FILE_RANDOM)
		return ra_force(c, ctx, file, index, req);
	max = max_pages(c, f, req);
	prev = (uint64_t)f->prev_pos >> PAGE_SHIFT;
	if (!index || req > max || index - prev <= 1) {
		/* Start of file, oversized, or sequential. */
		f->ra_size = (uint32_t)init_size(req, max);
		f->ra_async = f->ra_size > req ? f->ra_size - (uint32_t)req
					       : f->ra_size >> 1;
	} else {
		contig = cached_before(c, f->inode, index, max, &whole);
		if (contig <= req)
			/* A random read leaves the window as it was. */
			return read_plain(c, ctx, file, index, req);
		if (whole)
			contig *= 2;
		f->ra_size =
			(uint32_t)(contig + req < max ? contig + req : max);
		f->ra_async = 1;
	}
	f->ra_start = (uint32_t)index;
	f->ra_order = 0;
	return ra_window(c, ctx, file);
}

int ra_async(struct cache *c, struct ctx *ctx, uint32_t file, pfn_t folio,
	     uint64_t index, uint64_t req)
{
	struct file *f = file_at(c, file);
	struct frame *h = frame_at(c->phys, folio);
	uint64_t max, expected, start, end, aligned;
	unsigned order;

	if (!f->ra_pages || h->word & PG_WRITEBACK)
		return 0;
	h->word &= ~PG_READAHEAD;
	max = max_pages(c, f, req);
	expected = ((uint64_t)f->ra_start + f->ra_size - f->ra_async) &
		   ~(frame_pages(h) - 1);
	if (index == expected) {
		uint64_t size = next_size(f->ra_size, max);

		f->ra_start += f->ra_size;
		if (size > f->ra_size)
			f->ra_size = (uint32_t)size;
	} else {
		/* A marked folio of somebody else's window. */
		start = hole_behind(c, f->inode, index + 1, max);
		if (start - index > max)
			return 0;
		f->ra_start = (uint32_t)start;
		f->ra_size = (uint32_t)next_size(start - index + req, max);
	}
	f->ra_order += 2;
	/* End the window where folios of that order would end. */
	order = log2_of(max & -max);
	if (f->ra_order < order)
		order = f->ra_order;
	end = (uint64_t)f->ra_start + f->ra_size;
	aligned = end & ~(((uint64_t)1 << order) - 1);
	if (aligned > f->ra_start)
		f->ra_size -= (uint32_t)(end - aligned);
	f->ra_async = f->ra_size;
	return ra_window(c, ctx, file);
}
