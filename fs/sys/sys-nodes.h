/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SYS_NODES_H
#define FS_SYS_NODES_H

#include "fs/tree.h"

/*
 * DOC: the files of /sys.
 *
 * Models:  mm (sysfs attributes), drivers/base/{node,cpu,memory}.c,
 *          block/genhd.c, cgroup 1 and 2, Linux 6.18.
 * Owns:    one array of rows a source file; fs/tree-tables.c lists them.
 * Units:   as each file has them.
 * Order:   does not apply.
 * Omits:   buses, drivers and devices that hold no memory.
 */
#define SYS_TABLES(X)          \
	X(sys_thp)             \
	X(sys_thp_sizes)       \
	X(sys_khugepaged)      \
	X(sys_ksm)             \
	X(sys_hugepages)       \
	X(sys_mm)              \
	X(sys_lru_gen)         \
	X(sys_zswap)           \
	X(sys_extfrag)         \
	X(sys_node)            \
	X(sys_node_stat)       \
	X(sys_tier)            \
	X(sys_cpu)             \
	X(sys_memory)          \
	X(sys_block)           \
	X(sys_cgroup)          \
	X(sys_cgroup_memory)   \
	X(sys_cgroup_pressure) \
	X(sys_cgroup_v1)

#define SYS_DECLARE(name)                          \
	extern const struct fsnode name##_nodes[]; \
	extern const unsigned nr_##name##_nodes;
SYS_TABLES(SYS_DECLARE)

/* The number of rows, beside them. */
#define NODES_COUNT(name) \
	const unsigned nr_##name##_nodes = ARRAY_SIZE(name##_nodes)

#endif
