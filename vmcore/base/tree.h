/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_TREE_H
#define VMCORE_TREE_H

#include "vmcore/base/types.h"

/*
 * DOC: balanced trees of pool records.
 *
 * Models:  the kernel's rbtree and interval tree (lib/); here an AVL tree.
 * Owns:    nothing: nodes are embedded in records, links are ids.
 * Units:   ids.
 * Order:   by less(); equal keys keep insertion order.
 * Omits:   concurrent readers.
 *
 * update(id) recomputes what a record remembers of its subtree (largest end,
 * largest gap); the tree calls it bottom-up wherever a subtree changes.
 */
struct tree_node {
	uint32_t left, right, parent;
	uint32_t height;
};

struct tree_type {
	struct tree_node *(*node)(const void *owner, uint32_t id);
	bool (*less)(const void *owner, uint32_t a, uint32_t b);
	void (*update)(const void *owner, uint32_t id); /* may be NULL */
};

void tree_insert(const struct tree_type *t, const void *owner, uint32_t *root,
		 uint32_t id);
void tree_erase(const struct tree_type *t, const void *owner, uint32_t *root,
		uint32_t id);
/* Recompute update() from @id to the root after @id's own key data moved. */
void tree_fix(const struct tree_type *t, const void *owner, uint32_t id);
uint32_t tree_first(const struct tree_type *t, const void *owner,
		    uint32_t root);
uint32_t tree_last(const struct tree_type *t, const void *owner, uint32_t root);
uint32_t tree_next(const struct tree_type *t, const void *owner, uint32_t id);
uint32_t tree_prev(const struct tree_type *t, const void *owner, uint32_t id);

#endif
