// SPDX-License-Identifier: Apache-2.0
/* Shrinkers: mm/shrinker.c, fs/super.c, mm/workingset.c. */
#include "vmcore/cache/shrink.h"

#include "vmcore/cache/cache-internal.h"

#define DEFAULT_SEEKS 2u
#define SB_BATCH      1024u
#define MAX_PASSES    64u

/* One shrinker's work on one list. */
struct scan {
	struct cache *c;
	struct ctx *ctx;
	uint32_t lru;
	int32_t priority;
};

static struct sb_lru *lru_at(const struct cache *c, uint32_t id)
{
	return pool_at(&c->sb_lrus, id);
}

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

/* do_shrink_slab() */
static uint64_t sb_shrink(const struct scan *s)
{
	uint64_t freeable = sb_count(s), freed = 0, scanned = 0;
	uint64_t deferred, delta, total;

	if (!freeable)
		return 0;
	deferred = lru_at(s->c, s->lru)->deferred;
	delta = (freeable >> s->priority) * 4 / DEFAULT_SEEKS;
	total = (deferred >> s->priority) + delta;
	if (total > 2 * freeable)
		total = 2 * freeable;
	while (total >= SB_BATCH || total >= freeable) {
		uint64_t nr = total < SB_BATCH ? total : SB_BATCH;

		freed += sb_scan(s, nr);
		vmstat_event(&s->c->phys->stat, SLABS_SCANNED, nr);
		ctx_pay(s->ctx, COST_SCAN_PAGE, nr);
		total -= nr;
		scanned += nr;
	}
	deferred = deferred + delta > scanned ? deferred + delta - scanned : 0;
	lru_at(s->c, s->lru)->deferred = deferred < 2 * freeable ? deferred
								 : 2 * freeable;
	return freed;
}

uint64_t shrink_slab(struct cache *c, struct ctx *ctx, uint32_t node,
		     uint32_t group, int32_t priority)
{
	uint64_t freed = 0;

	if (!group)
		group = GROUP_ROOT;
	for (uint32_t id = 1; id <= c->sb_lrus.top; id++) {
		struct scan s = { c, ctx, id, priority };

		if (lru_at(c, id)->node == node &&
		    lru_at(c, id)->group == group)
			freed += sb_shrink(&s);
	}
	return freed;
}

void drop_slab(struct cache *c, struct ctx *ctx)
{
	uint64_t freed;
	unsigned shift = 0;

	do {
		freed = 0;
		for (uint32_t id = 1; id <= c->sb_lrus.top; id++) {
			struct scan s = { c, ctx, id, 0 };

			freed += sb_shrink(&s);
		}
	} while (shift < MAX_PASSES && freed >> shift++ > 1);
	vmstat_event(&c->phys->stat, DROP_SLAB, 1);
}
