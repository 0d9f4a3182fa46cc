// SPDX-License-Identifier: Apache-2.0
/* Fallback order of zones (mm/page_alloc.c, build_zonelists()). */
#include "vmcore/phys/inner.h"

/* Distance rules; any number above every node_load will do. */
#define DISTANCE_WEIGHT 1024u

static bool node_has_memory(const struct phys *p, unsigned node)
{
	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
		if (p->zones[node * MAX_ZONES_PER_NODE + t].present)
			return true;
	return false;
}

/* The nearest node not yet in @used (find_next_best_node). MAX_NODES: none. */
static unsigned next_node(const struct phys *p, unsigned local, uint32_t used,
			  const uint32_t *load)
{
	unsigned best = MAX_NODES;
	uint32_t best_value = UINT32_MAX;

	if (!node_has(used, local) && node_has_memory(p, local))
		return local;
	for (unsigned n = 0; n < p->nr_nodes; n++) {
		uint32_t value = p->nodes[local].distance[n];

		if (node_has(used, n) || !node_has_memory(p, n))
			continue;
		value += n < local;
		value += p->nodes[n].nr_cpus > 0;
		value = value * DISTANCE_WEIGHT + load[n];
		if (value < best_value) {
			best_value = value;
			best = n;
		}
	}
	return best;
}

static void add_zones(struct phys *p, struct node *list, unsigned node)
{
	for (unsigned t = MAX_ZONES_PER_NODE; t-- > 0;) {
		unsigned z = node * MAX_ZONES_PER_NODE + t;

		if (p->zones[z].present)
			list->zonelist[list->nr_zonelist++] = (uint8_t)z;
	}
}

void zonelists_make(struct phys *p)
{
	uint32_t load[MAX_NODES] = { 0 };

	/* check_highest_zone() */
	p->policy_zone = 0;
	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++)
		if (p->zones[z].managed && p->zones[z].type > p->policy_zone &&
		    p->zones[z].type != ZONE_MOVABLE)
			p->policy_zone = p->zones[z].type;
	for (unsigned local = 0; local < p->nr_nodes; local++) {
		struct node *list = &p->nodes[local];
		unsigned n, prev = local;
		uint32_t used = 0;

		list->nr_zonelist = 0;
		while ((n = next_node(p, local, used, load)) < MAX_NODES) {
			used |= 1u << n;
			/* Equally far nodes take turns in being first. */
			if (list->distance[n] != list->distance[prev])
				load[n]++;
			add_zones(p, list, n);
			prev = n;
		}
	}
}
