// SPDX-License-Identifier: Apache-2.0
/* Names and inodes nobody uses: fs/dcache.c, fs/inode.c, mm/list_lru.c. */
#include "vmcore/cache/cache-internal.h"

#include <errno.h>

static struct dentry *dentry_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->dentries, id);
}

/* --- lists ------------------------------------------------------------------
 */
/* The lists for an object of @slab, 0 if there are none yet. */
uint32_t lru_of(const struct cache *c, uint32_t disk, pfn_t slab,
		uint32_t group)
{
	uint32_t node = pfn_node(c->phys, slab);

	for (uint32_t id = 1; id <= c->sb_lrus.top; id++) {
		const struct sb_lru *l = lru_at(c, id);

		if (l->disk == disk && l->node == node &&
		    l->group == (group ? group : GROUP_ROOT))
			return id;
	}
	return 0;
}

int lru_reserve(struct cache *c, uint32_t disk, pfn_t slab, uint32_t group)
{
	uint32_t id;
	int r;

	if (lru_of(c, disk, slab, group))
		return 0;
	r = pool_new(&c->sb_lrus, &id);
	if (r)
		return r;
	lru_at(c, id)->disk = disk;
	lru_at(c, id)->node = pfn_node(c->phys, slab);
	lru_at(c, id)->group = group ? group : GROUP_ROOT;
	return 0;
}

static void dentry_lru_del(struct cache *c, uint32_t id)
{
	struct dentry *d = dentry_at(c, id);
	struct lru_ids *l = &lru_at(c, d->lru)->dentries;

	if (d->prev)
		dentry_at(c, d->prev)->next = d->next;
	else
		l->head = d->next;
	if (d->next)
		dentry_at(c, d->next)->prev = d->prev;
	else
		l->tail = d->prev;
	l->nr--;
	d->next = d->prev = d->lru = 0;
	d->flags &= ~DENTRY_LRU;
}

static void dentry_lru_add(struct cache *c, uint32_t id)
{
	struct dentry *d = dentry_at(c, id);
	struct lru_ids *l;

	d->lru = lru_of(c, d->disk, d->slab, d->group);
	l = &lru_at(c, d->lru)->dentries;
	d->prev = l->tail;
	if (l->tail)
		dentry_at(c, l->tail)->next = id;
	else
		l->head = id;
	l->tail = id;
	l->nr++;
	d->flags |= DENTRY_LRU;
}

static void inode_lru_del(struct cache *c, struct inode *inode)
{
	struct lru_ids *l = &lru_at(c, inode->lru)->inodes;

	if (inode->lru_prev)
		inode_at(c, inode->lru_prev)->lru_next = inode->lru_next;
	else
		l->head = inode->lru_next;
	if (inode->lru_next)
		inode_at(c, inode->lru_next)->lru_prev = inode->lru_prev;
	else
		l->tail = inode->lru_prev;
	l->nr--;
	inode->lru = inode->lru_next = inode->lru_prev = 0;
}

static void inode_lru_append(struct cache *c, uint32_t id)
{
	struct inode *inode = inode_at(c, id);
	struct lru_ids *l;

	inode->lru = lru_of(c, inode->disk, inode->slab, inode->group);
	l = &lru_at(c, inode->lru)->inodes;
	inode->lru_prev = l->tail;
	if (l->tail)
		inode_at(c, l->tail)->lru_next = id;
	else
		l->head = id;
	l->tail = id;
	l->nr++;
}

/* --- inodes -----------------------------------------------------------------
 */
/* Nobody needs it: no name, no user, and no pages but a lone shadow entry
 * (mapping_shrinkable()). Names of a tmpfs are all there is of a file. */
static bool inode_unused(const struct inode *inode)
{
	return inode_used(inode) && inode->kind == INODE_DISK && inode->slab &&
	       !inode->dentry && !inode->refs && !inode->nr_cached &&
	       !inode->nr_io && !inode->pages.root;
}

void inode_lru_add(struct cache *c, uint32_t id, bool rotate)
{
	struct inode *inode = inode_at(c, id);

	if (!inode_unused(inode))
		return;
	if (!inode->lru)
		inode_lru_append(c, id);
	else if (rotate)
		inode->flags |= INODE_REFERENCED;
}

