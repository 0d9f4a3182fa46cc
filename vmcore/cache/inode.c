// SPDX-License-Identifier: Apache-2.0
/* Files by name, and when they go: fs/inode.c, fs/dcache.c, mm/truncate.c. */
#include "vmcore/cache/cache-internal.h"
#include "vmcore/cache/extent.h"

#include <errno.h>
#include <string.h>

uint64_t hash_path(const char *path)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 0x100000001b3u;
	return h;
}

static uint32_t *bucket(struct cache *c, const char *path)
{
	const size_t nr = sizeof(c->hash) / sizeof(c->hash[0]);

	return &c->hash[hash_path(path) % nr];
}

uint32_t inode_find(const struct cache *c, const char *path)
{
	const size_t nr = sizeof(c->hash) / sizeof(c->hash[0]);
	uint32_t id = c->hash[hash_path(path) % nr];

	while (id && strcmp(inode_at(c, id)->path, path))
		id = inode_at(c, id)->hash_next;
	return id;
}

void inode_hash_add(struct cache *c, uint32_t id)
{
	struct inode *inode = inode_at(c, id);
	uint32_t *head = bucket(c, inode->path);

	inode->hash_next = *head;
	*head = id;
}

void inode_hash_del(struct cache *c, uint32_t id)
{
	struct inode *inode = inode_at(c, id);
	uint32_t *link = bucket(c, inode->path);

	while (*link != id)
		link = &inode_at(c, *link)->hash_next;
	*link = inode->hash_next;
	inode->hash_next = 0;
}

int inode_new(struct cache *c, const char *path, uint32_t kind,
	      uint32_t *ret_inode)
{
	struct inode *inode;
	uint32_t id;
	int r = pool_new(&c->inodes, &id);

	if (r)
		return r;
	inode = inode_at(c, id);
	strncpy(inode->path, path, sizeof(inode->path) - 1);
	inode->kind = kind;
	inode->flags = INODE_LIVE;
	inode->ino = kind == INODE_DISK ? c->next_ino++ : c->next_anon_ino++;
	inode->seed = hash_path(path);
	*ret_inode = id;
	return 0;
}

/* A block device has neither: its objects are the driver's. */
static bool has_objects(const struct inode *inode)
{
	return inode->kind != INODE_BLOCK;
}

static enum kmem_cache_id inode_cache(const struct inode *inode)
{
	switch ((enum inode_kind)inode->kind) {
	case INODE_DISK:
		return KMEM_EXT4_INODE;
	case INODE_HUGETLB:
		return KMEM_HUGETLBFS_INODE;
	default:
		return KMEM_SHMEM_INODE;
	}
}

void object_free(struct cache *c, struct ctx *ctx, uint32_t group, pfn_t slab)
{
	uint32_t own = ctx->group;

	ctx->group = group;
	kmem_free(c->kmem, ctx, slab);
	ctx->group = own;
}

static int new_object(struct cache *c, struct ctx *ctx, struct inode *inode)
{
	pfn_t slab;
	int r = kmem_alloc(c->kmem, ctx, inode_cache(inode), &slab);

	if (r)
		return r;
	r = lru_reserve(c, inode->disk, slab, ctx->group);
	if (r) {
		kmem_free(c->kmem, ctx, slab);
		return r;
	}
	inode->slab = slab;
	inode->group = ctx->group;
	return 0;
}

int inode_objects(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct inode *inode = inode_at(c, id);
	bool had = inode->slab != 0;
	int r = 0;

	if (!has_objects(inode))
		return 0;
	if (!had)
		r = new_object(c, ctx, inode);
	if (!r && !inode->dentry) {
		r = dentry_attach(c, ctx, id);
		if (r && !had)
			inode_evict(c, ctx, id);
	}
	return r;
}

/* truncate_inode_pages_range(): a folio that begins before @index, which could
 * not be split (folio_truncate()), stays if it is dirty. */
