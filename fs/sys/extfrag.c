// SPDX-License-Identifier: Apache-2.0
/* /sys/kernel/debug/extfrag: mm/vmstat.c, unusable_show(), extfrag_show().
 * Both are printed in thousandths. */
#include "fs/counters.h"
#include "fs/sys/sys-nodes.h"

/* fill_contig_page_info() */
struct contig {
	uint64_t pages, blocks; /* free */
	uint64_t suitable; /* blocks of the order in these */
};

static struct contig contig_info(const struct phys *p, unsigned zone,
				 unsigned order)
{
	struct contig c = { 0 };

	for (unsigned o = 0; o < NR_ORDERS; o++) {
		uint64_t nr = 0;

		for (unsigned t = 0; t < NR_MIGRATETYPES; t++)
			nr += phys_nr_free(p, zone, o, (enum migratetype)t);
		c.blocks += nr;
		c.pages += nr << o;
		if (o >= order)
			c.suitable += nr << (o - order);
	}
	return c;
}

/* Free memory that is in blocks too small (unusable_free_index()). */
static int unusable(const struct contig *c, unsigned order)
{
	if (!c->pages)
		return 1000;
	return (int)((c->pages - (c->suitable << order)) * 1000 / c->pages);
}

/* Why a request fails: towards 0 for lack of memory, towards 1000 because it
 * is in pieces; -1000 where it does not fail (__fragmentation_index()). */
static int extfrag(const struct contig *c, unsigned order)
{
	if (!c->blocks)
		return 0;
	if (c->suitable)
		return -1000;
	return 1000 - (int)((1000 + (c->pages * 1000 >> order)) / c->blocks);
}

static int show_zones(const struct view *v, struct outbuf *out, int width,
		      int (*index)(const struct contig *c, unsigned order))
{
	const struct phys *p = &v->m->phys;

	zone_for_each (p, z) {
		if (!zone_populated(p, z))
			continue;
		out_zone(out, p, z);
		out_char(out, ' ');
		for (unsigned o = 0; o < NR_ORDERS; o++) {
			struct contig c = contig_info(p, z, o);
			int i = index(&c, o);

			out_printf(out, "%*d.%03d ", width, i / 1000, i % 1000);
		}
		out_char(out, '\n');
	}
	return out->error;
}

static int show_unusable(const struct view *v, struct outbuf *out)
{
	return show_zones(v, out, 1, unusable);
}

static int show_extfrag(const struct view *v, struct outbuf *out)
{
	return show_zones(v, out, 2, extfrag);
}

#define DEBUG "sys/kernel/debug"
const struct fsnode sys_extfrag_nodes[] = {
	{ .path = DEBUG, .mode = 0700, .flags = FSNODE_DIR },
	{ .path = DEBUG "/extfrag/extfrag_index",
	  .mode = 0444,
	  .show = show_extfrag },
	{ .path = DEBUG "/extfrag/unusable_index",
	  .mode = 0444,
	  .show = show_unusable },
};
NODES_COUNT(sys_extfrag);
