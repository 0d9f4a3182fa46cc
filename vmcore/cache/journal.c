// SPDX-License-Identifier: Apache-2.0
/* jbd2: what joins a transaction, its commit, what it keeps in memory. */
#include "vmcore/cache/cache-internal.h"
#include "vmcore/cache/shrink.h"

#define COMMIT_NS     5000000000u /* JBD2_DEFAULT_MAX_COMMIT_AGE */
#define COMMIT_BLOCKS 2u /* a descriptor before, a commit block behind */
#define JOURNAL_AT    16384u /* page of the device */

static struct journal *journal_of(const struct cache *c, uint32_t disk)
{
	return &disk_at(c, disk)->journal;
}

/* Blocks of the journal, as ext2fs_default_journal_size() chooses them. */
static uint64_t journal_blocks(const struct disk *d)
{
	uint64_t pages = d->size_bytes >> PAGE_SHIFT, blocks = 1024;

	for (uint64_t most = 32768; pages >= most && blocks < 262144; most *= 2)
		blocks *= blocks == 1024 ? 4 : 2;
	return blocks;
}

/* jbd2_journal_get_max_txn_bufs() */
static uint64_t most_running(const struct cache *c, uint32_t disk)
{
	return journal_blocks(disk_at(c, disk)) / 4;
}

static int set_head(struct cache *c, struct journal *j, uint64_t page,
		    uint64_t held)
{
	uint32_t leaf;

	return xa_store(&c->huge_nodes, &j->heads, page, held, &leaf);
}

/* JOURNAL_* of the first of its pages that has any. */
static uint64_t holds(const struct cache *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	const struct inode *inode;
	uint64_t held;

	if (frame_type(f) != FRAME_FILE || !(f->word & PG_PRIVATE))
		return 0;
	inode = inode_at(c, f->owner);
	if (inode->kind != INODE_BLOCK ||
	    xa_next(&c->huge_nodes, &journal_of(c, inode->disk)->heads,
		    f->index, folio_end(f), &held) == XA_NONE)
		return 0;
	return held;
}

bool folio_pinned(const struct cache *c, pfn_t folio)
{
	return holds(c, folio);
}

bool folio_held(const struct cache *c, pfn_t folio)
{
	return holds(c, folio) & JOURNAL_MOUNT;
}

int journal_hold(struct cache *c, uint32_t disk, uint32_t page)
{
	struct journal *j = journal_of(c, disk);
	uint64_t held = xa_load(&c->huge_nodes, &j->heads, page);

	return set_head(c, j, page, held | JOURNAL_MOUNT);
}

/* jbd2_journal_dirty_metadata() */
int journal_add(struct cache *c, struct ctx *ctx, uint32_t disk, uint32_t page)
{
	struct journal *j = journal_of(c, disk);
	struct wb *w = wb_at(c, disk);
	uint64_t held = xa_load(&c->huge_nodes, &j->heads, page);
	bool had = held & (JOURNAL_RUNNING | JOURNAL_CHECKPOINT);
	int r = 0;

	if (held & JOURNAL_RUNNING)
		return 0;
	if (!had)
		r = kmem_alloc_many(c->kmem, ctx, KMEM_JBD2_HEAD, 1);
	if (r)
		return r;
	held = (held & JOURNAL_MOUNT) | JOURNAL_RUNNING;
	r = set_head(c, j, page, held);
	if (r) {
		if (!had)
			kmem_free_many(c->kmem, ctx, KMEM_JBD2_HEAD, 1);
		return r;
	}
	j->nr_heads += !had;
	if (!j->nr_running++)
		w->commit_at = ctx->now + COMMIT_NS;
	if (j->nr_running >= most_running(c, disk))
		w->commit_at = ctx->now;
	c->flush_wake = 1;
	return 0;
}

bool journal_runs(const struct cache *c, uint32_t disk, uint32_t page)
{
	return xa_load(&c->huge_nodes, &journal_of(c, disk)->heads, page) &
	       JOURNAL_RUNNING;
}

/* Heads of blocks that are in their place: up to @nr are looked at. Freed
 * (__jbd2_journal_clean_checkpoint_list(), journal_shrink_one_cp_list()). */
static uint64_t drop_heads(struct cache *c, struct ctx *ctx, uint32_t disk,
			   uint64_t nr)
{
	struct journal *j = journal_of(c, disk);
	uint64_t held, freed = 0, i = 0;

	for (; nr && (i = xa_next(&c->huge_nodes, &j->heads, i, UINT64_MAX,
				  &held)) != XA_NONE;
	     i++) {
		pfn_t folio = cache_find(c, disk_at(c, disk)->bdev, i);

		if (!(held & JOURNAL_CHECKPOINT))
			continue;
		nr--;
		if (frame_at(c->phys, folio)->word & (PG_DIRTY | PG_WRITEBACK))
			continue;
		if (held & JOURNAL_MOUNT)
			set_head(c, j, i, JOURNAL_MOUNT);
		else
			xa_erase(&c->huge_nodes, &j->heads, i, NULL, NULL);
		freed++;
	}
	if (freed)
		kmem_free_many(c->kmem, ctx, KMEM_JBD2_HEAD, (uint32_t)freed);
	j->nr_heads -= freed;
	return freed;
}

/* jbd2_journal_commit_transaction() */
int journal_commit(struct cache *c, struct ctx *ctx, uint32_t disk)
{
	struct journal *j = journal_of(c, disk);
	uint64_t blocks = j->nr_running + COMMIT_BLOCKS, held, at;
	uint32_t bdev = disk_at(c, disk)->bdev, own = ctx->dirtied;

	wb_at(c, disk)->commit_at = NEVER;
	if (!j->nr_running)
		return 0;
	drop_heads(c, ctx, disk, UINT64_MAX);
	for (uint64_t i = 0; (i = xa_next(&c->huge_nodes, &j->heads, i,
					  UINT64_MAX, &held)) != XA_NONE;
	     i++) {
		if (!(held & JOURNAL_RUNNING))
			continue;
		held = (held & JOURNAL_MOUNT) | JOURNAL_CHECKPOINT;
		/* A node is there: it cannot fail. */
		set_head(c, j, i, held);
		folio_mark_dirty(c, ctx, cache_find(c, bdev, i));
	}
	/* Its thread dirties them, not who made it run. */
	ctx->dirtied = own;
	j->nr_running = 0;
	if (j->at + blocks > journal_blocks(disk_at(c, disk)))
		j->at = 0;
	at = JOURNAL_AT + j->at;
	j->at += blocks;
	return io_direct(c, ctx, bdev, at, blocks, true);
}

uint64_t journal_count(const struct cache *c, uint32_t disk)
{
	const struct journal *j = journal_of(c, disk);

	return j->nr_heads - j->nr_running;
}

uint32_t journal_batch(const struct cache *c, uint32_t disk)
{
	return (uint32_t)most_running(c, disk);
}

uint64_t journal_scan(struct cache *c, struct ctx *ctx, uint32_t disk,
		      uint64_t nr)
{
	return drop_heads(c, ctx, disk, nr);
}
