// SPDX-License-Identifier: Apache-2.0
/* Disks and their requests: block/, as far as time and diskstats show it. */
#include "vmcore/cache/cache-internal.h"
#include "vmcore/cache/swap-internal.h"

#include <stdio.h>
#include <string.h>

#define SECTORS_PER_PAGE 8u
#define NS_PER_MS	 1000000u
#define NS_PER_SEC	 1000000000u
#define LIMITED_IO	 320u /* 1280K, what a queue allowed for long */
#define UNLIMITED_IO	 1024u /* BLK_DEF_MAX_SECTORS_CAP: 4M */

static bool takes_no_time(const struct disk *d)
{
	return !d->latency_ns && !d->bandwidth;
}

uint32_t disk_io_pages(const struct disk *d)
{
	if (d->io_pages)
		return d->io_pages;
	return d->bandwidth ? LIMITED_IO : UNLIMITED_IO;
}

int disk_new(struct cache *c, const struct disk *like, uint32_t *ret_disk)
{
	char path[sizeof(like->name) + 8];
	uint32_t id, bdev;
	struct disk *d;
	int r;

	snprintf(path, sizeof(path), "/dev/%s", like->name);
	r = inode_new(c, path, INODE_BLOCK, &bdev);
	if (r)
		return r;
	r = pool_new(&c->disks, &id);
	if (r) {
		pool_free(&c->inodes, bdev);
		return r;
	}
	d = disk_at(c, id);
	*d = *like;
	d->bdev = bdev;
	wb_init(&d->wb);
	inode_at(c, bdev)->size = d->size_bytes;
	inode_at(c, bdev)->disk = id;
	inode_hash_add(c, bdev);
	*ret_disk = id;
	return 0;
}

/* The file system with the longest mount point above @path; 0 none. */
uint32_t disk_of_path(const struct cache *c, const char *path)
{
	uint32_t best = 0;
	size_t longest = 0;

	for (uint32_t id = 1; id <= c->disks.top; id++) {
		const char *mount = disk_at(c, id)->mount;
		size_t n = strlen(mount);

		while (n > 1 && mount[n - 1] == '/')
			n--;
		if (n <= longest || strncmp(path, mount, n))
			continue;
		if (n > 1 && path[n] && path[n] != '/')
			continue;
		longest = n;
		best = id;
	}
	return best;
}

/* io_ns grows while something is in flight (part_stat, update_io_ticks). */
static void account_busy(struct disk *d, vtime_t now)
{
	if (now <= d->stamp)
		return;
	if (d->in_flight)
		d->io_ns += now - d->stamp;
	d->stamp = now;
	d->io_ms = d->io_ns / NS_PER_MS;
}

static void account_done(struct disk *d, const struct io *io)
{
	unsigned rw = io->write != 0;
	uint64_t took = io->done_at - io->submitted_at;

	account_busy(d, io->done_at);
	d->in_flight--;
	d->ios[rw]++;
	d->sectors[rw] += (uint64_t)io->pages * SECTORS_PER_PAGE;
	d->ns[rw] += took;
	d->ms[rw] = d->ns[rw] / NS_PER_MS;
	d->weighted_ns += took;
	d->weighted_ms = d->weighted_ns / NS_PER_MS;
}

static void folio_done(struct cache *c, pfn_t folio, const struct io *io)
{
	struct frame *f = frame_at(c->phys, folio);

	if (io->write) {
		folio_end_writeback(c, folio, io->done_at);
		return;
	}
	f->word = (f->word & ~PG_LOCKED) | PG_UPTODATE;
	f->private = 0;
	content_read(c, folio);
}

/* Folios of the range that wait for request @id. */
static void range_done(struct cache *c, const struct io *io, uint32_t id)
{
	uint32_t busy = io->write ? PG_WRITEBACK : PG_LOCKED;
	uint64_t i = io->index, end = i + io->pages;
	pfn_t folio;

	if (io->direct)
		return;
	if (!io->inode) {
		swap_io_done(c, (swp_t)i, io->pages, id, io->write);
		return;
	}
	while ((i = cache_next(c, io->inode, i, end, &folio)) != UINT64_MAX) {
		const struct frame *f = frame_at(c->phys, folio);

		i = folio_end(f);
		if (f->word & busy && f->private == id)
			folio_done(c, folio, io);
	}
}

