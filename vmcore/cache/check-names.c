// SPDX-License-Identifier: Apache-2.0
/* Names and the lists of what nobody uses, recounted. */
#include "vmcore/cache/cache-check.h"

static const struct dentry *dentry_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->dentries, id);
}

/* How many of each list say they are on it. */
static void check_lists(const struct cache_tally *t, uint32_t id)
{
	const struct cache *c = t->c;
	const struct sb_lru *l = pool_at(&c->sb_lrus, id);
	int64_t dentries = 0, inodes = 0;

	for (uint32_t d = l->dentries.head; d; d = dentry_at(c, d)->next) {
		cache_differ(t, "unused dentries, name", d, id,
			     dentry_at(c, d)->lru);
		if (++dentries > (int64_t)c->dentries.used)
			break;
	}
	for (uint32_t i = l->inodes.head; i; i = inode_at(c, i)->lru_next) {
		cache_differ(t, "unused inodes, inode", i, id,
			     inode_at(c, i)->lru);
		if (++inodes > (int64_t)c->inodes.used)
			break;
	}
	cache_differ(t, "unused dentries, list", id, dentries,
		     (int64_t)l->dentries.nr);
	cache_differ(t, "unused inodes, list", id, inodes,
		     (int64_t)l->inodes.nr);
}

void cache_check_names(const struct cache_tally *t)
{
	const struct cache *c = t->c;
	int64_t named = 0, negative = 0, listed = 0, on_lists = 0;

	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		const struct inode *inode = inode_at(c, id);

		if (!inode_used(inode) || !inode->dentry)
			continue;
		named++;
		cache_differ(t, "name of inode", id, id,
			     dentry_at(c, inode->dentry)->inode);
	}
	for (uint32_t id = 1; id <= c->dentries.top; id++) {
		const struct dentry *d = dentry_at(c, id);

		if (!(d->flags & DENTRY_LIVE))
			continue;
		negative += !d->inode;
		listed += (d->flags & DENTRY_LRU) != 0;
		cache_differ(t, "slab object, name", id, 1, d->slab != 0);
	}
	for (uint32_t id = 1; id <= c->sb_lrus.top; id++) {
		const struct sb_lru *l = pool_at(&c->sb_lrus, id);

		on_lists += (int64_t)l->dentries.nr;
		check_lists(t, id);
	}
	cache_differ(t, "names, all", 0, named + negative,
		     (int64_t)c->dentries.used);
	cache_differ(t, "negative names", 0, negative, (int64_t)c->nr_negative);
	cache_differ(t, "names on lists", 0, listed, on_lists);
}
