// SPDX-License-Identifier: Apache-2.0
/* /sys/devices/system/node: drivers/base/node.c; compaction and reclaim of
 * one node: mm/compaction.c, mm/vmscan.c. */
#include "fs/counters.h"
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"
#include "vmcore/phys/tier.h"

#include <errno.h>
#include <string.h>

#define NODE "sys/devices/system/node/"

enum state { POSSIBLE, ONLINE, HAS_CPU, HAS_MEMORY, HAS_NORMAL, HAS_INITIATOR };

static bool has_normal_memory(const struct phys *p, unsigned node)
{
	const struct zone *z = &p->zones[node * MAX_ZONES_PER_NODE];

	return z[ZONE_DMA].present || z[ZONE_DMA32].present ||
	       z[ZONE_NORMAL].present || (!p->i386 && z[ZONE_MOVABLE].present);
}

static bool node_is(const struct phys *p, unsigned node, enum state state)
{
	switch (state) {
	case POSSIBLE:
		return true;
	case ONLINE:
		return p->nodes[node].online;
	case HAS_CPU:
		return p->nodes[node].nr_cpus > 0;
	case HAS_MEMORY:
		return node_managed_pages(p, node) > 0;
	case HAS_NORMAL:
		return has_normal_memory(p, node);
	case HAS_INITIATOR:
		break;
	}
	return false;
}

static int show_states(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	uint64_t mask = 0;

	for (unsigned n = 0; n < p->nr_nodes; n++)
		if (node_is(p, n, (enum state)v->arg))
			mask |= 1ull << n;
	attr_list(out, mask);
	return out->error;
}

static uint64_t node_cpus(const struct phys *p, unsigned node)
{
	uint64_t mask = 0;

	for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++)
		if (p->cpu_node[cpu] == node)
			mask |= 1ull << cpu;
	return mask;
}

static int show_cpulist(const struct view *v, struct outbuf *out)
{
	attr_list(out, node_cpus(&v->m->phys, v->node));
	return out->error;
}

static int show_cpumap(const struct view *v, struct outbuf *out)
{
	attr_mask(out, node_cpus(&v->m->phys, v->node), v->m->phys.nr_cpus);
	return out->error;
}

static int show_distance(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	bool any = false;

	for (unsigned n = 0; n < p->nr_nodes; n++) {
		if (!p->nodes[n].online)
			continue;
		out_printf(out, any ? " %u" : "%u",
			   p->nodes[v->node].distance[n]);
		any = true;
	}
	out_char(out, '\n');
	return out->error;
}

/* Whatever is written compacts. */
static long store_compact(const struct view *v, const char *text, size_t len)
{
	int err = machine_compact(&v->w->m, v->node);

	(void)text;
	return err ? err : (long)len;
}

/* Every failure reads EAGAIN, also that less could go than was asked for. */
static long store_reclaim(const struct view *v, const char *text, size_t len)
{
	uint32_t swappiness;
	uint64_t pages;
	int r = attr_reclaim(text, len, &pages, &swappiness);

	if (!len)
		return 0;
	if (!r)
		r = machine_node_reclaim(&v->w->m, v->node, pages, swappiness);
	return r ? -EAGAIN : (long)len;
}

/* memory_tierN of 128 units of abstract distance: memory as fast as can be
 * stands at 576, what dax_kmem brings at five times that. */
static int show_tier(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	uint64_t mask = 0;

	for (unsigned n = 0; n < p->nr_nodes; n++)
		if (node_is(p, n, HAS_MEMORY) &&
		    node_is_toptier(p, n) == v->arg)
			mask |= 1ull << n;
	attr_list(out, mask);
	return out->error;
}

static bool has_slow(const struct view *v)
{
	const struct phys *p = &v->m->phys;

	for (unsigned n = 0; n < p->nr_nodes; n++)
		if (node_is(p, n, HAS_MEMORY) && !node_is_toptier(p, n))
			return has_numa(p);
	return false;
}

static bool exists(const struct view *v)
{
	return has_numa(&v->m->phys);
}

#define STATES(name, which)                                    \
	{                                                      \
		.path = NODE name, .mode = 0444, .arg = which, \
		.show = show_states                            \
	}
const struct fsnode sys_node_nodes[] = {
	{ .path = "sys/devices/system/node",
	  .mode = 0755,
	  .flags = FSNODE_DIR,
	  .exists = exists },
	STATES("has_cpu", HAS_CPU),
	STATES("has_generic_initiator", HAS_INITIATOR),
	STATES("has_memory", HAS_MEMORY),
	STATES("has_normal_memory", HAS_NORMAL),
	STATES("online", ONLINE),
	STATES("possible", POSSIBLE),
	{ .path = NODE "node$node/compact",
	  .mode = 0200,
	  .flags = FSNODE_STALL,
	  .store = store_compact },
	{ .path = NODE "node$node/cpulist",
	  .mode = 0444,
	  .show = show_cpulist },
	{ .path = NODE "node$node/cpumap", .mode = 0444, .show = show_cpumap },
	{ .path = NODE "node$node/distance",
	  .mode = 0444,
	  .show = show_distance },
	{ .path = NODE "node$node/reclaim",
	  .mode = 0200,
	  .flags = FSNODE_STALL,
	  .store = store_reclaim },
};
NODES_COUNT(sys_node);

#define TIERS "sys/devices/virtual/memory_tiering"
const struct fsnode sys_tier_nodes[] = {
	{ .path = TIERS, .mode = 0755, .flags = FSNODE_DIR, .exists = exists },
	{ .path = TIERS "/memory_tier22",
	  .mode = 0755,
	  .flags = FSNODE_DIR,
	  .exists = has_slow },
	{ .path = TIERS "/memory_tier22/nodelist",
	  .mode = 0444,
	  .arg = false,
	  .show = show_tier,
	  .exists = has_slow },
	{ .path = TIERS "/memory_tier4/nodelist",
	  .mode = 0444,
	  .arg = true,
	  .show = show_tier },
};
NODES_COUNT(sys_tier);
