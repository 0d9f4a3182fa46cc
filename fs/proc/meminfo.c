// SPDX-License-Identifier: Apache-2.0
/* /proc/meminfo: fs/proc/meminfo.c, meminfo_proc_show(). */
#include "fs/counters.h"
#include "fs/older.h"
#include "fs/proc/directmap.h"
#include "fs/proc/proc-nodes.h"

/* Where a line's figure comes from. */
enum source {
	FROM_NODES, /* a node counter, pages */
	FROM_ZONES, /* a zone counter, pages */
	FROM_CALL, /* pages, by a function */
	FROM_CALL_KB,
	FROM_KB, /* a node counter kept in kB */
	ALWAYS_0,
};
#define ONLY_HIGHMEM 1u

struct line {
	const char *label;
	uint64_t (*call)(const struct machine *m);
	uint16_t source, item;
	uint16_t only;
	uint16_t since, until; /* kernel_has() */
};

static uint64_t nodes(const struct machine *m, enum node_stat item)
{
	return shown(vmstat_node_sum(&m->phys.stat, item));
}

static uint64_t total(const struct machine *m)
{
	return phys_total_pages(&m->phys);
}

static uint64_t available(const struct machine *m)
{
	return phys_available_pages(&m->phys);
}

/* si_meminfo(): what block devices cache, file systems' metadata included */
static uint64_t buffers(const struct machine *m)
{
	const struct cache *c = &m->cache;
	uint64_t pages = 0;

	for (uint32_t id = 1; id <= c->disks.top; id++) {
		const struct disk *d = pool_at(&c->disks, id);

		if (d->bdev)
			pages += inode_at(c, d->bdev)->nr_cached;
	}
	return pages;
}

static uint64_t cached(const struct machine *m)
{
	int64_t pages = vmstat_node_sum(&m->phys.stat, NR_FILE_PAGES) -
			vmstat_node_sum(&m->phys.stat, NR_SWAPCACHE) -
			(int64_t)buffers(m);

	return shown(pages);
}

static uint64_t active(const struct machine *m)
{
	return nodes(m, NR_ACTIVE_ANON) + nodes(m, NR_ACTIVE_FILE);
}

static uint64_t inactive(const struct machine *m)
{
	return nodes(m, NR_INACTIVE_ANON) + nodes(m, NR_INACTIVE_FILE);
}

static uint64_t high_total(const struct machine *m)
{
	return m->phys.zones[ZONE_MOVABLE].managed;
}

static uint64_t high_free(const struct machine *m)
{
	return shown(m->phys.stat.zone[ZONE_MOVABLE][NR_FREE_PAGES]);
}

static uint64_t low_total(const struct machine *m)
{
	return total(m) - high_total(m);
}

static uint64_t low_free(const struct machine *m)
{
	return phys_free_pages(&m->phys) - high_free(m);
}

static uint64_t free_pages(const struct machine *m)
{
	return phys_free_pages(&m->phys);
}

static uint64_t swap_total(const struct machine *m)
{
	return swap_total_pages(&m->cache);
}

static uint64_t swap_free(const struct machine *m)
{
	return m->control.free_swap_pages;
}

static uint64_t reclaimable(const struct machine *m)
{
	return nodes(m, NR_SLAB_RECLAIMABLE) +
	       nodes(m, NR_KERNEL_MISC_RECLAIMABLE);
}

static uint64_t slab(const struct machine *m)
{
	return nodes(m, NR_SLAB_RECLAIMABLE) + nodes(m, NR_SLAB_UNRECLAIMABLE);
}

static uint64_t limit(const struct machine *m)
{
	return commit_limit(&m->control);
}

static uint64_t committed(const struct machine *m)
{
	return shown(m->control.committed);
}

/* VMALLOC_TOTAL: 32 TiB; 12800 TiB with five levels */
static uint64_t vmalloc_total(const struct machine *m)
{
	return (m->kmem.vmalloc_end - m->kmem.vmalloc_start) >> 10;
}

