// SPDX-License-Identifier: Apache-2.0
/*
 * Blocks of the file system itself, read through the block device: Buffers.
 * A group of 128 MiB has its table of inodes (8192 of 256 bytes) behind its
 * bitmaps and the blocks of its folders behind that, as mkfs lays it out but
 * for flex_bg.
 */
#include "vmcore/cache/cache-internal.h"

#include <string.h>

#define GROUP_PAGES  META_GROUP_PAGES
#define GROUP_INODES 8192u
#define INODE_BYTES  256u
#define BITMAPS_AT   2u
#define TABLE_AT     1024u /* first page of the table in its group */
#define FOLDERS_AT   2048u
#define FOLDER_ROOM  3u /* pages kept for a folder */
#define TABLE_AHEAD  32u /* EXT4_DEF_INODE_READAHEAD_BLKS */

static uint32_t folded(const struct cache *c, uint32_t disk, uint64_t ino,
		       uint64_t page)
{
	uint64_t pages = disk_at(c, disk)->size_bytes >> PAGE_SHIFT;
	uint64_t groups = pages / GROUP_PAGES;

	page += (groups ? ino / GROUP_INODES % groups : 0) * GROUP_PAGES;
	return (uint32_t)(pages ? page % pages : 0);
}

uint32_t meta_inode_page(const struct cache *c, uint32_t disk, uint64_t ino)
{
	return folded(c, disk, ino,
		      TABLE_AT +
			      ino % GROUP_INODES / (PAGE_SIZE / INODE_BYTES));
}

uint32_t meta_folder_page(const struct cache *c, uint32_t disk, uint64_t ino,
			  uint64_t block)
{
	uint64_t room = GROUP_PAGES - FOLDERS_AT;

	return folded(c, disk, ino,
		      FOLDERS_AT + (ino % GROUP_INODES * FOLDER_ROOM + block) %
					   room);
}

uint32_t meta_block_bitmap(const struct cache *c, uint32_t disk, uint64_t page)
{
	return folded(c, disk, page / GROUP_PAGES * GROUP_INODES, BITMAPS_AT);
}

uint32_t meta_inode_bitmap(const struct cache *c, uint32_t disk, uint64_t ino)
{
	return folded(c, disk, ino, BITMAPS_AT + 1);
}

/* Pages of [@page, @end) that are not cached, one request for those in a row.
 * Only the first is worth waiting for memory. */
static int read_run(struct cache *c, struct ctx *ctx, uint32_t bdev,
		    uint32_t page, uint32_t end)
{
	uint32_t gfp = GFP_CACHE, i = page;
	pfn_t folio;
	int r = 0, err;

	for (; i < end && cache_find(c, bdev, i) == PFN_NONE; i++) {
		r = folio_new(c, ctx, bdev, i, 0, gfp, FOLIO_READ, &folio);
		if (r)
			break;
		gfp = GFP_READAHEAD;
	}
	if (i == page)
		return r;
	err = io_submit(c, ctx, bdev, page, i - page, false);
	return err;
}

int meta_read(struct cache *c, struct ctx *ctx, uint32_t disk, uint32_t page)
{
	uint32_t bdev = disk_at(c, disk)->bdev;
	pfn_t folio = cache_find(c, bdev, page);
	int r = 0;

	if (folio == PFN_NONE) {
		r = read_run(c, ctx, bdev, page, page + 1);
		folio = cache_find(c, bdev, page);
	}
	if (!r)
		r = folio_make_uptodate(c, ctx, folio);
	if (!r)
		r = folio_buffers(c, ctx, folio);
	if (!r)
		lru_mark_accessed(c->control, folio);
	return r;
}

/* __ext4_get_inode_loc(): the blocks around it come along. */
int meta_read_inode(struct cache *c, struct ctx *ctx, uint32_t disk,
		    uint64_t ino)
{
	uint32_t bdev = disk_at(c, disk)->bdev;
	uint32_t page = meta_inode_page(c, disk, ino), i, end;
	uint64_t pages = disk_at(c, disk)->size_bytes >> PAGE_SHIFT;
	int r = 0;

	if (cache_find(c, bdev, page) != PFN_NONE)
		return meta_read(c, ctx, disk, page);
	r = read_run(c, ctx, bdev, page, page + 1);
	if (r)
		return r;
	i = page / TABLE_AHEAD * TABLE_AHEAD;
	end = i + TABLE_AHEAD < pages ? i + TABLE_AHEAD : (uint32_t)pages;
	while (i < end) {
		uint32_t next = i + 1;

		if (cache_find(c, bdev, i) == PFN_NONE) {
			while (next < end &&
			       cache_find(c, bdev, next) == PFN_NONE)
				next++;
			if (read_run(c, ctx, bdev, i, next))
				break;
		}
		i = next;
	}
	return meta_read(c, ctx, disk, page);
}

/* It is used again while it waits in its CPU's batch for the list
 * (__lru_cache_activate_folio()). */
static void begin_active(struct cache *c, pfn_t folio)
{
	frame_at(c->phys, folio)->word |= PG_UPTODATE;
	if (c->control->policy != POLICY_MGLRU)
		lru_place(c->control, folio, true);
}

int meta_new(struct cache *c, struct ctx *ctx, uint32_t disk, uint32_t page)
{
	uint32_t bdev = disk_at(c, disk)->bdev;
	pfn_t folio = cache_find(c, bdev, page);
	int r = 0;

	if (folio == PFN_NONE) {
		r = folio_new(c, ctx, bdev, page, 0, GFP_CACHE, 0, &folio);
		if (!r)
			begin_active(c, folio);
	}
	return r ? r : meta_read(c, ctx, disk, page);
}

/* __ext4_get_inode_loc(): if all others of its block are free there is
 * nothing to read. They are given out in order. */
int meta_new_inode(struct cache *c, struct ctx *ctx, uint32_t disk,
		   uint64_t ino)
{
	if (ino % (PAGE_SIZE / INODE_BYTES))
		return meta_read_inode(c, ctx, disk, ino);
	return meta_new(c, ctx, disk, meta_inode_page(c, disk, ino));
}

/* --- mounting ---------------------------------------------------------------
 */
/* The first looks into its root have used them more than once. */
int disk_mount(struct cache *c, struct ctx *ctx, uint32_t disk)
{
	const struct disk *d = disk_at(c, disk);
	uint32_t pages[] = { META_SUPER,
			     META_GROUPS,
			     meta_block_bitmap(c, disk, 0),
			     meta_inode_bitmap(c, disk, 0),
			     meta_inode_page(c, disk, 0),
			     meta_folder_page(c, disk, META_ROOT_INO, 0) };
	int r = 0;

	if (!d->mount[0])
		return 0;
	for (unsigned i = 0; i < sizeof(pages) / sizeof(pages[0]) && !r; i++) {
		r = meta_new(c, ctx, disk, pages[i]);
		if (!r)
			r = journal_hold(c, disk, pages[i]);
	}
	return r;
}
