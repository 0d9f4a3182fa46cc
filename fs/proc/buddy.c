// SPDX-License-Identifier: Apache-2.0
/* /proc/buddyinfo, /proc/pagetypeinfo: mm/vmstat.c, frag_show_print(),
 * pagetypeinfo_show(). */
#include "fs/counters.h"
#include "fs/proc/proc-nodes.h"

/* pagetypeinfo walks a list no further; it holds the zone's lock. */
#define MOST_COUNTED 100000u

const char *const migratetype_names[NR_MIGRATETYPES] = {
	[MIGRATE_UNMOVABLE] = "Unmovable",
	[MIGRATE_MOVABLE] = "Movable",
	[MIGRATE_RECLAIMABLE] = "Reclaimable",
	[MIGRATE_HIGHATOMIC] = "HighAtomic",
	[MIGRATE_ISOLATE] = "Isolate",
};

static int show_buddyinfo(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;

	zone_for_each (p, z) {
		if (!zone_populated(p, z))
			continue;
		out_zone(out, p, z);
		out_char(out, ' ');
		for (unsigned o = 0; o < NR_ORDERS; o++) {
			uint64_t nr = 0;

			for (unsigned t = 0; t < NR_MIGRATETYPES; t++)
				nr += phys_nr_free(p, z, o,
						   (enum migratetype)t);
			out_dec(out, nr, 6);
			out_char(out, ' ');
		}
		out_char(out, '\n');
	}
	return out->error;
}

static void show_free_of_type(const struct phys *p, unsigned z, unsigned t,
			      struct outbuf *out)
{
	out_printf(out, "Node %4u, zone %8s, type %12s ",
		   z / MAX_ZONES_PER_NODE, zone_name(p, z % MAX_ZONES_PER_NODE),
		   migratetype_names[t]);
	for (unsigned o = 0; o < NR_ORDERS; o++) {
		uint32_t nr = phys_nr_free(p, z, o, (enum migratetype)t);

		if (nr >= MOST_COUNTED) {
			nr = MOST_COUNTED;
			out_char(out, '>');
		}
		out_dec(out, nr, 6);
		out_char(out, ' ');
	}
	out_char(out, '\n');
}

static void show_free_counts(const struct phys *p, unsigned node,
			     struct outbuf *out)
{
	out_printf(out, "%-43s ", "Free pages count per migrate type at order");
	for (unsigned o = 0; o < NR_ORDERS; o++)
		out_printf(out, "%6u ", o);
	out_char(out, '\n');
	zone_for_each (p, z) {
		if (z / MAX_ZONES_PER_NODE != node || !zone_populated(p, z))
			continue;
		for (unsigned t = 0; t < NR_MIGRATETYPES; t++)
			show_free_of_type(p, z, t, out);
	}
}

static void show_block_counts(const struct phys *p, unsigned node,
			      struct outbuf *out)
{
	out_printf(out, "\n%-23s", "Number of blocks type ");
	for (unsigned t = 0; t < NR_MIGRATETYPES; t++)
		out_printf(out, "%12s ", migratetype_names[t]);
	out_char(out, '\n');
	zone_for_each (p, z) {
		if (z / MAX_ZONES_PER_NODE != node || !zone_populated(p, z))
			continue;
		out_zone(out, p, z);
		out_char(out, ' ');
		for (unsigned t = 0; t < NR_MIGRATETYPES; t++) {
			out_dec(out,
				phys_nr_pageblocks(p, z, (enum migratetype)t),
				12);
			out_char(out, ' ');
		}
		out_char(out, '\n');
	}
}

static int show_pagetypeinfo(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;

	for (unsigned n = 0; n < p->nr_nodes; n++) {
		if (!p->nodes[n].online || !node_managed_pages(p, n))
			continue;
		out_printf(out, "Page block order: %d\n", PAGEBLOCK_ORDER);
		out_printf(out, "Pages per block:  %u\n\n", PAGEBLOCK_PAGES);
		show_free_counts(p, n, out);
		show_block_counts(p, n, out);
	}
	return out->error;
}

const struct fsnode proc_buddy_nodes[] = {
	{ .path = "proc/buddyinfo", .mode = 0444, .show = show_buddyinfo },
	{ .path = "proc/pagetypeinfo",
	  .mode = 0400,
	  .show = show_pagetypeinfo },
};
NODES_COUNT(proc_buddy);
