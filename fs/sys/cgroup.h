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
/* PAGE_COUNTER_MAX: no limit */
#define GROUP_COUNTER_MAX ((uint64_t)INT64_MAX >> PAGE_SHIFT)

/* Bytes with a unit, or @none, which is no limit: pages, UINT64_MAX. 0 or
 * -EINVAL (page_counter_memparse()). */
int group_parse_pages(const char *s, size_t len, const char *none,
		      uint64_t *ret_pages);
/* cgroup.procs and tasks */
int group_show_procs(const struct view *v, struct outbuf *out);
long group_store_procs(const struct view *v, const char *text, size_t len);
/* Pages of memory.peak or memory.swap.peak (@arg: the row's) since anybody
 * wrote it. */
uint64_t group_peak_since(const struct control *c, uint32_t group,
			  uint32_t arg);
/* Without blanks before and behind. */
void strip(const char **text, size_t *len);

#endif
