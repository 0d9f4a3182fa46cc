/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_TREE_H
#define VMCORE_TREE_H

#include "vmcore/base/pool.h"

#include <stddef.h>

/*
 * DOC: balanced trees of pool records.
 *
 * Models:  the kernel's rbtree and interval tree (lib/); here an AVL tree.
 * Owns:    nothing: nodes are embedded in records, links are ids.
 * Units:   ids.
 * Order:   by less(); equal keys keep insertion order.
 * Omits:   concurrent readers.
 *
 * update() recomputes what a record remembers of its subtree (largest end,
 * largest gap) from the records below, NULL where there is none, and answers
 * whether it is another now; the tree calls it bottom-up wherever a subtree
 * changes, as far as that is noticed above.
 */
struct tree_node {
	uint32_t left, right, parent;
	uint32_t height;
};

struct tree_type {
	size_t pool; /* offset of the records' pool in their owner */
	size_t node; /* and of the node in a record */
	bool (*less)(const void *owner, uint32_t a, uint32_t b);
	bool (*update)(const void *owner, void *record, const void *left,
		       const void *right); /* may be NULL */
};

void tree_insert(const struct tree_type *t, const void *owner, uint32_t *root,
		 uint32_t id);
void tree_erase(const struct tree_type *t, const void *owner, uint32_t *root,
		uint32_t id);
/*
 * The record of @key: @side says below 0 where it would lie to the left of
 * record @id, above 0 to the right, 0: this is it. Return: 0 there is none.
 */
uint32_t tree_search(const struct tree_type *t, const void *owner,
		     uint32_t root, const void *key,
		     int (*side)(const void *owner, const void *key,
				 uint32_t id));
uint32_t tree_first(const struct tree_type *t, const void *owner,
		    uint32_t root);
uint32_t tree_next(const struct tree_type *t, const void *owner, uint32_t id);

#endif
