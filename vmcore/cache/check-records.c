// SPDX-License-Identifier: Apache-2.0
/* Names, open files, dirty inodes and requests recounted. */
#include "vmcore/cache/cache-check.h"

/* Only what has a name is found by it; devices are not asked for by theirs. */
static void check_name(const struct cache_tally *t, uint32_t id)
{
	const struct inode *inode = inode_at(t->c, id);
	bool named = !(inode->flags & INODE_UNLINKED) &&
		     inode->kind != INODE_DEVICE;

	cache_differ(t, "found by name, inode", id, named,
		     inode_find(t->c, inode->path) == id);
}

static void check_open(const struct cache_tally *t, uint32_t id)
{
	const struct cache *c = t->c;
	uint32_t files = 0;

	if (!inode_at(c, id)->refs)
		return;
	for (uint32_t i = 1; i <= c->files.top; i++)
		files += file_at(c, i)->refs && file_at(c, i)->inode == id;
	cache_differ(t, "open files, inode", id, files, inode_at(c, id)->refs);
}

static void check_requests(const struct cache_tally *t, uint32_t id)
{
	const struct cache *c = t->c;
	uint32_t ios = 0;

	if (!inode_at(c, id)->nr_io)
		return;
	for (uint32_t i = 1; i <= c->ios.top; i++)
		ios += io_at(c, i)->pages && io_at(c, i)->inode == id;
	cache_differ(t, "requests, inode", id, ios, inode_at(c, id)->nr_io);
}

/* One list of dirty inodes; how many it has. */
static uint32_t check_wb_list(const struct cache_tally *t, uint32_t disk,
			      const struct wb *w, unsigned where)
{
	const struct cache *c = t->c;
	uint32_t prev = 0, listed = 0;

	for (uint32_t id = w->list[where].head; id;
	     id = inode_at(c, id)->dirty_next) {
		cache_differ(t, "dirty list, inode", id, prev,
			     inode_at(c, id)->dirty_prev);
		cache_differ(t, "on dirty list, inode", id, where,
			     inode_at(c, id)->dirty_list);
		prev = id;
		if (++listed > c->inodes.used)
			break;
	}
	cache_differ(t, "tail of a dirty list, disk", disk, prev,
		     w->list[where].tail);
	return listed;
}

/* The dirty side of a disk, 0: of none. */
static void check_wb(const struct cache_tally *t, uint32_t disk,
		     const struct wb *w)
{
	const struct cache *c = t->c;
	uint32_t listed = 0, inodes = 0;
	uint64_t dirty = 0, writeback = 0;

	for (unsigned where = WB_DIRTY; where < NR_WB_LISTS; where++)
		listed += check_wb_list(t, disk, w, where);
	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		const struct inode *inode = inode_at(c, id);

		if (!inode_used(inode) || wb_of(c, inode) != disk)
			continue;
		inodes += inode->nr_dirty != 0;
		dirty += inode->nr_dirty;
		if (inode->kind != INODE_SHMEM)
			writeback += inode->nr_writeback;
	}
	cache_differ(t, "dirty inodes, disk", disk, inodes, listed);
	cache_differ(t, "dirty pages, disk", disk, (int64_t)dirty,
		     (int64_t)w->nr_dirty);
	cache_differ(t, "pages under writeback, disk", disk, (int64_t)writeback,
		     (int64_t)w->nr_writeback);
}

/* What the journal holds is in memory. */
static void check_journal(const struct cache_tally *t, uint32_t id)
{
	const struct cache *c = t->c;
	const struct disk *d = disk_at(c, id);
	uint64_t running = 0, heads = 0, held, i = 0;

	for (; (i = xa_next(&c->huge_nodes, &d->journal.heads, i, UINT64_MAX,
			    &held)) != XA_NONE;
	     i++) {
		running += (held & JOURNAL_RUNNING) != 0;
		heads += held > JOURNAL_MOUNT;
		cache_differ(t, "block of the journal is cached, page", i, 1,
			     cache_find(c, d->bdev, i) != PFN_NONE);
	}
	cache_differ(t, "blocks of the transaction, disk", id, (int64_t)running,
		     (int64_t)d->journal.nr_running);
	cache_differ(t, "journal heads, disk", id, (int64_t)heads,
		     (int64_t)d->journal.nr_heads);
}

static void check_disk(const struct cache_tally *t, uint32_t id)
{
	const struct cache *c = t->c;
	uint64_t in_flight = 0;

	for (uint32_t i = 1; i <= c->ios.top; i++)
		in_flight += io_at(c, i)->pages && io_at(c, i)->disk == id;
	check_journal(t, id);
	cache_differ(t, "requests, disk", id, (int64_t)in_flight,
		     (int64_t)disk_at(c, id)->in_flight);
}

/* Whoever waits for a folio must find the request that ends the wait. */
static void check_busy(const struct cache_tally *t, uint32_t id)
{
	const struct cache *c = t->c;
	const struct inode *inode = inode_at(c, id);
	uint64_t i = 0;
	pfn_t folio;

	if (!inode->nr_io && !inode->nr_writeback)
		return;
	while ((i = cache_next(c, id, i, UINT64_MAX, &folio)) != UINT64_MAX) {
		const struct frame *f = frame_at(c->phys, folio);
		const struct io *io;
		bool ok;

		i = folio_end(f);
		if (!(f->word & (PG_LOCKED | PG_WRITEBACK)))
			continue;
		ok = f->private && f->private <= c->ios.top;
		io = ok ? io_at(c, f->private) : NULL;
		ok = ok && io->inode == id && io->index < folio_end(f) &&
		     f->index < io->index + io->pages;
		cache_differ(t, "busy folio without a request, frame", folio, 1,
			     ok);
	}
}

void cache_check_records(const struct cache_tally *t)
{
	const struct cache *c = t->c;
	uint32_t refs = 0, ios = 0;

	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		if (!inode_used(inode_at(c, id)))
			continue;
		check_name(t, id);
		check_open(t, id);
		check_requests(t, id);
		check_busy(t, id);
		refs += inode_at(c, id)->refs;
		ios += inode_at(c, id)->nr_io;
	}
	cache_check_policies(t);
	ios += cache_check_swap(t);
	cache_differ(t, "open files, all", 0, c->files.used, refs);
	cache_differ(t, "requests, all", 0, c->ios.used, ios);
	check_wb(t, 0, &c->wb);
	for (uint32_t id = 1; id <= c->disks.top; id++) {
		check_disk(t, id);
		check_wb(t, id, &disk_at(c, id)->wb);
	}
}
