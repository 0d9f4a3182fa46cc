// SPDX-License-Identifier: Apache-2.0
/* /proc/zoneinfo: mm/vmstat.c, zoneinfo_show_print(). */
#include "fs/counters.h"
#include "fs/older.h"
#include "fs/proc/proc-nodes.h"

/* What kswapd's failures are when it gives a node up. */

static unsigned fls(uint64_t x)
{
	unsigned n = 0;

	for (; x; x >>= 1)
		n++;
	return n;
}

/* calculate_normal_threshold(); the model's counters do not lag by it. */
static unsigned stat_threshold(const struct phys *p, const struct zone *z)
{
	unsigned mem = z->managed >> (27 - PAGE_SHIFT);
	unsigned threshold = 2 * fls(p->nr_cpus) * (1 + fls(mem));

	return threshold < 125 ? threshold : 125;
}

static void out_stat(struct outbuf *out, const char *name, uint64_t value)
{
	out_printf(out, "\n      %-12s %llu", name, (unsigned long long)value);
}

static void show_node_stats(const struct phys *p, unsigned node,
			    unsigned version, struct outbuf *out)
{
	out_str(out, "\n  per-node stats");
	for (unsigned i = 0; i < NR_NODE_STATS; i++)
		if (version == KERNEL_NEWEST ||
		    older_has_row(version, node_stat_names[i]))
			out_stat(out, node_stat_names[i],
				 node_stat_shown((enum node_stat)i,
						 p->stat.node[node][i]));
}

static void show_protection(const struct phys *p, const struct zone *z,
			    unsigned version, struct outbuf *out)
{
	/* ZONE_DEVICE came with 4.3. */
	unsigned nr = MAX_ZONES_PER_NODE - !kernel_has(version, 403, 0);

	out_printf(out, "\n        protection: (%u", z->reserve[ZONE_DMA]);
	if (p->i386)
		/* Normal, HighMem, and Movable that holds nothing */
		out_printf(out, ", %u, %u, %u", z->reserve[ZONE_NORMAL],
			   z->reserve[ZONE_MOVABLE], z->reserve[ZONE_MOVABLE]);
	else
		for (unsigned i = 1; i < nr; i++)
			out_printf(out, ", %u", z->reserve[i]);
	out_char(out, ')');
}

/* @boost: what stands on the watermarks, which had no line of its own
 * before. */
static void show_marks(const struct phys *p, const struct zone *z, int64_t free,
		       unsigned version, struct outbuf *out)
{
	out_printf(out, "\n  pages free     %llu",
		   (unsigned long long)shown(free));
	if (kernel_has(version, 514, 0))
		out_printf(out, "\n        boost    %u", z->boost);
	out_printf(out, "\n        min      %u",
		   z->wmark[WMARK_MIN] + z->boost);
	out_printf(out, "\n        low      %u",
		   z->wmark[WMARK_LOW] + z->boost);
	out_printf(out, "\n        high     %u",
		   z->wmark[WMARK_HIGH] + z->boost);
	if (kernel_has(version, 613, 0))
		out_printf(out, "\n        promo    %u",
			   z->wmark[WMARK_PROMO] + z->boost);
	if (!kernel_has(version, 408, 0))
		out_str(out, "\n        scanned  0");
	out_printf(out, "\n        spanned  %u", z->spanned);
	out_printf(out, "\n        present  %u", z->present);
	out_printf(out, "\n        managed  %u", z->managed);
	if (kernel_has(version, 511, 0))
		out_str(out, "\n        cma      0");
	if (kernel_has(version, 408, 0))
		show_protection(p, z, version, out);
}

static void show_pagesets(const struct phys *p, const struct zone *z,
			  unsigned version, struct outbuf *out)
{
	const char *blanks = kernel_has(version, 607, 0) ? "   " : "";

	out_str(out, "\n  pagesets");
	for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++) {
		const struct pcp *pcp = &z->pcp[cpu];

		out_printf(out, "\n    cpu: %u", cpu);
		out_printf(out, "\n              count: %s%d", blanks,
			   pcp->count);
		out_printf(out, "\n              high:  %s%d", blanks,
			   pcp->high);
		out_printf(out, "\n              batch: %s%d", blanks,
			   pcp->batch);
		if (kernel_has(version, 607, 0)) {
			out_printf(out, "\n              high_min: %d",
				   pcp->high_min);
			out_printf(out, "\n              high_max: %d",
				   pcp->high_max);
		}
		out_printf(out, "\n  vm stats threshold: %u",
			   stat_threshold(p, z));
	}
}

