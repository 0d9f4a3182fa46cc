// SPDX-License-Identifier: Apache-2.0
/* O_DIRECT: iomap_dio_rw() (fs/iomap/direct-io.c). */
#include "vmcore/cache/names.h"

#include <errno.h>

#include "vmcore/cache/cache-internal.h"

enum { STAGE_CLEAN, STAGE_WAIT, STAGE_DONE };

/* What the cache has of the range goes out first, and for a write it goes:
 * kiocb_write_and_wait(), kiocb_invalidate_pages(). */
static int clean_range(struct cache *c, struct ctx *ctx, uint32_t id,
		       uint64_t first, uint64_t last, bool write,
		       struct direct_at *at, folio_clean *clean, void *arg)
{
	int r = 0;

	if (inode_at(c, id)->nr_dirty || inode_at(c, id)->nr_writeback)
		r = pages_sync(c, ctx, id, first, last, &at->sync, clean, arg);
	if (!r && write)
		cache_invalidate(c, ctx, id, first, last);
	return r;
}

static int check_range(const struct inode *inode, uint64_t pos, uint32_t *len,
		       bool write)
{
	if (*len > DIRECT_BYTES)
		*len = DIRECT_BYTES;
	if (pos > MAX_BYTES - *len)
		return write ? EFBIG : 0;
	if (write && inode->kind == INODE_BLOCK && pos + *len > inode->size)
		return ENOSPC;
	if (!write && pos + *len > inode->size)
		*len = pos < inode->size ? (uint32_t)(inode->size - pos) : 0;
	return 0;
}

int file_direct(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t pos,
		uint32_t len, bool write, struct direct_at *at,
		folio_clean *clean, void *arg, uint32_t *ret_len)
{
	uint32_t id = file_at(c, file)->inode;
	struct inode *inode = inode_at(c, id);
	uint64_t first = pos >> PAGE_SHIFT, last;
	int r = check_range(inode, pos, &len, write);

	if (r)
		return r;
	*ret_len = len;
	if (!len)
		return 0;
	last = (pos + len - 1) >> PAGE_SHIFT;
	if (at->stage == STAGE_CLEAN) {
		r = clean_range(c, ctx, id, first, last, write, at, clean, arg);
		if (r)
			return r;
		at->stage = STAGE_WAIT;
		r = io_direct(c, ctx, id, first, last - first + 1, write);
		if (r)
			return r;
	}
	if (write)
		r = content_direct(c, ctx, id, first, last);
	if (r)
		return r;
	if (write && pos + len > inode->size)
		inode->size = pos + len;
	*at = (struct direct_at){ 0 };
	return 0;
}
