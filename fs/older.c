// SPDX-License-Identifier: Apache-2.0
/* /proc/vmstat as kernels before 6.18 print it (mm/vmstat.c, vmstat_text). */
#include "fs/older.h"

#include <string.h>

#include "fs/counters.h"
#include "fs/proc/proc-nodes.h"
#include "fs/script.h"

const char *const kernel_versions[] = { "6.18", "6.12", "6.1", "5.10",
					"4.19", "3.10", NULL };

static const struct row {
	const char *name;
	uint16_t since, until;
} rows[] = {
#define ROW(name, since, until) { name, since, until },
#include "fs/proc/vmstat-rows.def"
};

/* Rows that became others, or several: the sum of these. */
static const struct {
	const char *name;
	const char *parts[5];
} merged[] = {
	{ "workingset_refault",
	  { "workingset_refault_anon", "workingset_refault_file" } },
	{ "workingset_activate",
	  { "workingset_activate_anon", "workingset_activate_file" } },
	{ "workingset_restore",
	  { "workingset_restore_anon", "workingset_restore_file" } },
	{ "allocstall",
	  { "allocstall_dma", "allocstall_dma32", "allocstall_normal",
	    "allocstall_movable" } },
	{ "thp_split", { "thp_split_page" } },
};

/* Before 4.8 reclaim counted by zone; now that is not known: all of it
 * stands at the zone that has most. */
static const char *const by_zone[] = {
	"pgrefill",	 "pgsteal_kswapd", "pgsteal_direct",
	"pgscan_kswapd", "pgscan_direct",
};

unsigned kernel_version(const struct machine *m)
{
	uint64_t major, minor;
	const char *dot = strchr(m->kernel, '.');
	size_t len = dot ? strcspn(dot + 1, ".") : 0;

	if (!dot ||
	    script_number(m->kernel, (size_t)(dot - m->kernel), &major) ||
	    script_number(dot + 1, len, &minor) || major > 99 || minor > 99)
		return KERNEL_NEWEST;
	return (unsigned)(major * 100 + minor);
}

static bool in_names(const char *const *names, unsigned nr, const char *name,
		     unsigned *ret)
{
	for (unsigned i = 0; i < nr; i++)
		if (names[i] && !strcmp(names[i], name)) {
			*ret = i;
			return true;
		}
	return false;
}

/* What the newest kernel calls @name; 0 where it has no such row. */
static uint64_t newest(const struct machine *m, const char *name)
{
	const struct vmstat *s = &m->phys.stat;
	uint64_t background, threshold;
	unsigned i;

	if (in_names(zone_stat_names, NR_ZONE_STATS, name, &i))
		return shown(vmstat_zone_sum(s, (enum zone_stat)i));
	if (in_names(numa_stat_names, NR_NUMA_STATS, name, &i))
		return vmstat_numa_sum(s, (enum numa_stat)i);
	if (in_names(node_stat_names, NR_NODE_STATS, name, &i))
		return node_stat_shown((enum node_stat)i,
				       vmstat_node_sum(s, (enum node_stat)i));
	if (in_names(event_names, NR_EVENTS, name, &i))
		return i == PGPGIN || i == PGPGOUT ? s->event[i] / 2
						   : s->event[i];
	dirty_limits(&m->cache, &background, &threshold);
	if (!strcmp(name, "nr_dirty_threshold"))
		return threshold;
	if (!strcmp(name, "nr_dirty_background_threshold"))
		return background;
	return strcmp(name, "nr_memmap_boot_pages") ? 0
						    : memmap_pages(&m->phys);
}

/* "dma" ... of the zone with most memory. */
static const char *largest_zone(const struct phys *p)
{
	static const char *const names[MAX_ZONES_PER_NODE] = {
		"dma", "dma32", "normal", "movable", "device"
	};
	uint64_t pages[MAX_ZONES_PER_NODE] = { 0 };
	unsigned most = 0;

	for (unsigned z = 0; z < MAX_ZONES; z++)
		pages[z % MAX_ZONES_PER_NODE] += p->zones[z].managed;
	for (unsigned i = 1; i < MAX_ZONES_PER_NODE; i++)
		if (pages[i] > pages[most])
			most = i;
	return names[most];
}

static uint64_t value(const struct machine *m, const char *name)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(merged); i++) {
		if (strcmp(merged[i].name, name))
			continue;
		for (const char *const *part = merged[i].parts; *part; part++)
			sum += newest(m, *part);
		return sum;
	}
	for (size_t i = 0; i < ARRAY_SIZE(by_zone); i++) {
		size_t len = strlen(by_zone[i]);

		if (!strncmp(name, by_zone[i], len) && name[len] == '_' &&
		    !strcmp(name + len + 1, largest_zone(&m->phys)))
			return newest(m, by_zone[i]);
	}
	return newest(m, name);
}

static bool largest_of_node(const struct phys *p, unsigned zone)
{
	unsigned first = zone - zone % MAX_ZONES_PER_NODE;

	for (unsigned z = first; z < first + MAX_ZONES_PER_NODE; z++)
		if (p->zones[z].managed > p->zones[zone].managed)
			return false;
	return true;
}

static uint64_t zone_value(const struct phys *p, unsigned zone,
			   const char *name)
{
	unsigned i, node = zone / MAX_ZONES_PER_NODE;

	if (in_names(zone_stat_names, NR_ZONE_STATS, name, &i))
		return shown(p->stat.zone[zone][i]);
	if (in_names(numa_stat_names, NR_NUMA_STATS, name, &i))
		return p->stat.numa[zone][i];
	if (!in_names(node_stat_names, NR_NODE_STATS, name, &i))
		return 0;
	if (i <= NR_UNEVICTABLE)
		return shown(p->stat.zone[zone][NR_ZONE_INACTIVE_ANON + i -
						NR_INACTIVE_ANON]);
	return largest_of_node(p, zone) ? node_stat_shown((enum node_stat)i,
							  p->stat.node[node][i])
					: 0;
}

void older_zone_stats(const struct phys *p, unsigned zone, struct outbuf *out)
{
	const struct row *r = rows;
	unsigned i;

	for (; r->until == 408; r++)
		if (has_numa(p) ||
		    !in_names(numa_stat_names, NR_NUMA_STATS, r->name, &i))
			out_printf(out, "\n    %-12s %llu", r->name,
				   (unsigned long long)zone_value(p, zone,
								  r->name));
}

void older_vmstat(const struct machine *m, unsigned version, struct outbuf *out)
{
	unsigned i;

	for (const struct row *r = rows; r < rows + ARRAY_SIZE(rows); r++)
		if (kernel_has(version, r->since, r->until) &&
		    (has_numa(&m->phys) ||
		     !in_names(numa_stat_names, NR_NUMA_STATS, r->name, &i)))
			out_counter(out, r->name, value(m, r->name));
}

bool older_has_row(unsigned version, const char *name)
{
	for (const struct row *r = rows; r < rows + ARRAY_SIZE(rows); r++)
		if (!strcmp(r->name, name) &&
		    kernel_has(version, r->since, r->until))
			return true;
	return false;
}
