/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_XARRAY_H
#define VMCORE_XARRAY_H

#include "vmcore/base/pool.h"

/*
 * DOC: index to entry, 64 slots a node.
 *
 * Models:  lib/xarray.c: the same fan-out, so that the nodes a file needs
 *          are as many as the kernel allocates (slab radix_tree_node).
 * Owns:    nodes, in a pool shared by many trees.
 * Units:   entries are 64-bit, 0 is empty.
 * Order:   by index.
 * Omits:   RCU, marks, multi-index entries (a folio fills all its slots).
 */
#define XA_SHIFT 6
#define XA_SLOTS 64
#define XA_NONE	 UINT64_MAX

struct xa_node {
	uint64_t slot[XA_SLOTS]; /* leaf: entries; else ids of nodes */
	uint32_t parent, offset; /* offset in the parent */
	uint32_t shift, count; /* slots in use */
	uint32_t nr_values; /* leaf: entries the owner calls shadows */
	uint32_t slab; /* the radix_tree_node object it stands for */
	/* the owner's: what it likes, and a list of nodes */
	uint64_t spare;
	uint32_t next, prev, list, unused;
};

struct xarray {
	uint32_t root; /* node id; 0: empty or the single entry */
	uint32_t shift; /* of the root node */
	uint64_t single; /* entry at index 0 while no node is needed */
};

static inline struct xa_node *xa_node_at(const struct pool *nodes, uint32_t id)
{
	return pool_at(nodes, id);
}

/* The place of @index in @leaf, which has it. */
static inline uint64_t *xa_slot(struct xa_node *leaf, uint64_t index)
{
	return &leaf->slot[index & (XA_SLOTS - 1)];
}
/* Store @entry there, 0 none, if that leaves the nodes as they are: with two
 * entries the leaf may be more than is needed. */
static inline bool xa_exchange(struct xa_node *leaf, uint64_t index,
			       uint64_t entry)
{
	uint64_t *slot = xa_slot(leaf, index);

	if (!entry && leaf->count <= 2)
		return false;
	leaf->count += (uint32_t) !!entry - (uint32_t) !!*slot;
	*slot = entry;
	return true;
}

uint64_t xa_load(const struct pool *nodes, const struct xarray *xa,
		 uint64_t index);
/* Is told of a node that is no longer needed, before it goes. */
typedef void xa_release(void *arg, const struct xa_node *node);
/*
 * Store @entry (0 erases, freeing empty nodes). Return: 0 or a host errno.
 * @ret_leaf: the leaf node now holding @index, 0 if none.
 */
int xa_store(struct pool *nodes, struct xarray *xa, uint64_t index,
	     uint64_t entry, uint32_t *ret_leaf);
/* Make the leaf for @index without an entry; a tree of one entry at index 0
 * gets its leaf too. Return: 0 or a host errno, then nothing changed. */
int xa_reserve(struct pool *nodes, struct xarray *xa, uint64_t index,
	       uint32_t *ret_leaf);
/* Erase @index; nodes that become empty are told to @release (or NULL).
 * Return: the leaf that still holds @index's place, 0 if none. */
uint32_t xa_erase(struct pool *nodes, struct xarray *xa, uint64_t index,
		  xa_release *release, void *arg);
/* How many nodes storing at @index would add. */
unsigned xa_missing(const struct pool *nodes, const struct xarray *xa,
		    uint64_t index);
/* First index in [@index, @end) with an entry; XA_NONE none. */
uint64_t xa_next(const struct pool *nodes, const struct xarray *xa,
		 uint64_t index, uint64_t end, uint64_t *ret_entry);
/* The leaf whose slots include @index, 0 if there is none. */
uint32_t xa_leaf(const struct pool *nodes, const struct xarray *xa,
		 uint64_t index);

#endif