void inode_drop_pages(struct cache *c, struct ctx *ctx, uint32_t id,
		      uint64_t index)
{
	uint64_t i = index;
	pfn_t folio;

	while ((i = cache_next(c, id, i, UINT64_MAX, &folio)) != UINT64_MAX) {
		const struct frame *f = frame_at(c->phys, folio);
		bool part = f->index < index && f->word & PG_DIRTY;

		i = folio_end(f);
		if (part || folio_mapped(c->phys, folio))
			continue;
		folio_clear_dirty(c, folio, true);
		cache_remove(c, ctx, folio, false);
	}
	if (!index)
		shmem_swap_drop(c, ctx, id);
	shadows_drop(c, ctx, id, index, UINT64_MAX);
}

pfn_t inode_busy_folio(const struct cache *c, uint32_t id, uint64_t i)
{
	pfn_t folio;

	while ((i = cache_next(c, id, i, UINT64_MAX, &folio)) != UINT64_MAX) {
		const struct frame *f = frame_at(c->phys, folio);

		if (f->word & (PG_LOCKED | PG_WRITEBACK))
			return folio;
		i = folio_end(f);
	}
	return PFN_NONE;
}

static int make_anew(struct cache *c, struct ctx *ctx, const char *path,
		     uint32_t *ret_inode)
{
	bool tmpfs = path_is_tmpfs(path);
	struct inode *inode;
	uint32_t id;
	int r = inode_new(c, path, tmpfs ? INODE_SHMEM : INODE_DISK, &id);

	if (r)
		return r;
	inode = inode_at(c, id);
	if (tmpfs)
		inode->flags |= INODE_TMPFS;
	else
		inode->disk = disk_of_path(c, path);
	r = inode_objects(c, ctx, id);
	if (r) {
		pool_free(&c->inodes, id);
		return r;
	}
	inode_hash_add(c, id);
	c->nr_made++;
	*ret_inode = id;
	return 0;
}

int inode_make(struct cache *c, struct ctx *ctx, const char *path,
	       uint64_t size, uint32_t *ret_inode)
{
	uint32_t id = inode_find(c, path);
	pfn_t busy = PFN_NONE;
	int r;

	if (strlen(path) >= sizeof(((struct inode *)0)->path))
		return ENAMETOOLONG;
	if (size > MAX_BYTES)
		return EFBIG;
	if (id && inode_at(c, id)->kind == INODE_BLOCK)
		return EBUSY;
	if (id && swap_area_find(c, id))
		return ETXTBSY;
	if (id && inode_at(c, id)->nr_io)
		busy = inode_busy_folio(c, id, 0);
	if (busy != PFN_NONE)
		return io_wait(c, ctx, busy);
	r = id ? inode_objects(c, ctx, id) : make_anew(c, ctx, path, &id);
	if (r)
		return r;
	inode_drop_pages(c, ctx, id, 0);
	content_cut(c, id, 0);
	inode_at(c, id)->size = size;
	inode_at(c, id)->made = inode_pages(inode_at(c, id));
	r = extent_place(c, id, inode_at(c, id)->made);
	if (r)
		return r;
	dentry_put(c, id);
	*ret_inode = id;
	return 0;
}

void inode_release(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct inode *inode = inode_at(c, id);

	if (!(inode->flags & INODE_UNLINKED) || inode->refs || inode->nr_io)
		return;
	if (inode->kind == INODE_HUGETLB)
		hugetlb_drop(c, ctx, id);
	else
		inode_drop_pages(c, ctx, id, 0);
	if (inode->flags & INODE_ACCOUNTED)
		commit_uncharge(c->control, inode_pages(inode));
	inode_evict(c, ctx, id);
	shmem_policy_drop(c, id);
	content_cut(c, id, 0);
	pool_free(&c->inodes, id);
}

int inode_unlink(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct inode *inode = inode_at(c, id);

	if (inode->kind == INODE_BLOCK)
		return EBUSY;
	/* may_delete(): not what the kernel swaps to. */
	if (swap_area_find(c, id))
		return EPERM;
	if (!(inode->flags & INODE_UNLINKED)) {
		inode_hash_del(c, id);
		dentry_unlink(c, id);
	}
	inode->flags |= INODE_UNLINKED;
	inode_release(c, ctx, id);
	return 0;
}
