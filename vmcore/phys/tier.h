/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_TIER_H
#define VMCORE_TIER_H

#include "vmcore/phys/phys.h"

/*
 * DOC: fast and slow memory.
 *
 * Models:  mm/memory-tiers.c; should_numa_migrate_memory() of
 *          kernel/sched/fair.c for memory tiering, 6.18.
 * Owns:    node.promotion.
 * Units:   pages; ms of simulated time, modulo 2^32.
 * Order:   of targets as near the one with the lowest number.
 * Omits:   more than two tiers: what firmware (HMAT) says of bandwidth.
 */
/* Is @node's memory of the fastest kind (node_is_toptier())? */
bool node_is_toptier(const struct phys *p, unsigned node);
/* Where what is cold on @node goes (next_demotion_node()); MAX_NODES: nowhere,
 * or numa/demotion_enabled is off. */
unsigned node_demotion(const struct phys *p, unsigned node);
/* Shall @pages of slow memory, used @since_ms after they were marked, come to
 * @node? Counts candidates. */
bool promotion_due(struct phys *p, unsigned node, uint32_t pages,
		   uint32_t since_ms, uint32_t now_ms);
/* A page could not come to @node for lack of room: its kswapd makes some. */
void promotion_wants_room(struct phys *p, unsigned node);

#endif
