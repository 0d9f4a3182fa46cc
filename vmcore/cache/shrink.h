/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SHRINK_H
#define VMCORE_SHRINK_H

#include "vmcore/cache/cache.h"

/*
 * DOC: slab objects are given back under pressure.
 *
 * Models:  mm/shrinker.c, super_cache_scan() (fs/super.c), the shadow node
 *          shrinker (mm/workingset.c).
 * Owns:    nothing; what was left over stands in the lists.
 * Units:   objects.
 * Order:   file systems in the order their lists were made.
 * Omits:   shrinkers of other caches.
 */
/* Objects of @group on @node in proportion to 1/2^@priority of all: how many
 * were freed. For reclaim after the lists of a node and group. */
uint64_t shrink_slab(struct cache *c, struct ctx *ctx, uint32_t node,
		     uint32_t group, int32_t priority);
/* All that nobody uses: drop_slab(). */
void drop_slab(struct cache *c, struct ctx *ctx);

#endif
