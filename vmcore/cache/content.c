// SPDX-License-Identifier: Apache-2.0
#include "vmcore/cache/content.h"

#include "vmcore/cache/extent.h"
#include "vmcore/cache/swap-internal.h"

/* Entries of inode.written: zeroes are told, too. */
#define KNOWN (1ull << 32)

/* Low bit set: never zero. The upper two bits tell classes apart. */
static uint32_t number(uint64_t hash, bool outside)
{
	return (uint32_t)(hash >> 34) | 1 | (outside ? CONTENT_OUTSIDE : 0);
}

/* What a page nobody wrote holds: rarely equal to another. */
static uint32_t at_first(const struct inode *inode, uint64_t index)
{
	uint64_t h = (inode->seed ^ index) * 0x9e3779b97f4a7c15u;

	if (inode->kind != INODE_DISK || index >= inode->made)
		return 0;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
	return number(h, inode->flags & INODE_OUTSIDE);
}

static uint32_t on_disk(const struct cache *c, const struct inode *inode,
			uint64_t index)
{
	uint32_t file = ID_NONE;
	uint64_t e, page;

	/* a disk shows what lies on it */
	if (inode->kind == INODE_BLOCK && disk_at(c, inode->disk)->extents)
		file = extent_find(c, inode->disk, index, &page);
	if (file) {
		inode = inode_at(c, file);
		index = page;
	}
	e = xa_load(&c->contents, &inode->written, index);
	return e ? (uint32_t)e : at_first(inode, index);
}

/* The disk has @content at page @index now. 0 or a host errno. */
static int store(struct cache *c, struct inode *inode, uint64_t index,
		 uint32_t content)
{
	bool differs = content != at_first(inode, index);
	uint32_t leaf;

	if (content && !content_outside(content))
		inode->flags |= INODE_NUMBERS;
	if (!differs && !xa_load(&c->contents, &inode->written, index))
		return 0;
	if (!differs) {
		xa_erase(&c->contents, &inode->written, index, NULL, NULL);
		return 0;
	}
	return xa_store(&c->contents, &inode->written, index, KNOWN | content,
			&leaf);
}

uint32_t content_new(const struct ctx *ctx, struct inode *inode)
{
	uint64_t h = inode->seed + ++inode->nr_writes;

	if (!ctx->outside)
		inode->flags |= INODE_NUMBERS;
	return number(h * 0x9e3779b97f4a7c15u, ctx->outside);
}

void content_read(struct cache *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	const struct inode *inode = inode_at(c, f->owner);
	uint64_t nr = frame_pages(f), first = f->index;

	for (uint64_t i = 0; i < nr; i++)
		f[i].content = on_disk(c, inode, first + i);
}

int content_written(struct cache *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	struct inode *inode = inode_at(c, f->owner);
	uint64_t nr = frame_pages(f), pages = inode_pages(inode);
	int r = extent_place(c, f->owner, pages), err;

	for (uint64_t i = 0; i < nr && f->index + i < pages; i++) {
		err = store(c, inode, f->index + i,
			    frame_at(c->phys, folio + (pfn_t)i)->content);
		r = err ? err : r;
	}
	return r;
}

int content_direct(struct cache *c, const struct ctx *ctx, uint32_t id,
		   uint64_t first, uint64_t last)
{
	struct inode *inode = inode_at(c, id);
	int r = extent_place(c, id, last + 1);

	for (uint64_t i = first; i <= last && !r; i++)
		r = store(c, inode, i, content_new(ctx, inode));
	return r;
}

void content_cut(struct cache *c, uint32_t id, uint64_t pages)
{
	struct inode *inode = inode_at(c, id);
	uint64_t i = pages, e;

	while ((i = xa_next(&c->contents, &inode->written, i, UINT64_MAX,
			    &e)) != XA_NONE)
		xa_erase(&c->contents, &inode->written, i++, NULL, NULL);
	extent_cut(c, id, pages);
	if (inode->made > pages)
		inode->made = pages;
	if (!pages)
		inode->flags &= ~(INODE_NUMBERS | INODE_OUTSIDE);
}

uint32_t cache_content(const struct cache *c, uint32_t id, uint64_t index)
{
	const struct inode *inode = inode_at(c, id);
	pfn_t folio = cache_find(c, id, index);
	const struct frame *f;
	swp_t swp;

	if (folio != PFN_NONE) {
		f = frame_at(c->phys, folio);
		if (f->word & PG_UPTODATE)
			return frame_at(c->phys,
					folio + (pfn_t)(index - f->index))
				->content;
	}
	if (inode->kind != INODE_SHMEM)
		return on_disk(c, inode, index);
	swp = folio == PFN_NONE ? shmem_swap_at(c, id, index) : 0;
	return swp ? swap_slot_at(c, swp)->content : 0;
}

bool cache_has_contents(const struct cache *c, uint32_t id)
{
	const struct inode *inode = inode_at(c, id);

	return inode->flags & INODE_NUMBERS ||
	       (inode->made && !(inode->flags & INODE_OUTSIDE));
}

void cache_outside(struct cache *c, uint32_t id)
{
	inode_at(c, id)->flags |= INODE_OUTSIDE;
}
