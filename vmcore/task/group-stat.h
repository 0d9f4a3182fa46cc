/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_GROUP_STAT_H
#define VMCORE_GROUP_STAT_H

#include "vmcore/control/control.h"
#include "vmcore/kmem/kmem.h"

/*
 * DOC: the lines of memory.stat.
 *
 * Models:  mm/memcontrol.c memory_stats[], memcg_vm_event_stat[],
 *          memory_stat_format() of 6.18.
 * Owns:    nothing.
 * Units:   bytes, events as they are counted.
 * Order:   that of the file.
 * Omits:   zswap and hugetlb: nothing of theirs is charged.
 */
extern const unsigned nr_group_stats;
const char *group_stat_name(unsigned line);
/* Of @group and all below it. */
int64_t group_stat_value(const struct control *c, uint32_t group,
			 unsigned line);
/* Is @line one of memory.numa_stat too? Then its share of @node. */
bool group_stat_by_node(unsigned line);
int64_t group_stat_node(const struct control *c, uint32_t group, unsigned line,
			unsigned node);

/* --- group-stat-v1.c: the file of cgroup version 1 -------------------------
 */
extern const unsigned nr_group_stats_v1;
const char *group_stat_v1_name(unsigned line);
int64_t group_stat_v1_own(const struct control *c, uint32_t group,
			  unsigned line);
int64_t group_stat_v1_total(const struct control *c, uint32_t group,
			    unsigned line);
/* The least limit of @group and those above it, pages; UINT64_MAX none. */
uint64_t group_least(const struct control *c, uint32_t group, bool memsw);

#endif
