// SPDX-License-Identifier: Apache-2.0
/* tmpfs, shared anonymous memory, SysV segments: mm/shmem.c. */
#include "vmcore/cache/cache-internal.h"

#include <errno.h>
#include <string.h>

bool path_is_tmpfs(const char *path)
{
	return !strncmp(path, "/dev/shm/", 9) || !strncmp(path, "/tmpfs/", 7);
}

/* shmem_inode_acct_blocks(): what is not charged as a whole is page by page;
 * a tmpfs holds at most half of memory. */
int shmem_account(struct cache *c, const struct inode *inode, uint64_t nr)
{
	bool tmpfs = inode->flags & INODE_TMPFS;

	if (tmpfs && c->tmpfs_pages + nr > phys_total_pages(c->phys) / 2)
		return ENOSPC;
	if (!(inode->flags & INODE_ACCOUNTED) &&
	    commit_charge(c->control, nr, 0, false))
		return ENOSPC;
	c->tmpfs_pages += tmpfs ? nr : 0;
	return 0;
}

void shmem_pages_gone(struct cache *c, const struct inode *inode, uint64_t nr)
{
	if (!(inode->flags & INODE_ACCOUNTED))
		commit_uncharge(c->control, nr);
	c->tmpfs_pages -= inode->flags & INODE_TMPFS ? nr : 0;
}

/* A page for a hole. Not uptodate yet: so it stays told from one that was
 * there, however often the step is repeated. 0, ENOSPC, NEED_*, host. */
static int new_page(struct cache *c, struct ctx *ctx, uint32_t id,
		    uint64_t index, pfn_t *ret_folio)
{
	const struct inode *inode = inode_at(c, id);
	int r = shmem_account(c, inode, 1);

	if (r)
		return r;
	r = shmem_folio_new(c, ctx, id, index, 0, GFP_HIGHUSER_MOVABLE,
			    ret_folio);
	if (r)
		shmem_pages_gone(c, inode, 1);
	else
		ctx_pay(ctx, COST_ZERO_PAGE, 1);
	return r;
}

int shmem_new_large(struct cache *c, struct ctx *ctx, uint32_t id,
		    uint64_t index, unsigned order, uint32_t gfp,
		    pfn_t *ret_folio)
{
	const struct inode *inode = inode_at(c, id);
	uint64_t nr = 1ull << order, first = index & ~(nr - 1), e;
	int r;

	if (xa_next(&c->nodes, &inode->pages, first, first + nr, &e) != XA_NONE)
		return EEXIST;
	r = shmem_account(c, inode, nr);
	if (r)
		return r;
	r = shmem_folio_new(c, ctx, id, first, order, gfp, ret_folio);
	if (r) {
		shmem_pages_gone(c, inode, nr);
		return r;
	}
	frame_at(c->phys, *ret_folio)->word |= PG_UPTODATE;
	ctx_pay(ctx, COST_ZERO_PAGE, nr);
	return 0;
}

int shmem_fault(struct cache *c, struct ctx *ctx, uint32_t inode,
		uint64_t index, pfn_t *ret_folio, bool *ret_major)
{
	pfn_t folio = cache_find(c, inode, index);
	bool major = false;
	int r = 0;

	if (folio == PFN_NONE && shmem_swap_at(c, inode, index))
		r = shmem_swap_in(c, ctx, inode, index, &folio, &major);
	else if (folio == PFN_NONE)
		r = new_page(c, ctx, inode, index, &folio);
	if (major) {
		vmstat_event(&c->phys->stat, PGMAJFAULT, 1);
		group_event(c->control, ctx->group, PGMAJFAULT, 1);
		*ret_major = true;
	}
	if (r)
		return r == ENOSPC ? FAULT_SIGBUS : r;
	frame_at(c->phys, folio)->word |= PG_UPTODATE;
	*ret_folio = folio;
	return 0;
}

