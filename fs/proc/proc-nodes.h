/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROC_NODES_H
#define FS_PROC_NODES_H

#include "fs/tree.h"

/*
 * DOC: the files of /proc that speak of the machine, not of a process.
 *
 * Models:  fs/proc and what registers files there, Linux 6.18.
 * Owns:    one array of rows a source file; fs/tree-tables.c lists them.
 * Units:   as each file's lines have them.
 * Order:   does not apply.
 * Omits:   sysctls (rows of knobs) and the folders of processes.
 */
#define PROC_TABLES(X)   \
	X(proc_meminfo)  \
	X(proc_vmstat)   \
	X(proc_buddy)    \
	X(proc_zoneinfo) \
	X(proc_stat)     \
	X(proc_irq)      \
	X(proc_block)    \
	X(proc_slab)     \
	X(proc_vmalloc)  \
	X(proc_sysvipc)  \
	X(proc_pressure) \
	X(proc_system)   \
	X(proc_iomem)    \
	X(proc_kpage)    \
	X(proc_cpuinfo)

#define PROC_DECLARE(name)                         \
	extern const struct fsnode name##_nodes[]; \
	extern const unsigned nr_##name##_nodes;
PROC_TABLES(PROC_DECLARE)

/* The number of rows, beside them. */
#define NODES_COUNT(name) \
	const unsigned nr_##name##_nodes = ARRAY_SIZE(name##_nodes)

#endif
