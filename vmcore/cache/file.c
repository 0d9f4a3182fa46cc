// SPDX-License-Identifier: Apache-2.0
/* Open files and the advice given for them: fs/file_table.c, mm/fadvise.c. */
#include "vmcore/cache/cache-internal.h"

#include <errno.h>

enum {
	FADV_NORMAL,
	FADV_RANDOM,
	FADV_SEQUENTIAL,
	FADV_WILLNEED,
	FADV_DONTNEED,
	FADV_NOREUSE
};

/* ra_pages of the backing device; a file without one has no readahead. */
static uint32_t bdi_ra_pages(const struct cache *c, const struct inode *inode)
{
	return inode->disk ? disk_at(c, inode->disk)->readahead_pages : 0;
}

int file_open(struct cache *c, struct ctx *ctx, uint32_t id, uint32_t *ret_file)
{
	struct inode *inode = inode_at(c, id);
	struct file *f;
	uint32_t file;
	pfn_t slab;
	int r = inode_objects(c, ctx, id);

	if (!r)
		r = kmem_alloc(c->kmem, ctx, KMEM_FILP, &slab);
	if (r)
		return r;
	r = pool_new(&c->files, &file);
	if (r) {
		kmem_free(c->kmem, ctx, slab);
		return r;
	}
	f = file_at(c, file);
	f->inode = id;
	f->refs = 1;
	f->slab = slab;
	f->group = ctx->group;
	f->ra_pages = bdi_ra_pages(c, inode);
	f->prev_pos = -1;
	inode->refs++;
	*ret_file = file;
	return 0;
}

void file_get(struct cache *c, uint32_t file)
{
	file_at(c, file)->refs++;
}

void file_put(struct cache *c, struct ctx *ctx, uint32_t file)
{
	struct file *f = file_at(c, file);
	uint32_t inode = f->inode;

	if (--f->refs)
		return;
	if (f->area)
		vfree(c->kmem, ctx, f->area);
	object_free(c, ctx, f->group, f->slab);
	pool_free(&c->files, file);
	inode_at(c, inode)->refs--;
	dentry_put(c, inode);
	inode_release(c, ctx, inode);
}

/* POSIX_FADV_WILLNEED and readahead(2). */
static int will_need(struct cache *c, struct ctx *ctx, uint32_t file,
		     uint64_t pos, uint64_t last)
{
	uint64_t first = pos >> PAGE_SHIFT;
	int r = ra_continue(c, ctx, file);

	if (r)
		return r;
	return ra_force(c, ctx, file, first, (last >> PAGE_SHIFT) - first + 1);
}

/*
 * POSIX_FADV_DONTNEED: pages wholly inside go if they are clean. Dirty ones
 * start to be written; that takes longer than this call, so that they stay
 * however fast the disk is.
 */
static int dont_need(struct cache *c, struct ctx *ctx, uint32_t id,
		     uint64_t pos, uint64_t last)
{
	struct write_range range = { .first = pos >> PAGE_SHIFT,
				     .end = (last >> PAGE_SHIFT) + 1,
				     .nr = UINT64_MAX };
	uint64_t first = (pos + PAGE_SIZE - 1) >> PAGE_SHIFT, end = range.end;

	/* A last page covered in part stays, but for the end of the file. */
	if ((last & ~PAGE_MASK) != PAGE_SIZE - 1 &&
	    last != inode_at(c, id)->size - 1)
		end--;
	if (first < end)
		cache_invalidate(c, ctx, id, first, end - 1);
	return writeback_range(c, ctx, id, &range, NULL, NULL, NULL);
}

int file_advise(struct cache *c, struct ctx *ctx, uint32_t file,
		unsigned advice, uint64_t pos, uint64_t len)
{
	struct file *f = file_at(c, file);
	const struct inode *inode = inode_at(c, f->inode);
	uint64_t last = !len || pos + len < pos ? UINT64_MAX : pos + len - 1;

	if (advice > FADV_NOREUSE)
		return EINVAL;
	/* generic_fadvise(): nothing to do without a backing device. */
	if (inode->kind != INODE_DISK && inode->kind != INODE_BLOCK)
		return 0;
	switch (advice) {
	case FADV_NORMAL:
	case FADV_SEQUENTIAL:
		f->ra_pages = bdi_ra_pages(c, inode);
		f->advice = 0;
		if (advice == FADV_SEQUENTIAL) {
			f->ra_pages *= 2;
			f->advice = FILE_SEQUENTIAL;
		}
		return 0;
	case FADV_RANDOM:
		f->advice = FILE_RANDOM;
		return 0;
	case FADV_WILLNEED:
		return will_need(c, ctx, file, pos, last);
	case FADV_DONTNEED:
		return dont_need(c, ctx, f->inode, pos, last);
	default:
		/* NOREUSE: only the multi-generation LRU looks at it. */
		return 0;
	}
}
