// SPDX-License-Identifier: Apache-2.0
/* /proc/diskstats, partitions, swaps: block/genhd.c, mm/swapfile.c. */
#include "fs/proc/proc-nodes.h"

#include <string.h>

typedef unsigned long long ull;

/* diskstats_show(): 17 figures; the model neither discards nor flushes. */
static int show_diskstats(const struct view *v, struct outbuf *out)
{
	const struct cache *c = &v->m->cache;

	for (uint32_t id = 1; id <= c->disks.top; id++) {
		const struct disk *d = pool_at(&c->disks, id);

		out_printf(out, "%4u %7u %s", d->major, d->minor, d->name);
		for (unsigned rw = 0; rw < 2; rw++)
			out_printf(out, " %llu %llu %llu %llu", (ull)d->ios[rw],
				   (ull)d->merges[rw], (ull)d->sectors[rw],
				   (ull)d->ms[rw]);
		out_printf(out, " %llu %llu %llu", (ull)d->in_flight,
			   (ull)d->io_ms, (ull)d->weighted_ms);
		out_str(out, " 0 0 0 0 0 0\n");
	}
	return out->error;
}

static int show_partitions(const struct view *v, struct outbuf *out)
{
	const struct cache *c = &v->m->cache;

	out_str(out, "major minor  #blocks  name\n\n");
	for (uint32_t id = 1; id <= c->disks.top; id++) {
		const struct disk *d = pool_at(&c->disks, id);

		if (d->size_bytes)
			out_printf(out, "%4u  %7u %10llu %s\n", d->major,
				   d->minor, (ull)(d->size_bytes >> 10),
				   d->name);
	}
	return out->error;
}

/* seq_file_path(): what would end the field is written in octal. */
static unsigned put_path(struct outbuf *out, const char *path)
{
	unsigned n = 0;

	for (; *path; path++, n++) {
		if (strchr(" \t\n\\", *path)) {
			out_printf(out, "\\%03o", (unsigned char)*path);
			n += 3;
		} else {
			out_printf(out, "%c", *path);
		}
	}
	return n;
}

/* swap_show() */
static void put_area(const struct cache *c, const struct swap_area *a,
		     struct outbuf *out)
{
	const struct inode *inode = inode_at(c, a->inode);
	ull size = (ull)swap_area_pages(a) << (PAGE_SHIFT - 10);
	ull used = (ull)a->inuse << (PAGE_SHIFT - 10);
	unsigned n = put_path(out, inode->path);

	out_printf(out, "%*s%s\t%llu\t%s%llu\t%s%d\n",
		   n < 40 ? (int)(40 - n) : 1, " ",
		   inode->kind == INODE_BLOCK ? "partition" : "file\t", size,
		   size < 10000000 ? "\t" : "", used,
		   used < 10000000 ? "\t" : "", a->prio);
}

/* Areas by number, not by priority. */
static int show_swaps(const struct view *v, struct outbuf *out)
{
	const struct cache *c = &v->m->cache;

	out_str(out, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (uint32_t i = 1; i <= SWAP_AREAS; i++)
		if (c->swap.area[i].flags)
			put_area(c, swap_area_at(&c->swap, i), out);
	return out->error;
}

const struct fsnode proc_block_nodes[] = {
	{ .path = "proc/diskstats", .mode = 0444, .show = show_diskstats },
	{ .path = "proc/partitions", .mode = 0444, .show = show_partitions },
	{ .path = "proc/swaps",
	  .mode = 0444,
	  .flags = FSNODE_POLL,
	  .show = show_swaps },
};
NODES_COUNT(proc_block);