static void range_name(struct cache *c, const struct io *io, uint32_t id)
{
	uint64_t i = io->index, end = i + io->pages;
	pfn_t folio;

	if (io->direct)
		return;
	if (!io->inode) {
		swap_io_name(c, (swp_t)i, io->pages, id);
		return;
	}
	while ((i = cache_next(c, io->inode, i, end, &folio)) != UINT64_MAX) {
		struct frame *f = frame_at(c->phys, folio);

		i = folio_end(f);
		f->private = id;
	}
}

static vtime_t transfer_ns(const struct disk *d, uint32_t pages)
{
	uint64_t bytes = (uint64_t)pages * PAGE_SIZE, b = d->bandwidth;

	if (!b)
		return 0;
	return bytes / b * NS_PER_SEC + bytes % b * NS_PER_SEC / b;
}

/* Requests of an inode or swap area, which must not go before them. */
static uint32_t *nr_io(struct cache *c, const struct io *io)
{
	if (io->inode)
		return &inode_at(c, io->inode)->nr_io;
	return &c->swap.area[swp_area((swp_t)io->index)].nr_io;
}

/* Hand a request to its disk, or finish it. What goes to swap is never done
 * at once: reclaim would take it for a device without a queue and free what
 * the kernel leaves in the swap cache. */
static int start(struct cache *c, struct io *io)
{
	struct disk *d = io->disk ? disk_at(c, io->disk) : NULL;
	uint32_t id = 0;
	int r = 0;

	io->done_at = io->submitted_at;
	if (d) {
		account_busy(d, io->submitted_at);
		d->in_flight++;
	}
	if (d && (!takes_no_time(d) || (!io->inode && io->write)))
		r = pool_new(&c->ios, &id);
	if (!id) {
		range_done(c, io, 0);
		if (d) {
			account_done(d, io);
			wb_laptop(c, io->disk, io->done_at);
		}
		return r;
	}
	if (d->busy_until > io->done_at)
		io->done_at = d->busy_until;
	io->done_at += d->latency_ns + transfer_ns(d, io->pages);
	d->busy_until = io->done_at;
	*io_at(c, id) = *io;
	range_name(c, io, id);
	++*nr_io(c, io);
	if (c->submitted_tail)
		io_at(c, c->submitted_tail)->next = id;
	else
		c->submitted_head = id;
	c->submitted_tail = id;
	return 0;
}

int io_submit(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t index,
	      uint64_t pages, bool write)
{
	uint32_t disk = inode_at(c, inode)->disk;
	uint32_t most = disk ? disk_io_pages(disk_at(c, disk)) : LIMITED_IO;
	uint64_t end = index + pages;
	int r = 0, err;

	vmstat_event(&c->phys->stat, write ? PGPGOUT : PGPGIN,
		     pages * SECTORS_PER_PAGE);
	while (index < end) {
		uint64_t stop = index + most < end ? index + most : end;
		struct io io = { .disk = disk, .inode = inode, .write = write };
		pfn_t folio = cache_find(c, inode, stop - 1);

		/* A folio is not cut: the request ends where it does. */
		if (stop < end && folio != PFN_NONE)
			stop = folio_end(frame_at(c->phys, folio));
		if (stop > end)
			stop = end;
		io.index = index;
		io.pages = (uint32_t)(stop - index);
		io.submitted_at = ctx->now;
		err = start(c, &io);
		if (err)
			r = err;
		index = stop;
	}
	return r;
}