static void show_zone_stats(const struct phys *p, unsigned zone,
			    unsigned version, struct outbuf *out)
{
	const struct vmstat *s = &p->stat;

	for (unsigned i = 0; i < NR_ZONE_STATS; i++)
		if (version == KERNEL_NEWEST ||
		    older_has_row(version, zone_stat_names[i]))
			out_stat(out, zone_stat_names[i],
				 shown(s->zone[zone][i]));
	for (unsigned i = 0; i < NR_NUMA_STATS && has_numa(p); i++)
		out_stat(out, numa_stat_names[i], s->numa[zone][i]);
}

/* calculate_zone_inactive_ratio(): the root of ten times the gigabytes */
static uint64_t inactive_ratio(uint64_t pages)
{
	uint64_t gb = pages >> (30 - PAGE_SHIFT), ratio = 1;

	while (gb && (ratio + 1) * (ratio + 1) <= 10 * gb)
		ratio++;
	return ratio;
}

/* Before 4.8: all gauges belong to zones, what follows stands behind them. */
static void show_zone_old(const struct phys *p, unsigned zone,
			  struct outbuf *out)
{
	const struct zone *z = &p->zones[zone];
	unsigned node = zone / MAX_ZONES_PER_NODE;

	if (!zone_populated(p, zone))
		return;
	out_zone(out, p, zone);
	show_marks(p, z, p->stat.zone[zone][NR_FREE_PAGES], 310, out);
	older_zone_stats(p, zone, out);
	show_protection(p, z, 310, out);
	show_pagesets(p, z, 310, out);
	out_printf(out, "\n  all_unreclaimable: %u",
		   p->nodes[node].kswapd_failures >= MAX_RECLAIM_RETRIES);
	out_printf(out, "\n  start_pfn:         %u", z->start_pfn);
	out_printf(out, "\n  inactive_ratio:    %llu\n",
		   (unsigned long long)inactive_ratio(z->managed));
}

static void show_zone(const struct phys *p, unsigned zone, bool first,
		      unsigned version, struct outbuf *out)
{
	const struct zone *z = &p->zones[zone];
	unsigned node = zone / MAX_ZONES_PER_NODE;

	if (!kernel_has(version, 408, 0)) {
		show_zone_old(p, zone, out);
		return;
	}
	out_zone(out, p, zone);
	if (first)
		show_node_stats(p, node, version, out);
	show_marks(p, z, p->stat.zone[zone][NR_FREE_PAGES], version, out);
	if (!zone_populated(p, zone)) {
		out_char(out, '\n');
		return;
	}
	show_zone_stats(p, zone, version, out);
	show_pagesets(p, z, version, out);
	out_printf(out, "\n  node_unreclaimable:  %u",
		   p->nodes[node].kswapd_failures >= MAX_RECLAIM_RETRIES);
	out_printf(out, "\n  start_pfn:           %u\n", z->start_pfn);
}

/* i386: the model's zone 3 is HighMem, so the empty Movable has no struct. */
static void show_movable_i386(const struct phys *p, unsigned node,
			      unsigned version, struct outbuf *out)
{
	const struct zone none = { .wmark = { 32, 32, 32, 32 } };

	out_printf(out, "Node %u, zone %8s", node, "Movable");
	show_marks(p, &none, 0, version, out);
	out_char(out, '\n');
}

static int show_zoneinfo(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	unsigned shown_node = MAX_NODES, version = kernel_version(v->m);

	zone_for_each (p, z) {
		unsigned node = z / MAX_ZONES_PER_NODE;
		bool first = node != shown_node && zone_populated(p, z);

		show_zone(p, z, first, version, out);
		if (first)
			shown_node = node;
		if (p->i386 && z % MAX_ZONES_PER_NODE == ZONE_MOVABLE &&
		    kernel_has(version, 408, 0))
			show_movable_i386(p, node, version, out);
	}
	return out->error;
}

const struct fsnode proc_zoneinfo_nodes[] = {
	{ .path = "proc/zoneinfo", .mode = 0444, .show = show_zoneinfo },
};
NODES_COUNT(proc_zoneinfo);
