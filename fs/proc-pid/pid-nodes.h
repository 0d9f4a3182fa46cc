/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROC_PID_PID_NODES_H
#define FS_PROC_PID_PID_NODES_H

#include "fs/world.h"

/*
 * DOC: the rows of /proc/PID and /proc/PID/task/TID.
 *
 * Models:  fs/proc/base.c tgid_base_stuff[], tid_base_stuff[].
 * Owns:    nothing.
 * Units:   does not apply.
 * Order:   the tree sorts by path.
 * Omits:   what the model has no state for: mem, mounts, ns/, net/.
 */
/* The arrays and, by the same names, what fs/tree-tables.c lists. */
#define PID_TABLES(X)  \
	X(pid_ksm)     \
	X(pid_limits)  \
	X(pid_maps)    \
	X(pid_name)    \
	X(pid_numa)    \
	X(pid_oom)     \
	X(pid_pagemap) \
	X(pid_sched)   \
	X(pid_smaps)   \
	X(pid_stat)    \
	X(pid_status)

#define PID_DECLARE(name)                          \
	extern const struct fsnode name##_nodes[]; \
	extern const unsigned nr_##name##_nodes;
PID_TABLES(PID_DECLARE)

#endif
