// SPDX-License-Identifier: Apache-2.0
/* nodeN/meminfo, numastat, vmstat: drivers/base/node.c. */
#include "fs/counters.h"
#include "fs/sys/sys-nodes.h"

#define NODE "sys/devices/system/node/node$node/"

typedef unsigned long long ull;

enum source { NODE_PAGES, ZONE_PAGES, NODE_KB, SUM, NOTHING };
enum sum { TOTAL, FREE, USED, ACTIVE, INACTIVE, RECLAIMABLE, SLAB };
enum only { ANY, HIGHMEM };

struct line {
	const char *label;
	uint16_t source, item;
};
static const struct line lines[] = {
	{ "MemTotal:", SUM, TOTAL },
	{ "MemFree:", SUM, FREE },
	{ "MemUsed:", SUM, USED },
	{ "SwapCached:", NODE_PAGES, NR_SWAPCACHE },
	{ "Active:", SUM, ACTIVE },
	{ "Inactive:", SUM, INACTIVE },
	{ "Active(anon):", NODE_PAGES, NR_ACTIVE_ANON },
	{ "Inactive(anon):", NODE_PAGES, NR_INACTIVE_ANON },
	{ "Active(file):", NODE_PAGES, NR_ACTIVE_FILE },
	{ "Inactive(file):", NODE_PAGES, NR_INACTIVE_FILE },
	{ "Unevictable:", NODE_PAGES, NR_UNEVICTABLE },
	{ "Mlocked:", ZONE_PAGES, NR_MLOCK },
	{ "Dirty:", NODE_PAGES, NR_FILE_DIRTY },
	{ "Writeback:", NODE_PAGES, NR_WRITEBACK },
	{ "FilePages:", NODE_PAGES, NR_FILE_PAGES },
	{ "Mapped:", NODE_PAGES, NR_FILE_MAPPED },
	{ "AnonPages:", NODE_PAGES, NR_ANON_MAPPED },
	{ "Shmem:", NODE_PAGES, NR_SHMEM },
	{ "KernelStack:", NODE_KB, NR_KERNEL_STACK_KB },
	{ "PageTables:", NODE_PAGES, NR_PAGETABLE },
	{ "SecPageTables:", NODE_PAGES, NR_SECONDARY_PAGETABLE },
	{ "NFS_Unstable:", NOTHING, 0 },
	{ "Bounce:", NOTHING, 0 },
	{ "WritebackTmp:", NOTHING, 0 },
	{ "KReclaimable:", SUM, RECLAIMABLE },
	{ "Slab:", SUM, SLAB },
	{ "SReclaimable:", NODE_PAGES, NR_SLAB_RECLAIMABLE },
	{ "SUnreclaim:", NODE_PAGES, NR_SLAB_UNRECLAIMABLE },
	{ "AnonHugePages:", NODE_PAGES, NR_ANON_THPS },
	{ "ShmemHugePages:", NODE_PAGES, NR_SHMEM_THPS },
	{ "ShmemPmdMapped:", NODE_PAGES, NR_SHMEM_PMDMAPPED },
	{ "FileHugePages:", NODE_PAGES, NR_FILE_THPS },
	{ "FilePmdMapped:", NODE_PAGES, NR_FILE_PMDMAPPED },
};

static uint64_t sum(const struct phys *p, unsigned node, enum sum what)
{
	const int64_t *stat = p->stat.node[node];
	uint64_t total = node_managed_pages(p, node);
	uint64_t free = shown(node_zone_stat(p, node, NR_FREE_PAGES));

	switch (what) {
	case TOTAL:
		return total;
	case FREE:
		return free;
	case USED:
		return total > free ? total - free : 0;
	case ACTIVE:
		return shown(stat[NR_ACTIVE_ANON] + stat[NR_ACTIVE_FILE]);
	case INACTIVE:
		return shown(stat[NR_INACTIVE_ANON] + stat[NR_INACTIVE_FILE]);
	case RECLAIMABLE:
		return shown(stat[NR_SLAB_RECLAIMABLE] +
			     stat[NR_KERNEL_MISC_RECLAIMABLE]);
	case SLAB:
		return shown(stat[NR_SLAB_RECLAIMABLE] +
			     stat[NR_SLAB_UNRECLAIMABLE]);
	}
	return 0;
}