void inode_evict(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct inode *inode = inode_at(c, id);

	if (inode->lru)
		inode_lru_del(c, inode);
	inode->flags &= ~INODE_REFERENCED;
	if (inode->dentry)
		dentry_free(c, ctx, inode->dentry);
	if (inode->slab)
		object_free(c, ctx, inode->group, inode->slab);
	inode->slab = 0;
	inode->group = 0;
}

/* prune_icache_sb(): up to @nr from the list's head. */
uint64_t inode_prune(struct cache *c, struct ctx *ctx, uint32_t lru,
		     uint64_t nr)
{
	uint64_t freed = 0;
	uint32_t id;

	for (; nr && (id = lru_at(c, lru)->inodes.head); nr--) {
		struct inode *inode = inode_at(c, id);

		inode_lru_del(c, inode);
		if (!inode_unused(inode))
			continue;
		if (inode->flags & INODE_REFERENCED) {
			inode->flags &= ~INODE_REFERENCED;
			inode_lru_append(c, id);
			continue;
		}
		shadows_drop(c, ctx, id, 0, 0);
		inode_evict(c, ctx, id);
		freed++;
	}
	return freed;
}

/* --- dentries ---------------------------------------------------------------
 */
static uint32_t *bucket(struct cache *c, uint64_t hash)
{
	const size_t nr = sizeof(c->negative) / sizeof(c->negative[0]);

	return &c->negative[hash % nr];
}

static void negative_del(struct cache *c, uint32_t id)
{
	struct dentry *d = dentry_at(c, id);
	uint32_t *link = bucket(c, d->hash);

	while (*link != id)
		link = &dentry_at(c, *link)->hash_next;
	*link = d->hash_next;
	d->hash_next = 0;
	c->nr_negative--;
}

static void negative_add(struct cache *c, uint32_t id)
{
	struct dentry *d = dentry_at(c, id);
	uint32_t *head = bucket(c, d->hash);

	d->inode = 0;
	d->hash_next = *head;
	*head = id;
	c->nr_negative++;
}

static uint32_t negative_find(const struct cache *c, uint64_t hash)
{
	const size_t nr = sizeof(c->negative) / sizeof(c->negative[0]);
	uint32_t id = c->negative[hash % nr];

	while (id && dentry_at(c, id)->hash != hash)
		id = dentry_at(c, id)->hash_next;
	return id;
}

static int dentry_new(struct cache *c, struct ctx *ctx, uint64_t hash,
		      uint32_t disk, uint32_t *ret_id)
{
	struct dentry *d;
	uint32_t id;
	pfn_t slab;
	int r = kmem_alloc(c->kmem, ctx, KMEM_DENTRY, &slab);

	if (r)
		return r;
	r = lru_reserve(c, disk, slab, ctx->group);
	if (!r)
		r = pool_new(&c->dentries, &id);
	if (r) {
		kmem_free(c->kmem, ctx, slab);
		return r;
	}
	d = dentry_at(c, id);
	d->hash = hash;
	d->slab = slab;
	d->group = ctx->group;
	d->disk = disk;
	d->flags = DENTRY_LIVE;
	*ret_id = id;
	return 0;
}

int dentry_attach(struct cache *c, struct ctx *ctx, uint32_t inode)
{
	struct inode *i = inode_at(c, inode);
	uint64_t hash = hash_path(i->path);
	bool named = !(i->flags & INODE_UNLINKED);
	uint32_t id = named && i->kind == INODE_DISK ? negative_find(c, hash)
						     : 0;
	int r;

	if (id) {
		negative_del(c, id);
	} else {
		r = dentry_new(c, ctx, hash, i->disk, &id);
		if (r)
			return r;
	}
	dentry_at(c, id)->inode = inode;
	i->dentry = id;
	return 0;
}

/* dput() by the last user: on the list, and referenced if it was there. */
static void unused(struct cache *c, uint32_t id)
{
	if (dentry_at(c, id)->flags & DENTRY_LRU)
		dentry_at(c, id)->flags |= DENTRY_REFERENCED;
	else
		dentry_lru_add(c, id);
}

