// SPDX-License-Identifier: Apache-2.0
/* /sys/kernel/debug/extfrag: mm/vmstat.c, unusable_show(), extfrag_show().
 * Both are printed in thousandths. */
#include "fs/counters.h"
#include "fs/sys/sys-nodes.h"
#include "vmcore/phys/block.h"

static int show_zones(const struct view *v, struct outbuf *out, int width,
		      int (*index)(const struct phys *p, unsigned zone,
				   unsigned order))
{
	const struct phys *p = &v->m->phys;

	zone_for_each (p, z) {
		if (!zone_populated(p, z))
			continue;
		out_zone(out, p, z);
		out_char(out, ' ');
		for (unsigned o = 0; o < NR_ORDERS; o++) {
			int i = index(p, z, o);

			out_printf(out, "%*d.%03d ", width, i / 1000, i % 1000);
		}
		out_char(out, '\n');
	}
	return out->error;
}

static int unusable(const struct phys *p, unsigned zone, unsigned order)
{
	return (int)unusable_free_index(p, zone, order);
}

static int show_unusable(const struct view *v, struct outbuf *out)
{
	return show_zones(v, out, 1, unusable);
}

static int show_extfrag(const struct view *v, struct outbuf *out)
{
	return show_zones(v, out, 2, fragmentation_index);
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
