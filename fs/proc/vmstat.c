// SPDX-License-Identifier: Apache-2.0
/* /proc/vmstat: mm/vmstat.c, vmstat_show(). */
#include "fs/counters.h"
#include "fs/older.h"
#include "fs/proc/proc-nodes.h"

/* pgalloc_*, allocstall_* and pgskip_* are named after zones. On i386 there is
 * no DMA32 and no Device, and the model's zone 3 is HighMem. */
struct zone_events {
	enum event first; /* ..._dma; the other zones follow */
	const char *name;
};
static const struct zone_events zone_events[] = {
	{ PGALLOC_DMA, "pgalloc" },
	{ ALLOCSTALL_DMA, "allocstall" },
	{ PGSKIP_DMA, "pgskip" },
};

static void show_events_i386(const struct machine *m, struct outbuf *out,
			     const struct zone_events *z)
{
	static const struct {
		const char *zone;
		int type; /* -1: never used */
	} zones[] = { { "dma", ZONE_DMA },
		      { "normal", ZONE_NORMAL },
		      { "high", ZONE_MOVABLE },
		      { "movable", -1 } };
	const uint64_t *event = m->phys.stat.event + z->first;

	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		int type = zones[i].type;

		out_printf(out, "%s_%s %llu\n", z->name, zones[i].zone,
			   type < 0 ? 0ull : (unsigned long long)event[type]);
	}
}

static const struct zone_events *zone_event(unsigned item)
{
	for (size_t i = 0; i < ARRAY_SIZE(zone_events); i++) {
		unsigned first = zone_events[i].first;

		if (item >= first && item < first + MAX_ZONES_PER_NODE)
			return &zone_events[i];
	}
	return NULL;
}

static void show_event(const struct machine *m, struct outbuf *out,
		       unsigned item)
{
	const struct zone_events *z = m->phys.i386 ? zone_event(item) : NULL;
	uint64_t value = m->phys.stat.event[item];

	if (!z) {
		if (item == PGPGIN || item == PGPGOUT)
			value /= 2; /* sectors of 512 bytes, shown in kB */
		out_counter(out, event_names[item], value);
	} else if (item == (unsigned)z->first) {
		show_events_i386(m, out, z);
	}
}

static void show_gauges(const struct machine *m, struct outbuf *out)
{
	const struct vmstat *s = &m->phys.stat;

	for (unsigned i = 0; i < NR_ZONE_STATS; i++)
		out_counter(out, zone_stat_names[i],
			    shown(vmstat_zone_sum(s, (enum zone_stat)i)));
	for (unsigned i = 0; i < NR_NUMA_STATS && has_numa(&m->phys); i++)
		out_counter(out, numa_stat_names[i],
			    vmstat_numa_sum(s, (enum numa_stat)i));
	for (unsigned i = 0; i < NR_NODE_STATS; i++)
		out_counter(
			out, node_stat_names[i],
			node_stat_shown((enum node_stat)i,
					vmstat_node_sum(s, (enum node_stat)i)));
}

/* Pages that hold struct page: 64 bytes for each page of a section of 128 MiB
 * that has any memory (sparse_init_nid()). */
uint64_t memmap_pages(const struct phys *p)
{
	const uint32_t blocks = (128u << 20) / PAGE_SIZE / BLOCK_FRAMES;
	uint64_t sections = 0;
	uint32_t seen = UINT32_MAX;

	for (uint32_t b = 0; b < p->nr_blocks; b++) {
		if (p->blocks[b].state == BLOCK_HOLE || b / blocks == seen)
			continue;
		seen = b / blocks;
		sections++;
	}
	return sections * blocks * BLOCK_FRAMES * 64 / PAGE_SIZE;
}

static int show_vmstat(const struct view *v, struct outbuf *out)
{
	const struct machine *m = v->m;
	uint64_t background, threshold;

	if (kernel_version(m) < KERNEL_NEWEST) {
		older_vmstat(m, kernel_version(m), out);
		return out->error;
	}
	show_gauges(m, out);
	dirty_limits(&m->cache, &background, &threshold);
	out_counter(out, "nr_dirty_threshold", threshold);
	out_counter(out, "nr_dirty_background_threshold", background);
	out_counter(out, "nr_memmap_pages", 0); /* hot-added memory only */
	out_counter(out, "nr_memmap_boot_pages", memmap_pages(&m->phys));
	for (unsigned i = 0; i < NR_EVENTS; i++)
		show_event(m, out, i);
	out_counter(out, "nr_unstable", 0);
	return out->error;
}

const struct fsnode proc_vmstat_nodes[] = {
	{ .path = "proc/vmstat", .mode = 0444, .show = show_vmstat },
};
NODES_COUNT(proc_vmstat);
