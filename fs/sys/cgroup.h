/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SYS_CGROUP_H
#define FS_SYS_CGROUP_H

#include "fs/world.h"

/*
 * DOC: what the files of memory groups share.
 *
 * Models:  strstrip() as kernfs writes of cgroup files use it.
 * Owns:    nothing.
 * Units:   bytes.
 * Order:   does not apply.
 * Omits:   nothing.
 */

/* Rows that only the trees of version 2 (of 1) have. */
bool group_v2(const struct view *v);
bool group_v1(const struct view *v);
/* Without blanks before and behind. */
void strip(const char **text, size_t *len);

#endif
