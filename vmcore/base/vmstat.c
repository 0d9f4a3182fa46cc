// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/vmstat.h"

int64_t vmstat_zone_sum(const struct vmstat *v, enum zone_stat item)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < MAX_ZONES; i++)
		sum += v->zone[i][item];
	return sum;
}

uint64_t vmstat_numa_sum(const struct vmstat *v, enum numa_stat item)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < MAX_ZONES; i++)
		sum += v->numa[i][item];
	return sum;
}

int64_t vmstat_node_sum(const struct vmstat *v, enum node_stat item)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < MAX_NODES; i++)
		sum += v->node[i][item];
	return sum;
}
