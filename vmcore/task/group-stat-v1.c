// SPDX-License-Identifier: Apache-2.0
/* memory.stat of cgroup version 1: mm/memcontrol-v1.c memcg1_stat_format(). */
#include "vmcore/task/group-stat.h"

enum source { PAGES, COUNT, EVENTS, SWAP };

/* clang-format off */
static const struct row {
	const char *name;
	uint8_t source, item;
} rows[] = {
	{ "cache", PAGES, NR_FILE_PAGES },
	{ "rss", PAGES, NR_ANON_MAPPED },
	{ "rss_huge", PAGES, NR_ANON_THPS },
	{ "shmem", PAGES, NR_SHMEM },
	{ "mapped_file", PAGES, NR_FILE_MAPPED },
	{ "dirty", PAGES, NR_FILE_DIRTY },
	{ "writeback", PAGES, NR_WRITEBACK },
	{ "workingset_refault_anon", COUNT, WORKINGSET_REFAULT_ANON },
	{ "workingset_refault_file", COUNT, WORKINGSET_REFAULT_FILE },
	{ "swap", SWAP, 0 },
	{ "swapcached", PAGES, NR_SWAPCACHE },
	{ "pgpgin", EVENTS, PGPGIN },
	{ "pgpgout", EVENTS, PGPGOUT },
	{ "pgfault", EVENTS, PGFAULT },
	{ "pgmajfault", EVENTS, PGMAJFAULT },
	{ "inactive_anon", PAGES, NR_INACTIVE_ANON },
	{ "active_anon", PAGES, NR_ACTIVE_ANON },
	{ "inactive_file", PAGES, NR_INACTIVE_FILE },
	{ "active_file", PAGES, NR_ACTIVE_FILE },
	{ "unevictable", PAGES, NR_UNEVICTABLE },
};
/* clang-format on */

const unsigned nr_group_stats_v1 = sizeof(rows) / sizeof(*rows);

const char *group_stat_v1_name(unsigned line)
{
	return rows[line].name;
}

/* Slots of its own: the counter has those of the groups below, too. */
static int64_t own_swap(const struct control *c, const struct group *g)
{
	uint64_t pages = g->swap_usage;

	for (uint32_t id = g->first_child; id;
	     id = group_at(c, id)->next_sibling)
		pages -= group_at(c, id)->swap_usage;
	return (int64_t)pages << PAGE_SHIFT;
}

int64_t group_stat_v1_own(const struct control *c, uint32_t group,
			  unsigned line)
{
	const struct group *g = group_at(c, group);
	const struct row *row = &rows[line];

	switch ((enum source)row->source) {
	case PAGES:
		return g->stat[row->item] << PAGE_SHIFT;
	case COUNT:
		return g->stat[row->item];
	case EVENTS:
		return (int64_t)g->event[row->item];
	case SWAP:
		break;
	}
	return own_swap(c, g);
}

int64_t group_stat_v1_total(const struct control *c, uint32_t group,
			    unsigned line)
{
	int64_t sum = 0;

	for (uint32_t id = group; id; id = group_next(c, group, id))
		sum += group_stat_v1_own(c, id, line);
	return sum;
}

uint64_t group_least(const struct control *c, uint32_t group, bool memsw)
{
	uint64_t least = UINT64_MAX;

	for (; group > GROUP_ROOT; group = group_at(c, group)->parent) {
		const struct group *g = group_at(c, group);
		uint64_t max = memsw ? g->memsw_max : g->max;

		if (max < least)
			least = max;
	}
	return least;
}
