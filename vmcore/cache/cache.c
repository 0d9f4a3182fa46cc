// SPDX-License-Identifier: Apache-2.0
/* The floor as a whole: knobs, begin, end, saving. */
#include "vmcore/cache/cache-internal.h"
#include "vmcore/cache/extent.h"
#include "vmcore/cache/swap-internal.h"

#include <string.h>

#define ROW(field) .off = offsetof(struct cache, field)
#define PRESSURE   "share of dentries and inodes offered for reclaim"

const struct knob cache_knobs[] = {
	{ .name = "dirty_background_bytes",
	  ROW(dirty_background_bytes),
	  .type = KNOB_ULONG,
	  .mode = 0644,
	  .len = 1,
	  .min = 1,
	  .max = -1,
	  .hook = CACHE_HOOK_BG_BYTES,
	  .unit = "bytes",
	  .doc = "dirty memory that starts writeback, in place of the ratio",
	  .source = "mm/page-writeback.c" },
	{ .name = "dirty_background_ratio",
	  ROW(dirty_background_ratio),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = 100,
	  .def = 10,
	  .hook = CACHE_HOOK_BG_RATIO,
	  .unit = "%",
	  .doc = "dirty share of dirtyable memory that starts writeback",
	  .source = "mm/page-writeback.c" },
	{ .name = "dirty_bytes",
	  ROW(dirty_bytes),
	  .type = KNOB_ULONG,
	  .mode = 0644,
	  .len = 1,
	  .min = 2 * PAGE_SIZE,
	  .max = -1,
	  .hook = CACHE_HOOK_DIRTY_BYTES,
	  .unit = "bytes",
	  .doc = "dirty memory that stops writers, in place of the ratio",
	  .source = "mm/page-writeback.c" },
	{ .name = "dirty_expire_centisecs",
	  ROW(dirty_expire_centisecs),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = INT32_MAX,
	  .def = 3000,
	  .unit = "cs",
	  .doc = "age at which dirty data is written",
	  .source = "mm/page-writeback.c" },
	{ .name = "dirty_ratio",
	  ROW(dirty_ratio),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = 100,
	  .def = 20,
	  .hook = CACHE_HOOK_DIRTY_RATIO,
	  .unit = "%",
	  .doc = "dirty share of dirtyable memory that stops writers",
	  .source = "mm/page-writeback.c" },
	{ .name = "dirty_writeback_centisecs",
	  ROW(dirty_writeback_centisecs),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .min = INT32_MIN,
	  .max = INT32_MAX,
	  .def = 500,
	  .hook = CACHE_HOOK_WRITEBACK,
	  .unit = "cs",
	  .doc = "how often old dirty data is looked for; 0 never",
	  .source = "mm/page-writeback.c" },
	{ .name = "dirtytime_expire_seconds",
	  ROW(dirtytime_expire_seconds),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = INT32_MAX,
	  .def = 43200,
	  .unit = "s",
	  .doc = "age at which an inode with only new times is written",
	  .source = "fs/fs-writeback.c" },
	/* Kept in jiffies: 250 of them a second must fit an int. */
	{ .name = "laptop_mode",
	  ROW(laptop_mode),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .min = -INT32_MAX / 250,
	  .max = INT32_MAX / 250,
	  .unit = "s",
	  .doc = "write everything so long after a read; 0 off",
	  .source = "mm/page-writeback.c" },
	{ .name = "page-cluster",
	  ROW(page_cluster),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = 31,
	  .def = 3,
	  .unit = "log2 pages",
	  .doc = "pages read from swap at once",
	  .source = "mm/swap.c" },
	{ .name = "vfs_cache_pressure",
	  ROW(vfs_cache_pressure),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = INT32_MAX,
	  .def = 100,
	  .unit = "weight",
	  .doc = PRESSURE,
	  .source = "fs/dcache.c" },
	{ .name = "vfs_cache_pressure_denom",
	  ROW(vfs_cache_pressure_denom),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .min = 100,
	  .max = INT32_MAX,
	  .def = 100,
	  .unit = "weight",
	  .doc = "what vfs_cache_pressure is divided by",
	  .source = "fs/dcache.c" },
};
const unsigned nr_cache_knobs = sizeof(cache_knobs) / sizeof(cache_knobs[0]);

