/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_COUNTERS_H
#define FS_COUNTERS_H

#include "fs/outbuf.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: counters as the files of /proc and /sys print them.
 *
 * Models:  mm/vmstat.c: vmstat_text[], vmstat_item_print_in_thp().
 * Owns:    nothing: names come from vmstat.def.
 * Units:   pages; huge folios in folios of 2 MiB; block I/O in kB.
 * Order:   that of vmstat.def.
 * Omits:   nothing.
 */
extern const char *const zone_stat_names[NR_ZONE_STATS];
extern const char *const numa_stat_names[NR_NUMA_STATS];
extern const char *const node_stat_names[NR_NODE_STATS];
extern const char *const event_names[NR_EVENTS];
extern const char *const migratetype_names[NR_MIGRATETYPES];

/* A gauge as the kernel shows it: never below zero. */
static inline uint64_t shown(int64_t value)
{
	return value < 0 ? 0 : (uint64_t)value;
}

/* @pages of @item in the unit its line has. */
uint64_t node_stat_shown(enum node_stat item, int64_t pages);

/* Pages of the boot's own that hold struct page. */
uint64_t memmap_pages(const struct phys *p);
/* "NAME VALUE\n" */
void out_counter(struct outbuf *out, const char *name, uint64_t value);
/* "Node 0, zone      DMA" */
void out_zone(struct outbuf *out, const struct phys *p, unsigned zone);

/* Is there memory in it? Lists of free blocks skip the others. */
static inline bool zone_populated(const struct phys *p, unsigned zone)
{
	return p->zones[zone].present > 0;
}
/* Is the kernel built for nodes? That of a small 32-bit machine is not. */
static inline bool has_numa(const struct phys *p)
{
	return !p->i386 || p->nr_nodes > 1;
}
/* Does this architecture have the zone, with memory or without? */
bool zone_known(const struct phys *p, unsigned zone);
/* Sum of a zone counter over the zones of @node. */
int64_t node_zone_stat(const struct phys *p, unsigned node,
		       enum zone_stat item);
uint64_t node_numa_stat(const struct phys *p, unsigned node,
			enum numa_stat item);
/* Pages of the zones of @node. */
uint64_t node_managed_pages(const struct phys *p, unsigned node);
/* Physical pages of all zones. */
uint64_t present_pages(const struct phys *p);

/* Every zone number of a machine, in the order files list them. */
#define zone_for_each(p, z)                                               \
	for (unsigned z = 0; z < (p)->nr_nodes * MAX_ZONES_PER_NODE; z++) \
		if (zone_known(p, z))

#endif
