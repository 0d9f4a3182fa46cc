// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/xarray.h"

/* Largest index a tree whose root has @shift can hold. */
static uint64_t max_index(uint32_t shift)
{
	if (shift + XA_SHIFT >= 64)
		return UINT64_MAX;
	return ((uint64_t)1 << (shift + XA_SHIFT)) - 1;
}

static unsigned slot_of(uint64_t index, uint32_t shift)
{
	return (unsigned)(index >> shift) & (XA_SLOTS - 1);
}

uint32_t xa_leaf(const struct pool *nodes, const struct xarray *xa,
		 uint64_t index)
{
	uint32_t id = xa->root;

	if (!id || index > max_index(xa->shift))
		return 0;
	for (uint32_t shift = xa->shift; shift && id; shift -= XA_SHIFT) {
		const struct xa_node *n = xa_node_at(nodes, id);

		id = (uint32_t)n->slot[slot_of(index, shift)];
	}
	return id;
}

uint64_t xa_load(const struct pool *nodes, const struct xarray *xa,
		 uint64_t index)
{
	uint32_t leaf;

	if (!xa->root)
		return index ? 0 : xa->single;
	leaf = xa_leaf(nodes, xa, index);
	return leaf ? xa_node_at(nodes, leaf)->slot[slot_of(index, 0)] : 0;
}

/* Shift of the smallest root that holds @index. */
static uint32_t root_shift(uint64_t index)
{
	uint32_t shift = 0;

	while (index > max_index(shift))
		shift += XA_SHIFT;
	return shift;
}

unsigned xa_missing(const struct pool *nodes, const struct xarray *xa,
		    uint64_t index)
{
	uint32_t want = root_shift(index), shift = xa->shift, id = xa->root;
	unsigned grown = 0;

	if (!id) {
		if (!index)
			return 0;
		/* A single entry moves down to a leaf of its own. */
		grown = want / XA_SHIFT + 1;
		return xa->single && want ? grown + want / XA_SHIFT : grown;
	}
	if (want > shift)
		return (want - shift) / XA_SHIFT + want / XA_SHIFT;
	for (; shift; shift -= XA_SHIFT) {
		const struct xa_node *n = xa_node_at(nodes, id);

		id = (uint32_t)n->slot[slot_of(index, shift)];
		if (!id)
			return shift / XA_SHIFT;
	}
	return 0;
}

static int node_new(struct pool *nodes, uint32_t shift, uint32_t parent,
		    uint32_t offset, uint32_t *ret_id)
{
	struct xa_node *n;
	uint32_t id;
	int r = pool_new(nodes, &id);

	if (r)
		return r;
	n = xa_node_at(nodes, id);
	n->shift = shift;
	n->parent = parent;
	n->offset = offset;
	if (parent) {
		struct xa_node *up = xa_node_at(nodes, parent);

		up->slot[offset] = id;
		up->count++;
	}
	*ret_id = id;
	return 0;
}

/* Put a new root above the old one. */
static int add_root(struct pool *nodes, struct xarray *xa)
{
	uint32_t shift = xa->root ? xa->shift + XA_SHIFT : 0, id;
	int r = node_new(nodes, shift, 0, 0, &id);

	if (r)
		return r;
	if (xa->root) {
		xa_node_at(nodes, xa->root)->parent = id;
		xa_node_at(nodes, id)->slot[0] = xa->root;
		xa_node_at(nodes, id)->count = 1;
	} else if (xa->single) {
		xa_node_at(nodes, id)->slot[0] = xa->single;
		xa_node_at(nodes, id)->count = 1;
		xa->single = 0;
	}
	xa->root = id;
	xa->shift = shift;
	return 0;
}

/* Make the tree tall enough (xas_expand()). */
static int expand(struct pool *nodes, struct xarray *xa, uint64_t index)
{
	uint32_t want = root_shift(index), id;
	int r = 0;

	if (!xa->root && !xa->single && want) {
		r = node_new(nodes, want, 0, 0, &id);
		if (r)
			return r;
		xa->root = id;
		xa->shift = want;
	}
	while (!r && (!xa->root || xa->shift < want))
		r = add_root(nodes, xa);
	return r;
}

/* Node @id became empty: drop it and what it leaves empty above. Return: the
 * first node kept, 0 if the tree is empty. */
static uint32_t drop_empty(struct pool *nodes, struct xarray *xa, uint32_t id,
			   xa_release *release, void *arg)
{
	while (id && !xa_node_at(nodes, id)->count) {
		struct xa_node *n = xa_node_at(nodes, id);
		uint32_t parent = n->parent, offset = n->offset;

		if (release)
			release(arg, n);
		pool_free(nodes, id);
		id = parent;
		if (id) {
			xa_node_at(nodes, id)->slot[offset] = 0;
			xa_node_at(nodes, id)->count--;
		} else {
			xa->root = 0;
			xa->shift = 0;
		}
	}
	return id;
}

