// SPDX-License-Identifier: Apache-2.0
/* Shrinkers: mm/shrinker.c, fs/super.c, mm/workingset.c. */
#include "vmcore/cache/shrink.h"

#include "vmcore/cache/cache-internal.h"

/* One shrinker's work on one list. */
struct scan {
	struct cache *c;
	struct ctx *ctx;
	uint32_t lru; /* or, 0: the journal of a disk */
	uint32_t disk;
	int32_t priority;
};

struct shrinker {
	uint64_t (*count)(const struct scan *s);
	uint64_t (*scan)(const struct scan *s, uint64_t nr); /* freed */
	uint32_t seeks, batch;
};

/* super_cache_count(), with vfs_pressure_ratio() */
static uint64_t sb_count(const struct scan *s)
{
	const struct sb_lru *l = lru_at(s->c, s->lru);
	uint64_t pressure = (uint64_t)s->c->vfs_cache_pressure;

	return (l->dentries.nr + l->inodes.nr) * pressure /
	       (uint64_t)s->c->vfs_cache_pressure_denom;
}

/* super_cache_scan(): dentries first, for they hold inodes. */
static uint64_t sb_scan(const struct scan *s, uint64_t nr)
{
	const struct sb_lru *l = lru_at(s->c, s->lru);
	uint64_t total = l->dentries.nr + l->inodes.nr + 1;
	uint64_t dentries = nr * l->dentries.nr / total;
	uint64_t inodes = nr * l->inodes.nr / total;
	uint64_t freed = dentry_prune(s->c, s->ctx, s->lru, dentries + 1);

	return freed + inode_prune(s->c, s->ctx, s->lru, inodes + 1);
}

/* Memory that shadows could stand for: what the group has on the node. */
static uint64_t group_pages(const struct cache *c, const struct sb_lru *l)
{
	const struct group *g = group_at(c->control, l->group);
	const int64_t *stat = c->phys->stat.node[l->node];
	uint64_t pages = 0;

	for (unsigned i = 0; i < NR_LRU; i++)
		pages += g->lruvec[l->node].list[i].nr;
	if (l->group > GROUP_ROOT)
		return pages +
		       ((g->slab_bytes[0] + g->slab_bytes[1]) >> PAGE_SHIFT);
	return pages + (uint64_t)(stat[NR_SLAB_RECLAIMABLE] +
				  stat[NR_SLAB_UNRECLAIMABLE]);
}

/* count_shadow_nodes(): a leaf for eight pages in use is enough. */
static uint64_t shadow_count(const struct scan *s)
{
	const struct sb_lru *l = lru_at(s->c, s->lru);
	uint64_t enough = group_pages(s->c, l) >> (XA_SHIFT - 3);

	return l->nodes.nr > enough ? l->nodes.nr - enough : 0;
}

static uint64_t shadow_scan(const struct scan *s, uint64_t nr)
{
	uint64_t freed = 0;
	uint32_t id;

	for (; freed < nr && (id = lru_at(s->c, s->lru)->nodes.head); freed++)
		tree_drop_leaf(s->c, s->ctx, id);
	return freed;
}

static uint64_t heads_count(const struct scan *s)
{
	return journal_count(s->c, s->disk);
}

static uint64_t heads_scan(const struct scan *s, uint64_t nr)
{
	return journal_scan(s->c, s->ctx, s->disk, nr);
}

static const struct shrinker sb_shrinker = { sb_count, sb_scan, 2, 1024 };
static const struct shrinker shadow_shrinker = { shadow_count, shadow_scan, 0,
						 128 };

/* do_shrink_slab() */
static uint64_t do_shrink(const struct scan *s, const struct shrinker *k,
			  uint64_t *ret_deferred)
{
	uint64_t freeable = k->count(s), freed = 0, scanned = 0;
	uint64_t deferred = *ret_deferred, delta, total;

	if (!freeable)
		return 0;
	delta = k->seeks ? (freeable >> s->priority) * 4 / k->seeks
			 : freeable / 2;
	total = (deferred >> s->priority) + delta;
	if (total > 2 * freeable)
		total = 2 * freeable;
	while (total >= k->batch || total >= freeable) {
		uint64_t nr = total < k->batch ? total : k->batch;

		freed += k->scan(s, nr);
		vmstat_event(&s->c->phys->stat, SLABS_SCANNED, nr);
		ctx_pay(s->ctx, COST_SCAN_PAGE, nr);
		total -= nr;
		scanned += nr;
	}
	deferred = deferred + delta > scanned ? deferred + delta - scanned : 0;
	*ret_deferred = deferred < 2 * freeable ? deferred : 2 * freeable;
	return freed;
}

static uint64_t shrink(const struct scan *s)
{
	struct sb_lru *l = lru_at(s->c, s->lru);

	return do_shrink(
		s, l->disk == LRU_SHADOWS ? &shadow_shrinker : &sb_shrinker,
		&l->deferred);
}

/* The journals, which know neither nodes nor groups. */
static uint64_t shrink_journals(struct cache *c, struct ctx *ctx,
				int32_t priority)
{
	uint64_t freed = 0;

	for (uint32_t id = 1; id <= c->disks.top; id++) {
		const struct shrinker k = { heads_count, heads_scan, 2,
					    journal_batch(c, id) };
		struct scan s = { c, ctx, 0, id, priority };

		freed += do_shrink(&s, &k, &disk_at(c, id)->journal.deferred);
	}
	return freed;
}

uint64_t shrink_slab(struct cache *c, struct ctx *ctx, uint32_t node,
		     uint32_t group, int32_t priority)
{
	uint64_t freed = 0;

	if (!group)
		group = GROUP_ROOT;
	for (uint32_t id = 1; id <= c->sb_lrus.top; id++) {
		struct scan s = { c, ctx, id, 0, priority };

		if (lru_at(c, id)->node == node &&
		    lru_at(c, id)->group == group)
			freed += shrink(&s);
	}
	if (!node && group == GROUP_ROOT)
		freed += shrink_journals(c, ctx, priority);
	return freed;
}

/* Again while a pass frees enough, ever more of it. */
void drop_slab(struct cache *c, struct ctx *ctx)
{
	unsigned shift = 0;
	uint64_t freed;

	do {
		freed = shrink_journals(c, ctx, 0);
		for (uint32_t id = 1; id <= c->sb_lrus.top; id++) {
			struct scan s = { c, ctx, id, 0, 0 };

			freed += shrink(&s);
		}
	} while (freed >> shift++ > 1);
	vmstat_event(&c->phys->stat, DROP_SLAB, 1);
}