int io_direct(struct cache *c, struct ctx *ctx, uint32_t inode, uint64_t index,
	      uint64_t pages, bool write)
{
	uint32_t disk = inode_at(c, inode)->disk;
	uint64_t most = disk ? disk_io_pages(disk_at(c, disk)) : LIMITED_IO;
	int r = 0;

	vmstat_event(&c->phys->stat, write ? PGPGOUT : PGPGIN,
		     pages * SECTORS_PER_PAGE);
	ctx->wait_io = 0;
	while (pages && r >= 0) {
		uint64_t nr = pages < most ? pages : most;
		struct io io = { .disk = disk,
				 .inode = inode,
				 .index = index,
				 .pages = (uint32_t)nr,
				 .write = write,
				 .direct = 1,
				 .submitted_at = ctx->now };
		uint32_t tail = c->submitted_tail;

		r = start(c, &io);
		if (c->submitted_tail != tail)
			ctx->wait_io = c->submitted_tail;
		index += nr;
		pages -= nr;
	}
	ctx->wait_stall = 0;
	return r ? r : ctx->wait_io ? WAIT_IO : 0;
}

/* bio_attempt_back_merge() with the request submitted last. */
static bool merge(struct cache *c, const struct ctx *ctx, swp_t swp,
		  uint32_t pages)
{
	struct io *io = c->submitted_tail ? io_at(c, c->submitted_tail) : NULL;
	struct disk *d = io ? disk_at(c, io->disk) : NULL;

	if (!io || io->inode || !io->write || io->index + io->pages != swp ||
	    swp_area((swp_t)io->index) != swp_area(swp) ||
	    io->submitted_at != ctx->now ||
	    io->pages + pages > disk_io_pages(d) ||
	    (!takes_no_time(d) && d->busy_until != io->done_at))
		return false;
	io->done_at +=
		transfer_ns(d, io->pages + pages) - transfer_ns(d, io->pages);
	if (!takes_no_time(d))
		d->busy_until = io->done_at;
	io->pages += pages;
	d->merges[1]++;
	swap_io_name(c, swp, pages, c->submitted_tail);
	return true;
}

int io_swap(struct cache *c, struct ctx *ctx, swp_t swp, uint32_t pages,
	    bool write)
{
	struct io io = { .disk = c->swap.area[swp_area(swp)].disk,
			 .write = write,
			 .submitted_at = ctx->now };
	uint32_t most = io.disk ? disk_io_pages(disk_at(c, io.disk)) : pages;
	int r = 0;

	vmstat_event(&c->phys->stat, write ? PGPGOUT : PGPGIN,
		     (uint64_t)pages * SECTORS_PER_PAGE);
	if (write && merge(c, ctx, swp, pages))
		return 0;
	while (pages) {
		int err;

		io.index = swp;
		io.pages = pages < most ? pages : most;
		swp += io.pages;
		pages -= io.pages;
		err = start(c, &io);
		r = err ? err : r;
	}
	return r;
}

uint32_t folio_io(const struct cache *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);

	if (!(f->word & (PG_WRITEBACK | PG_LOCKED)))
		return 0;
	return f->word & PG_SWAPCACHE ? swap_folio_io(c, folio) : f->private;
}

int io_wait(const struct cache *c, struct ctx *ctx, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);

	ctx->wait_io = f->private;
	hold_wait(ctx, f);
	/* folio_wait_bit_common(): it was here not long ago. */
	ctx->wait_stall = (f->word & (PG_WORKINGSET | PG_UPTODATE)) ==
			  PG_WORKINGSET;
	return WAIT_IO;
}

uint32_t io_take_submitted(struct cache *c)
{
	uint32_t id = c->submitted_head;

	if (!id)
		return 0;
	c->submitted_head = io_at(c, id)->next;
	io_at(c, id)->next = 0;
	if (!c->submitted_head)
		c->submitted_tail = 0;
	return id;
}

void io_complete(struct cache *c, struct ctx *ctx, uint32_t id)
{
	const struct io *io = io_at(c, id);
	uint32_t inode = io->inode;

	account_done(disk_at(c, io->disk), io);
	wb_laptop(c, io->disk, io->done_at);
	range_done(c, io, id);
	--*nr_io(c, io);
	pool_free(&c->ios, id);
	if (inode)
		inode_release(c, ctx, inode);
}