static uint64_t vmalloc_used(const struct machine *m)
{
	unsigned version = kernel_version(m);

	/* Not counted for some years. */
	return kernel_has(version, 404, 503) ? 0 : m->kmem.vmalloc_pages;
}

static uint64_t percpu(const struct machine *m)
{
	return m->kmem.percpu_pages;
}

#define CALL(text, fn)                                         \
	{                                                      \
		.label = text, .source = FROM_CALL, .call = fn \
	}
#define NODE_LINE(text, id)                                     \
	{                                                       \
		.label = text, .source = FROM_NODES, .item = id \
	}
#define NONE(text)                                \
	{                                         \
		.label = text, .source = ALWAYS_0 \
	}
/* The same for lines that came after 3.10. */
#define CALL_SINCE(version, text, fn)                           \
	{                                                       \
		.label = text, .source = FROM_CALL, .call = fn, \
		.since = version                                \
	}
#define NODE_SINCE(version, text, id)                            \
	{                                                        \
		.label = text, .source = FROM_NODES, .item = id, \
		.since = version                                 \
	}
#define NONE_SINCE(version, text)                                   \
	{                                                           \
		.label = text, .source = ALWAYS_0, .since = version \
	}

static const struct line lines[] = {
	CALL("MemTotal:", total),
	CALL("MemFree:", free_pages),
	CALL_SINCE(314, "MemAvailable:", available),
	CALL("Buffers:", buffers),
	CALL("Cached:", cached),
	NODE_LINE("SwapCached:", NR_SWAPCACHE),
	CALL("Active:", active),
	CALL("Inactive:", inactive),
	NODE_LINE("Active(anon):", NR_ACTIVE_ANON),
	NODE_LINE("Inactive(anon):", NR_INACTIVE_ANON),
	NODE_LINE("Active(file):", NR_ACTIVE_FILE),
	NODE_LINE("Inactive(file):", NR_INACTIVE_FILE),
	NODE_LINE("Unevictable:", NR_UNEVICTABLE),
	{ .label = "Mlocked:", .source = FROM_ZONES, .item = NR_MLOCK },
	{ .label = "HighTotal:",
	  .source = FROM_CALL,
	  .call = high_total,
	  .only = ONLY_HIGHMEM },
	{ .label = "HighFree:",
	  .source = FROM_CALL,
	  .call = high_free,
	  .only = ONLY_HIGHMEM },
	{ .label = "LowTotal:",
	  .source = FROM_CALL,
	  .call = low_total,
	  .only = ONLY_HIGHMEM },
	{ .label = "LowFree:",
	  .source = FROM_CALL,
	  .call = low_free,
	  .only = ONLY_HIGHMEM },
	CALL("SwapTotal:", swap_total),
	CALL("SwapFree:", swap_free),
	NONE_SINCE(519, "Zswap:"),
	NONE_SINCE(519, "Zswapped:"),
	NODE_LINE("Dirty:", NR_FILE_DIRTY),
	NODE_LINE("Writeback:", NR_WRITEBACK),
	NODE_LINE("AnonPages:", NR_ANON_MAPPED),
	NODE_LINE("Mapped:", NR_FILE_MAPPED),
	NODE_LINE("Shmem:", NR_SHMEM),
	CALL_SINCE(420, "KReclaimable:", reclaimable),
	CALL("Slab:", slab),
	NODE_LINE("SReclaimable:", NR_SLAB_RECLAIMABLE),
	NODE_LINE("SUnreclaim:", NR_SLAB_UNRECLAIMABLE),
	{ .label = "KernelStack:",
	  .source = FROM_KB,
	  .item = NR_KERNEL_STACK_KB },
	NODE_LINE("PageTables:", NR_PAGETABLE),
	NODE_SINCE(601, "SecPageTables:", NR_SECONDARY_PAGETABLE),
	NONE("NFS_Unstable:"),
	NONE("Bounce:"),
	NONE("WritebackTmp:"),
	CALL("CommitLimit:", limit),
	CALL("Committed_AS:", committed),
	{ .label = "VmallocTotal:",
	  .source = FROM_CALL_KB,
	  .call = vmalloc_total },
	CALL("VmallocUsed:", vmalloc_used),
	NONE("VmallocChunk:"),
	CALL_SINCE(419, "Percpu:", percpu),
	NODE_LINE("AnonHugePages:", NR_ANON_THPS),
	NODE_SINCE(408, "ShmemHugePages:", NR_SHMEM_THPS),
	NODE_SINCE(408, "ShmemPmdMapped:", NR_SHMEM_PMDMAPPED),
	NODE_SINCE(504, "FileHugePages:", NR_FILE_THPS),
	NODE_SINCE(504, "FilePmdMapped:", NR_FILE_PMDMAPPED),
	NODE_SINCE(616, "Balloon:", NR_BALLOON_PAGES),
};