void dentry_put(struct cache *c, uint32_t inode)
{
	const struct inode *i = inode_at(c, inode);

	if (i->kind == INODE_DISK && i->dentry && !i->refs &&
	    !(i->flags & INODE_UNLINKED))
		unused(c, i->dentry);
}

void dentry_free(struct cache *c, struct ctx *ctx, uint32_t id)
{
	struct dentry *d = dentry_at(c, id);

	if (d->flags & DENTRY_LRU)
		dentry_lru_del(c, id);
	if (d->inode)
		inode_at(c, d->inode)->dentry = 0;
	else
		negative_del(c, id);
	object_free(c, ctx, d->group, d->slab);
	pool_free(&c->dentries, id);
}

/* d_delete(): the name of a file nobody has open stays, negative. */
void dentry_unlink(struct cache *c, uint32_t inode)
{
	struct inode *i = inode_at(c, inode);
	uint32_t id = i->dentry;

	if (!id || i->kind != INODE_DISK || i->refs)
		return;
	i->dentry = 0;
	negative_add(c, id);
	unused(c, id);
}

/* prune_dcache_sb(): up to @nr from the list's head; what was used since it
 * came there goes to the tail once. */
uint64_t dentry_prune(struct cache *c, struct ctx *ctx, uint32_t lru,
		      uint64_t nr)
{
	uint64_t freed = 0;
	uint32_t id;

	for (; nr && (id = lru_at(c, lru)->dentries.head); nr--) {
		struct dentry *d = dentry_at(c, id);
		uint32_t inode = d->inode;

		dentry_lru_del(c, id);
		if (inode && inode_at(c, inode)->refs)
			continue;
		if (d->flags & DENTRY_REFERENCED) {
			d->flags &= ~DENTRY_REFERENCED;
			dentry_lru_add(c, id);
			continue;
		}
		dentry_free(c, ctx, id);
		if (inode)
			inode_lru_add(c, inode, true);
		freed++;
	}
	return freed;
}

/* d_move() */
void dentry_move(struct cache *c, struct ctx *ctx, uint32_t inode)
{
	const struct inode *i = inode_at(c, inode);
	uint64_t hash = hash_path(i->path);
	uint32_t old = negative_find(c, hash);

	if (old)
		dentry_free(c, ctx, old);
	if (i->dentry)
		dentry_at(c, i->dentry)->hash = hash;
}

int dentry_state(const struct cache *c, uint32_t inode, const char *path)
{
	uint32_t id = inode ? inode_at(c, inode)->dentry
			    : negative_find(c, hash_path(path));
	const struct dentry *d = id ? dentry_at(c, id) : NULL;

	if (!d)
		return 0;
	if (inode && inode_at(c, inode)->refs)
		return 2;
	return d->flags & DENTRY_LRU && d->flags & DENTRY_REFERENCED ? 2 : 1;
}

/* --- looking up -------------------------------------------------------------
 */
int path_lookup(struct cache *c, struct ctx *ctx, const char *path)
{
	uint32_t inode = inode_find(c, path), id;
	uint64_t hash = hash_path(path);
	int r;

	if (inode) {
		r = inode_objects(c, ctx, inode);
		if (!r)
			dentry_put(c, inode);
		return r;
	}
	if (path_is_tmpfs(path))
		return ENOENT;
	id = negative_find(c, hash);
	if (!id) {
		r = dentry_new(c, ctx, hash, disk_of_path(c, path), &id);
		if (r)
			return r;
		negative_add(c, id);
	}
	unused(c, id);
	return ENOENT;
}

void dcache_count(const struct cache *c, struct dcache_count *ret_count)
{
	*ret_count = (struct dcache_count){ .negative = c->nr_negative };
	for (uint32_t id = 1; id <= c->sb_lrus.top; id++) {
		ret_count->dentries += lru_at(c, id)->dentries.nr;
		ret_count->inodes += lru_at(c, id)->inodes.nr;
	}
}