/* What is in swap of pages [@first, @end) must be here to be used. */
static int bring_back(struct cache *c, struct ctx *ctx, uint32_t id,
		      uint64_t first, uint64_t end)
{
	bool major = false;
	pfn_t folio;
	swp_t swp;

	while ((first = shmem_next_swap(c, id, first, end, &swp)) !=
	       UINT64_MAX) {
		int r = shmem_swap_in(c, ctx, id, first, &folio, &major);

		if (r)
			return r;
		first++;
	}
	return 0;
}

/* shmem_file_read_iter(): holes stay holes; a page counts as used when its
 * first byte is read. */
int shmem_read(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t pos,
	       uint32_t len, uint32_t *ret_len)
{
	const struct inode *inode = inode_at(c, id);
	uint64_t end = pos + len;
	int r;

	if (end > inode->size)
		end = inode->size;
	if (pos >= end) {
		*ret_len = 0;
		return 0;
	}
	r = bring_back(c, ctx, id, pos >> PAGE_SHIFT,
		       (end + PAGE_SIZE - 1) >> PAGE_SHIFT);
	if (r)
		return r;
	for (uint64_t i = (pos + PAGE_SIZE - 1) >> PAGE_SHIFT;
	     i << PAGE_SHIFT < end; i++) {
		pfn_t folio = cache_find(c, id, i);

		if (folio != PFN_NONE)
			lru_mark_accessed(c->control, folio);
	}
	*ret_len = (uint32_t)(end - pos);
	ctx_pay(ctx, COST_COPY_PAGE, (*ret_len + PAGE_SIZE - 1) / PAGE_SIZE);
	return 0;
}

/* shmem_write_begin(), shmem_write_end() of one page that is there. */
static void write_page(struct cache *c, struct ctx *ctx, struct inode *inode,
		       uint64_t index, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (f->word & PG_UPTODATE)
		lru_mark_accessed(c->control, folio);
	else
		f->word |= PG_UPTODATE | PG_REFERENCED;
	folio_mark_dirty(c, ctx, folio);
	f[index - f->index].content = content_new(ctx, inode);
}

int shmem_write(struct cache *c, struct ctx *ctx, uint32_t id, uint64_t pos,
		uint32_t len, uint32_t *ret_len)
{
	struct inode *inode = inode_at(c, id);
	uint64_t first = pos >> PAGE_SHIFT, end = pos + len, last;
	pfn_t folio;
	int r;

	if (!len) {
		*ret_len = 0;
		return 0;
	}
	last = (end - 1) >> PAGE_SHIFT;
	r = bring_back(c, ctx, id, first, last + 1);
	if (r)
		return r;
	for (uint64_t i = first; i <= last; i++) {
		r = 0;
		if (cache_find(c, id, i) == PFN_NONE)
			r = new_page(c, ctx, id, i, &folio);
		if (r == ENOSPC && i > first) {
			end = i << PAGE_SHIFT;
			last = i - 1;
		} else if (r) {
			return r;
		}
	}
	for (uint64_t i = first; i <= last; i++)
		write_page(c, ctx, inode, i, cache_find(c, id, i));
	if (end > inode->size)
		inode->size = end;
	*ret_len = (uint32_t)(end - pos);
	ctx_pay(ctx, COST_COPY_PAGE, last - first + 1);
	return 0;
}

int shmem_new(struct cache *c, struct ctx *ctx, const char *path, uint64_t size,
	      uint32_t flags, bool account, uint32_t *ret_inode)
{
	uint64_t pages = (size >> PAGE_SHIFT) + (size % PAGE_SIZE != 0);
	struct inode *inode;
	uint32_t id;
	int r = 0;

	if (account)
		r = commit_charge(c->control, pages, 0, false);
	if (r)
		return r;
	r = inode_new(c, path, INODE_SHMEM, &id);
	if (!r) {
		inode = inode_at(c, id);
		inode->flags |= INODE_UNLINKED;
		r = inode_objects(c, ctx, id);
		if (r)
			pool_free(&c->inodes, id);
	}
	if (r) {
		if (account)
			commit_uncharge(c->control, pages);
		return r;
	}
	inode->size = size;
	inode->flags |= flags;
	if (account)
		inode->flags |= INODE_ACCOUNTED;
	*ret_inode = id;
	return 0;
}