static uint64_t line_kb(const struct machine *m, const struct line *l)
{
	switch ((enum source)l->source) {
	case FROM_NODES:
		return nodes(m, (enum node_stat)l->item) << 2;
	case FROM_ZONES:
		return shown(vmstat_zone_sum(&m->phys.stat,
					     (enum zone_stat)l->item))
		       << 2;
	case FROM_CALL:
		return l->call(m) << 2;
	case FROM_CALL_KB:
		return l->call(m);
	case FROM_KB:
		return nodes(m, (enum node_stat)l->item);
	case ALWAYS_0:
		break;
	}
	return 0;
}

static void out_kb(struct outbuf *out, const char *label, uint64_t kb)
{
	size_t start = out->len;

	out_str(out, label);
	out_pad(out, start, 16);
	out_dec(out, kb, 8);
	out_str(out, " kB\n");
}

static void out_count(struct outbuf *out, const char *label, uint64_t nr)
{
	size_t start = out->len;

	out_str(out, label);
	out_pad(out, start, 16);
	out_dec(out, nr, 8);
	out_char(out, '\n');
}

/* hugetlb_report_meminfo(): the default size alone; Hugetlb sums all. */
static void show_hugetlb(const struct machine *m, struct outbuf *out)
{
	const struct hugepool *pool = &m->cache.huge[huge_default(&m->phys)];

	out_count(out, "HugePages_Total:", pool->nr);
	out_count(out, "HugePages_Free:", pool->free);
	out_count(out, "HugePages_Rsvd:", pool->resv);
	out_count(out, "HugePages_Surp:", pool->surplus);
	out_kb(out, "Hugepagesize:", huge_kb(huge_default(&m->phys)));
	if (kernel_has(kernel_version(m), 415, 0))
		out_kb(out, "Hugetlb:", m->control.hugetlb_pages << 2);
}

static void show_directmap(const struct machine *m, struct outbuf *out)
{
	struct directmap map;

	directmap(&m->phys, &map);
	out_kb(out, "DirectMap4k:", map.small_kb);
	out_kb(out,
	       map.huge_mb == 4 ? "DirectMap4M:" : "DirectMap2M:", map.huge_kb);
	if (!m->phys.i386)
		out_kb(out, "DirectMap1G:", map.giant_kb);
}

static int show_meminfo(const struct view *v, struct outbuf *out)
{
	const struct machine *m = v->m;
	unsigned version = kernel_version(m);

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if ((!(lines[i].only & ONLY_HIGHMEM) || m->phys.i386) &&
		    kernel_has(version, lines[i].since, lines[i].until))
			out_kb(out, lines[i].label, line_kb(m, &lines[i]));
	show_hugetlb(m, out);
	show_directmap(m, out);
	return out->error;
}

const struct fsnode proc_meminfo_nodes[] = {
	{ .path = "proc/meminfo", .mode = 0444, .show = show_meminfo },
};
NODES_COUNT(proc_meminfo);
