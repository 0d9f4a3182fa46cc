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
extern const struct fsnode pid_maps_nodes[];
extern const unsigned nr_pid_maps_nodes;
extern const struct fsnode pid_smaps_nodes[];
extern const unsigned nr_pid_smaps_nodes;
extern const struct fsnode pid_status_nodes[];
extern const unsigned nr_pid_status_nodes;
extern const struct fsnode pid_stat_nodes[];
extern const unsigned nr_pid_stat_nodes;

#endif
