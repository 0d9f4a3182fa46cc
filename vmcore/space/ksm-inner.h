/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KSM_INNER_H
#define VMCORE_KSM_INNER_H

#include "vmcore/space/pgtable.h"

/*
 * DOC: what the files of KSM on this floor share.
 *
 * Models:  the static functions of mm/ksm.c of 6.18.
 * Owns:    nothing.
 * Units:   ids of records.
 * Order:   as ksm.h says.
 * Omits:   see ksm.h.
 */
static inline struct ksm_item *item_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->ksm_items, id);
}
static inline struct ksm_node *node_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->ksm_nodes, id);
}
static inline struct ksm_slot *slot_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->ksm_slots, id);
}
/* The item leaves its node, which stays. */
void ksm_detach(struct space *s, uint32_t item);
/* The node leaves its tree or chain, its items are nowhere
 * (remove_node_from_stable_tree()). */
void ksm_node_drop(struct space *s, struct ctx *ctx, uint32_t node);

#endif
