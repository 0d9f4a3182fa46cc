// SPDX-License-Identifier: Apache-2.0
/* /sys/block: block/genhd.c, blk-sysfs.c. */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#define DISK   "sys/block/$disk/"
#define SECTOR 512

typedef unsigned long long ull;

static const struct disk *disk_of(const struct view *v)
{
	return pool_at(&v->m->cache.disks, v->disk);
}

static int show_dev(const struct view *v, struct outbuf *out)
{
	const struct disk *d = disk_of(v);

	out_printf(out, "%u:%u\n", d->major, d->minor);
	return out->error;
}

static int show_size(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%llu\n", (ull)(disk_of(v)->size_bytes / SECTOR));
	return out->error;
}

/* part_stat_show(): 17 figures in columns of 8. */
static int show_stat(const struct view *v, struct outbuf *out)
{
	const struct disk *d = disk_of(v);

	for (unsigned rw = 0; rw < 2; rw++)
		out_printf(out, "%8llu %8llu %8llu %8llu ", (ull)d->ios[rw],
			   (ull)d->merges[rw], (ull)d->sectors[rw],
			   (ull)d->ms[rw]);
	out_printf(out, "%8llu %8llu %8llu", (ull)d->in_flight, (ull)d->io_ms,
		   (ull)d->weighted_ms);
	for (unsigned i = 0; i < 6; i++) /* discards and flushes */
		out_printf(out, " %8u", 0);
	out_char(out, '\n');
	return out->error;
}

/* Requests under way that read and that write. */
static int show_inflight(const struct view *v, struct outbuf *out)
{
	const struct cache *c = &v->m->cache;
	uint64_t nr[2] = { 0, 0 };

	for (uint32_t id = 1; id <= c->ios.top; id++) {
		const struct io *io = pool_at(&c->ios, id);

		if (io->disk == v->disk && io->pages)
			nr[io->write != 0]++;
	}
	out_printf(out, "%8llu %8llu\n", (ull)nr[0], (ull)nr[1]);
	return out->error;
}

static int show_uevent(const struct view *v, struct outbuf *out)
{
	const struct disk *d = disk_of(v);

	out_printf(out,
		   "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=disk\n"
		   "DISKSEQ=%u\n",
		   d->major, d->minor, d->name, v->disk);
	return out->error;
}

static int show_diskseq(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", v->disk);
	return out->error;
}

static int show_rotational(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%d\n", disk_of(v)->rotational != 0);
	return out->error;
}

static long store_rotational(const struct view *v, const char *text, size_t len)
{
	struct disk *d = pool_at(&v->w->m.cache.disks, v->disk);
	uint64_t on;
	int err;

	if (!len)
		return 0;
	err = attr_number(text, len, UINT64_MAX, &on);
	if (err)
		return err;
	d->rotational = on != 0;
	return (long)len;
}

static int show_readahead(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", disk_of(v)->readahead_pages << 2);
	return out->error;
}

/* queue_ra_store(): kB, kept in whole pages. */
static long store_readahead(const struct view *v, const char *text, size_t len)
{
	struct disk *d = pool_at(&v->w->m.cache.disks, v->disk);
	uint64_t kb;
	int err;

	if (!len)
		return 0;
	err = attr_number(text, len, UINT32_MAX, &kb);
	if (err)
		return err;
	d->readahead_pages = (uint32_t)(kb >> 2);
	return (long)len;
}

/* What never changes and is the same for every disk. */
static int show_constant(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", v->arg);
	return out->error;
}

#define CONSTANT(name, value)                                    \
	{                                                        \
		.path = DISK name, .mode = 0444, .arg = (value), \
		.show = show_constant                            \
	}
const struct fsnode sys_block_nodes[] = {
	{ .path = "sys/block", .mode = 0755, .flags = FSNODE_DIR },
	{ .path = "sys/class/net", .mode = 0755, .flags = FSNODE_DIR },
	CONSTANT("alignment_offset", 0),
	CONSTANT("capability", 0),
	{ .path = DISK "dev", .mode = 0444, .show = show_dev },
	CONSTANT("discard_alignment", 0),
	{ .path = DISK "diskseq", .mode = 0444, .show = show_diskseq },
	CONSTANT("ext_range", 256),
	CONSTANT("hidden", 0),
	{ .path = DISK "inflight", .mode = 0444, .show = show_inflight },
	CONSTANT("range", 16),
	CONSTANT("removable", 0),
	CONSTANT("ro", 0),
	{ .path = DISK "size", .mode = 0444, .show = show_size },
	{ .path = DISK "stat", .mode = 0444, .show = show_stat },
	{ .path = DISK "uevent", .mode = 0644, .show = show_uevent },
	CONSTANT("queue/hw_sector_size", SECTOR),
	CONSTANT("queue/logical_block_size", SECTOR),
	CONSTANT("queue/minimum_io_size", SECTOR),
	CONSTANT("queue/optimal_io_size", 0),
	CONSTANT("queue/physical_block_size", SECTOR),
	{ .path = DISK "queue/read_ahead_kb",
	  .mode = 0644,
	  .show = show_readahead,
	  .store = store_readahead },
	{ .path = DISK "queue/rotational",
	  .mode = 0644,
	  .show = show_rotational,
	  .store = store_rotational },
};
NODES_COUNT(sys_block);