static uint64_t line_kb(const struct phys *p, unsigned node,
			const struct line *l)
{
	switch ((enum source)l->source) {
	case NODE_PAGES:
		return shown(p->stat.node[node][l->item]) << 2;
	case ZONE_PAGES:
		return shown(node_zone_stat(p, node, (enum zone_stat)l->item))
		       << 2;
	case NODE_KB:
		return shown(p->stat.node[node][l->item]);
	case SUM:
		return sum(p, node, (enum sum)l->item) << 2;
	case NOTHING:
		break;
	}
	return 0;
}

static void out_kb(struct outbuf *out, unsigned node, const char *label,
		   uint64_t kb)
{
	out_printf(out, "Node %u %-15s %8llu kB\n", node, label, (ull)kb);
}

/* What i386 shows of low and high memory after Mlocked. */
static void show_highmem(const struct phys *p, unsigned node,
			 struct outbuf *out)
{
	unsigned high = node * MAX_ZONES_PER_NODE + ZONE_MOVABLE;
	uint64_t high_total = p->zones[high].managed;
	uint64_t high_free = shown(p->stat.zone[high][NR_FREE_PAGES]);

	out_kb(out, node, "HighTotal:", high_total << 2);
	out_kb(out, node, "HighFree:", high_free << 2);
	out_kb(out, node, "LowTotal:", (sum(p, node, TOTAL) - high_total) << 2);
	out_kb(out, node, "LowFree:", (sum(p, node, FREE) - high_free) << 2);
}

static int show_meminfo(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	const struct hugepool *pool = &v->m->cache.huge[huge_default(p)];
	unsigned n = v->node;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		out_kb(out, n, lines[i].label, line_kb(p, n, &lines[i]));
		if (p->i386 && lines[i].item == NR_MLOCK &&
		    lines[i].source == ZONE_PAGES)
			show_highmem(p, n, out);
	}
	out_printf(out, "Node %u HugePages_Total: %5llu\n", n,
		   (ull)pool->node_nr[n]);
	out_printf(out, "Node %u HugePages_Free:  %5llu\n", n,
		   (ull)pool->node_free[n]);
	out_printf(out, "Node %u HugePages_Surp:  %5llu\n", n,
		   (ull)pool->node_surplus[n]);
	return out->error;
}

static int show_numastat(const struct view *v, struct outbuf *out)
{
	static const char *const names[NR_NUMA_STATS] = {
		[NUMA_HIT] = "numa_hit",
		[NUMA_MISS] = "numa_miss",
		[NUMA_FOREIGN] = "numa_foreign",
		[NUMA_INTERLEAVE] = "interleave_hit",
		[NUMA_LOCAL] = "local_node",
		[NUMA_OTHER] = "other_node",
	};

	for (unsigned i = 0; i < NR_NUMA_STATS; i++)
		out_counter(out, names[i],
			    node_numa_stat(&v->m->phys, v->node,
					   (enum numa_stat)i));
	return out->error;
}

static int show_vmstat(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;

	for (unsigned i = 0; i < NR_ZONE_STATS; i++)
		out_counter(
			out, zone_stat_names[i],
			shown(node_zone_stat(p, v->node, (enum zone_stat)i)));
	for (unsigned i = 0; i < NR_NUMA_STATS; i++)
		out_counter(out, numa_stat_names[i],
			    node_numa_stat(p, v->node, (enum numa_stat)i));
	for (unsigned i = 0; i < NR_NODE_STATS; i++)
		out_counter(out, node_stat_names[i],
			    node_stat_shown((enum node_stat)i,
					    p->stat.node[v->node][i]));
	return out->error;
}

const struct fsnode sys_node_stat_nodes[] = {
	{ .path = NODE "meminfo", .mode = 0444, .show = show_meminfo },
	{ .path = NODE "numastat", .mode = 0444, .show = show_numastat },
	{ .path = NODE "vmstat", .mode = 0444, .show = show_vmstat },
};
NODES_COUNT(sys_node_stat);
