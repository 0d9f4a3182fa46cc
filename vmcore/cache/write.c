// SPDX-License-Identifier: Apache-2.0
/* write(2) to files on disks: generic_perform_write() (mm/filemap.c) and
 * ext4_da_write_begin() (fs/ext4/inode.c) as far as folios go. */
#include "vmcore/cache/cache-internal.h"

#include <errno.h>

#define STEP_BYTES 65536u

/* fgf_set_order(), then what the index allows (__filemap_get_folio()). */
static unsigned write_order(uint64_t index, uint64_t bytes)
{
	unsigned order = 0;

	while (order < MAX_FOLIO_ORDER &&
	       (uint64_t)PAGE_SIZE << (order + 1) <= bytes)
		order++;
	while (order && index & ((1u << order) - 1))
		order--;
	return order;
}

/* The folio that caches @index, new if need be. */
static int grab_folio(struct cache *c, struct ctx *ctx, uint32_t inode,
		      uint64_t index, uint64_t bytes, pfn_t *ret_folio)
{
	unsigned order = write_order(index, bytes);
	pfn_t folio = cache_find(c, inode, index);
	int r;

	if (folio != PFN_NONE) {
		*ret_folio = folio;
		return 0;
	}
	dirty_node_limits(c);
	for (;; order--) {
		uint32_t gfp = GFP_CACHE | GFP_BIT_WRITE;

		if (order)
			gfp |= GFP_BIT_NORETRY | GFP_BIT_NOWARN;
		r = folio_new(c, ctx, inode, index, order, gfp, 0, ret_folio);
		if (!order || (r != NEED_MEMORY && r != EEXIST))
			return r;
	}
}

/* Must the page at byte @pos be read before part of it is overwritten? Only
 * if the file has data there. */
static bool needs_read(const struct inode *inode, uint64_t pos, uint64_t end)
{
	uint64_t start = pos & PAGE_MASK;

	if (start >= inode->size)
		return false;
	return pos != start || (end < start + PAGE_SIZE && end < inode->size);
}

/* ext4_block_write_begin(): read the pages at both ends of [@pos, @end) that
 * it covers in part. Return: 0, WAIT_IO, host errno. */
static int read_edges(struct cache *c, struct ctx *ctx, pfn_t folio,
		      uint64_t pos, uint64_t end)
{
	struct frame *f = frame_at(c->phys, folio);
	const struct inode *inode = inode_at(c, f->owner);
	uint64_t last = (end - 1) & PAGE_MASK;
	bool head = needs_read(inode, pos, end);
	bool tail = last > pos && needs_read(inode, last, end);
	int r = 0;

	if (f->word & PG_UPTODATE)
		return 0;
	if (f->word & PG_LOCKED)
		return io_wait(c, ctx, folio);
	if (!head && !tail) {
		f->word |= PG_UPTODATE;
		return 0;
	}
	f->word |= PG_LOCKED;
	if (head)
		r = io_submit(c, ctx, f->owner, pos >> PAGE_SHIFT, 1, false);
	if (tail && !r)
		r = io_submit(c, ctx, f->owner, last >> PAGE_SHIFT, 1, false);
	if (!r && !(f->word & PG_UPTODATE))
		r = io_wait(c, ctx, folio);
	return r;
}

/* Pages [@first, @last] of the file have contents of their own now. */
static void new_contents(struct cache *c, const struct ctx *ctx, pfn_t folio,
			 uint64_t first, uint64_t last)
{
	const struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);

	for (uint64_t i = first; i <= last; i++)
		frame_at(c->phys, folio + (pfn_t)(i - f->index))->content =
			content_new(ctx, inode);
}

int folio_buffers(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	uint32_t own = ctx->group;
	int r;

	if (f->word & PG_PRIVATE || inode_at(c, f->owner)->kind == INODE_SHMEM)
		return 0;
	ctx->group = frame_group(f);
	r = kmem_alloc_many(c->kmem, ctx, KMEM_BUFFER_HEAD,
			    (uint32_t)frame_pages(f));
	ctx->group = own;
	if (!r)
		f->word |= PG_PRIVATE;
	return r;
}

void folio_drop_buffers(struct cache *c, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	uint32_t own = ctx->group;

	if (!(f->word & PG_PRIVATE))
		return;
	ctx->group = frame_group(f);
	kmem_free_many(c->kmem, ctx, KMEM_BUFFER_HEAD,
		       (uint32_t)frame_pages(f));
	ctx->group = own;
	f->word &= ~PG_PRIVATE;
}

/* As much of [@pos, @end) as one folio takes; its end in @ret_pos. */
static int write_folio(struct cache *c, struct ctx *ctx, uint32_t id,
		       uint64_t pos, uint64_t end, uint64_t *ret_pos)
{
	struct inode *inode = inode_at(c, id);
	uint64_t stop;
	pfn_t folio;
	int r = grab_folio(c, ctx, id, pos >> PAGE_SHIFT, end - pos, &folio);

	if (r)
		return r;
	stop = folio_end(frame_at(c->phys, folio)) << PAGE_SHIFT;
	if (stop > end)
		stop = end;
	r = folio_buffers(c, ctx, folio);
	if (!r)
		r = read_edges(c, ctx, folio, pos, stop);
	if (r)
		return r;
	new_contents(c, ctx, folio, pos >> PAGE_SHIFT,
		     (stop - 1) >> PAGE_SHIFT);
	folio_mark_dirty(c, ctx, folio);
	if (stop > inode->size)
		inode->size = stop;
	*ret_pos = stop;
	return 0;
}

int file_write(struct cache *c, struct ctx *ctx, uint32_t file, uint64_t pos,
	       uint32_t len, uint32_t *ret_len)
{
	uint32_t id = file_at(c, file)->inode;
	const struct inode *inode = inode_at(c, id);
	uint64_t at = pos, end;
	int r = 0;

	if (len > STEP_BYTES)
		len = STEP_BYTES;
	if (pos > MAX_BYTES - len)
		return EFBIG;
	/* generic_write_checks(): not into what the kernel swaps to. */
	if (inode->kind == INODE_DISK && c->swap.nr_active &&
	    swap_area_find(c, id))
		return ETXTBSY;
	if (inode->kind == INODE_SHMEM)
		return shmem_write(c, ctx, id, pos, len, ret_len);
	end = pos + len;
	if (inode->kind == INODE_BLOCK && end > inode->size)
		return ENOSPC;
	hold_want(ctx, id, pos >> PAGE_SHIFT,
		  (end + PAGE_SIZE - 1) >> PAGE_SHIFT);
	while (at < end && !r)
		r = write_folio(c, ctx, id, at, end, &at);
	if (r)
		return r;
	*ret_len = len;
	ctx_pay(ctx, COST_COPY_PAGE, (len + PAGE_SIZE - 1) / PAGE_SIZE);
	return 0;
}