/* While only slot 0 of the root is used, its child is enough (xas_shrink). */
static void shrink(struct pool *nodes, struct xarray *xa, xa_release *release,
		   void *arg)
{
	while (xa->root) {
		uint32_t id = xa->root;
		struct xa_node *n = xa_node_at(nodes, id);
		uint64_t first = n->slot[0];

		if (n->count != 1 || !first)
			return;
		if (n->shift) {
			xa->root = (uint32_t)first;
			xa->shift = n->shift - XA_SHIFT;
			xa_node_at(nodes, xa->root)->parent = 0;
		} else {
			xa->root = 0;
			xa->single = first;
		}
		if (release)
			release(arg, n);
		pool_free(nodes, id);
	}
}

uint32_t xa_erase(struct pool *nodes, struct xarray *xa, uint64_t index,
		  xa_release *release, void *arg)
{
	uint32_t leaf = xa_leaf(nodes, xa, index), kept;
	struct xa_node *n;

	if (!xa->root && !index)
		xa->single = 0;
	if (!leaf)
		return 0;
	n = xa_node_at(nodes, leaf);
	if (n->slot[slot_of(index, 0)]) {
		n->slot[slot_of(index, 0)] = 0;
		n->count--;
	}
	if (!n->count) {
		kept = drop_empty(nodes, xa, leaf, release, arg);
		if (kept && !xa_node_at(nodes, kept)->parent)
			shrink(nodes, xa, release, arg);
	} else if (!n->parent) {
		shrink(nodes, xa, release, arg);
	}
	return xa_leaf(nodes, xa, index);
}

int xa_reserve(struct pool *nodes, struct xarray *xa, uint64_t index,
	       uint32_t *ret_leaf)
{
	uint32_t id;
	int r = expand(nodes, xa, index);

	if (r)
		goto undo;
	id = xa->root;
	for (uint32_t shift = xa->shift; shift; shift -= XA_SHIFT) {
		unsigned i = slot_of(index, shift);
		uint32_t next = (uint32_t)xa_node_at(nodes, id)->slot[i];

		if (!next) {
			r = node_new(nodes, shift - XA_SHIFT, id, i, &next);
			if (r) {
				drop_empty(nodes, xa, id, NULL, NULL);
				goto undo;
			}
		}
		id = next;
	}
	*ret_leaf = id;
	return 0;
undo:
	shrink(nodes, xa, NULL, NULL);
	return r;
}

int xa_store(struct pool *nodes, struct xarray *xa, uint64_t index,
	     uint64_t entry, uint32_t *ret_leaf)
{
	struct xa_node *n;
	uint32_t leaf;
	int r;

	if (!entry) {
		*ret_leaf = xa_erase(nodes, xa, index, NULL, NULL);
		return 0;
	}
	if (!index && !xa->root) {
		xa->single = entry;
		*ret_leaf = 0;
		return 0;
	}
	r = xa_reserve(nodes, xa, index, &leaf);
	if (r)
		return r;
	n = xa_node_at(nodes, leaf);
	if (!n->slot[slot_of(index, 0)])
		n->count++;
	n->slot[slot_of(index, 0)] = entry;
	*ret_leaf = leaf;
	return 0;
}

/* First used slot of @n from @from on, XA_SLOTS if none. */
static unsigned used_slot(const struct xa_node *n, unsigned from)
{
	while (from < XA_SLOTS && !n->slot[from])
		from++;
	return from;
}

uint64_t xa_next(const struct pool *nodes, const struct xarray *xa,
		 uint64_t index, uint64_t end, uint64_t *ret_entry)
{
	uint32_t id = xa->root;

	if (!id) {
		if (index || !end || !xa->single)
			return XA_NONE;
		*ret_entry = xa->single;
		return 0;
	}
	while (index < end && index <= max_index(xa->shift)) {
		const struct xa_node *n = xa_node_at(nodes, id);
		unsigned want = slot_of(index, n->shift);
		unsigned i = used_slot(n, want);

		if (i == XA_SLOTS) {
			/* On to the next sibling of this node. */
			index = (index | max_index(n->shift)) + 1;
			if (!index)
				break;
			id = xa->root;
			continue;
		}
		if (i != want)
			index = (index & ~max_index(n->shift)) |
				(uint64_t)i << n->shift;
		if (n->shift) {
			id = (uint32_t)n->slot[i];
			continue;
		}
		if (index >= end)
			break;
		*ret_entry = n->slot[i];
		return index;
	}
	return XA_NONE;
}
