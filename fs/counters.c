// SPDX-License-Identifier: Apache-2.0
#include "fs/counters.h"

const char *const zone_stat_names[NR_ZONE_STATS] = {
#define ZONE(id, name) [id] = name,
#include "vmcore/base/vmstat.def"
};
const char *const numa_stat_names[NR_NUMA_STATS] = {
#define NUMA(id, name) [id] = name,
#include "vmcore/base/vmstat.def"
};
const char *const node_stat_names[NR_NODE_STATS] = {
#define NODE(id, name) [id] = name,
#include "vmcore/base/vmstat.def"
};
const char *const event_names[NR_EVENTS] = {
#define EVENT(id, name) [id] = name,
#include "vmcore/base/vmstat.def"
};

uint64_t node_stat_shown(enum node_stat item, int64_t pages)
{
	switch (item) {
	case NR_SHMEM_THPS:
	case NR_SHMEM_PMDMAPPED:
	case NR_FILE_THPS:
	case NR_FILE_PMDMAPPED:
	case NR_ANON_THPS:
		return shown(pages) / HPAGE_PAGES;
	default:
		return shown(pages);
	}
}

void out_counter(struct outbuf *out, const char *name, uint64_t value)
{
	out_str(out, name);
	out_char(out, ' ');
	out_dec(out, value, 0);
	out_char(out, '\n');
}

void out_zone(struct outbuf *out, const struct phys *p, unsigned zone)
{
	out_printf(out, "Node %u, zone %8s", zone / MAX_ZONES_PER_NODE,
		   zone_name(p, zone % MAX_ZONES_PER_NODE));
}

bool zone_known(const struct phys *p, unsigned zone)
{
	unsigned type = zone % MAX_ZONES_PER_NODE;

	if (!p->nodes[zone / MAX_ZONES_PER_NODE].online)
		return false;
	return !p->i386 || (type != ZONE_DMA32 && type != ZONE_DEVICE);
}

int64_t node_zone_stat(const struct phys *p, unsigned node, enum zone_stat item)
{
	unsigned first = node * MAX_ZONES_PER_NODE;
	int64_t sum = 0;

	for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++)
		sum += p->stat.zone[first + i][item];
	return sum;
}

uint64_t node_numa_stat(const struct phys *p, unsigned node,
			enum numa_stat item)
{
	unsigned first = node * MAX_ZONES_PER_NODE;
	uint64_t sum = 0;

	for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++)
		sum += p->stat.numa[first + i][item];
	return sum;
}

uint64_t node_managed_pages(const struct phys *p, unsigned node)
{
	unsigned first = node * MAX_ZONES_PER_NODE;
	uint64_t sum = 0;

	for (unsigned i = 0; i < MAX_ZONES_PER_NODE; i++)
		sum += p->zones[first + i].managed;
	return sum;
}

uint64_t present_pages(const struct phys *p)
{
	uint64_t sum = 0;

	for (unsigned z = 0; z < MAX_ZONES; z++)
		sum += p->zones[z].present;
	return sum;
}
