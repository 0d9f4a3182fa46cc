/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_VMSTAT_H
#define VMCORE_VMSTAT_H

#include "vmcore/base/types.h"

/*
 * DOC: counters.
 *
 * Models:  mm/vmstat.c, include/linux/vmstat.h of 6.18; rows: vmstat.def.
 * Owns:    every zone, node and machine counter.
 * Units:   pages unless the row says otherwise.
 * Order:   exact; the kernel's per-CPU deltas are left out on purpose.
 * Omits:   per-CPU batching and its error.
 */
enum zone_stat {
#define ZONE(id, name) id,
#include "vmcore/base/vmstat.def"
	NR_ZONE_STATS
};
enum numa_stat {
#define NUMA(id, name) id,
#include "vmcore/base/vmstat.def"
	NR_NUMA_STATS
};
enum node_stat {
#define NODE(id, name) id,
#include "vmcore/base/vmstat.def"
	NR_NODE_STATS
};
enum event {
#define EVENT(id, name) id,
#include "vmcore/base/vmstat.def"
	NR_EVENTS
};

/* Zones are numbered node * MAX_ZONES_PER_NODE + zone type. */
struct vmstat {
	int64_t zone[MAX_ZONES][NR_ZONE_STATS];
	uint64_t numa[MAX_ZONES][NR_NUMA_STATS];
	int64_t node[MAX_NODES][NR_NODE_STATS];
	uint64_t event[NR_EVENTS];
};

static inline void vmstat_zone(struct vmstat *v, unsigned zone,
			       enum zone_stat item, int64_t delta)
{
	v->zone[zone][item] += delta;
}

static inline void vmstat_node(struct vmstat *v, unsigned node,
			       enum node_stat item, int64_t delta)
{
	v->node[node][item] += delta;
}

static inline void vmstat_event(struct vmstat *v, enum event item,
				uint64_t count)
{
	v->event[item] += count;
}

/* Sums over all zones or nodes. */
int64_t vmstat_zone_sum(const struct vmstat *v, enum zone_stat item);
uint64_t vmstat_numa_sum(const struct vmstat *v, enum numa_stat item);
int64_t vmstat_node_sum(const struct vmstat *v, enum node_stat item);

#endif