/* Of each pair the one written last holds (dirty_ratio_handler() and the
 * three like it). */
void cache_changed(struct cache *c, enum cache_hook hook)
{
	switch (hook) {
	case CACHE_HOOK_DIRTY_RATIO:
		c->dirty_bytes = 0;
		break;
	case CACHE_HOOK_DIRTY_BYTES:
		c->dirty_ratio = 0;
		break;
	case CACHE_HOOK_BG_RATIO:
		c->dirty_background_bytes = 0;
		break;
	case CACHE_HOOK_BG_BYTES:
		c->dirty_background_ratio = 0;
		break;
	case CACHE_HOOK_WRITEBACK:
		if (c->dirty_writeback_centisecs)
			cache_start_writeback(c);
		break;
	case CACHE_HOOK_NONE:
		break;
	}
}

static int memo_new(struct cache *c)
{
	void *mem;
	int r = host_alloc(c->host, SWAP_MEMO * sizeof(*c->swap_memo), &mem);

	if (!r)
		c->swap_memo = mem;
	return r;
}

int cache_init(struct cache *c, struct host *host, struct control *control,
	       struct kmem *kmem)
{
	memset(c, 0, sizeof(*c));
	c->host = host;
	c->phys = control->phys;
	c->control = control;
	c->kmem = kmem;
	pool_init(&c->inodes, host, sizeof(struct inode));
	pool_init(&c->files, host, sizeof(struct file));
	pool_init(&c->disks, host, sizeof(struct disk));
	pool_init(&c->ios, host, sizeof(struct io));
	pool_init(&c->nodes, host, sizeof(struct xa_node));
	pool_init(&c->dentries, host, sizeof(struct dentry));
	pool_init(&c->sb_lrus, host, sizeof(struct sb_lru));
	pool_init(&c->swap_clusters, host, sizeof(struct swap_cluster));
	pool_init(&c->swap_maps, host, sizeof(struct swap_map));
	pool_init(&c->swap_dirs, host, sizeof(struct swap_dir));
	swap_init(c);
	pool_init(&c->huge_nodes, host, sizeof(struct xa_node));
	pool_init(&c->policies, host, sizeof(struct shmem_policy));
	pool_init(&c->contents, host, sizeof(struct xa_node));
	pool_init(&c->extents, host, sizeof(struct extent));
	pool_init(&c->holds, host, sizeof(struct hold));
	/* 11 is lost+found of ext4; 1 the root of a tmpfs. */
	c->next_ino = 12;
	c->next_anon_ino = 2;
	wb_init(&c->wb);
	hugetlb_init(c);
	c->domain.period_end = NEVER;
	knob_defaults(cache_knobs, nr_cache_knobs, c);
	return memo_new(c);
}

void cache_fini(struct cache *c)
{
	if (c->swap_memo)
		host_free(c->host, c->swap_memo,
			  SWAP_MEMO * sizeof(*c->swap_memo));
	pool_fini(&c->extents);
	pool_fini(&c->contents);
	pool_fini(&c->holds);
	pool_fini(&c->policies);
	pool_fini(&c->huge_nodes);
	pool_fini(&c->sb_lrus);
	pool_fini(&c->dentries);
	pool_fini(&c->swap_dirs);
	pool_fini(&c->swap_maps);
	pool_fini(&c->swap_clusters);
	pool_fini(&c->nodes);
	pool_fini(&c->ios);
	pool_fini(&c->disks);
	pool_fini(&c->files);
	pool_fini(&c->inodes);
	memset(c, 0, sizeof(*c));
}

int cache_archive(struct cache *c, struct archive *a)
{
	struct pool *const pools[] = {
		&c->inodes,    &c->files,      &c->disks,    &c->ios,
		&c->nodes,     &c->dentries,   &c->sb_lrus,  &c->swap_clusters,
		&c->swap_dirs, &c->huge_nodes, &c->policies, &c->contents,
		&c->extents,   &c->holds
	};
	int r = 0;

	for (unsigned i = 0; i < sizeof(pools) / sizeof(pools[0]) && !r; i++)
		r = pool_archive(pools[i], a);
	if (!r && archive_loading(a))
		r = swap_maps_make(c);
	if (r)
		return r;
	/* All that follows is plain numbers. */
	return archive_bytes(a, c->hash,
			     sizeof(*c) - offsetof(struct cache, hash));
}
