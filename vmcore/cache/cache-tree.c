// SPDX-License-Identifier: Apache-2.0
/* inode.pages: every node is a radix_tree_node object that must be charged
 * before the tree may grow. */
#include "vmcore/cache/cache-internal.h"

#define MAX_MISSING 24 /* nodes one store can add, far above the truth */

struct releaser {
	struct cache *c;
	struct ctx *ctx;
};

static void unlist(struct cache *c, const struct xa_node *n)
{
	struct lru_ids *l = &lru_at(c, n->list)->nodes;

	if (n->prev)
		xa_node_at(&c->nodes, n->prev)->next = n->next;
	else
		l->head = n->next;
	if (n->next)
		xa_node_at(&c->nodes, n->next)->prev = n->prev;
	else
		l->tail = n->prev;
	l->nr--;
	vmstat_node(&c->phys->stat, pfn_node(c->phys, n->slab),
		    WORKINGSET_NODES, -1);
}

/* The lists are there since tree_reserve(). */
static void list(struct cache *c, uint32_t id)
{
	struct xa_node *n = xa_node_at(&c->nodes, id);
	struct lru_ids *l;

	n->list = lru_of(c, LRU_SHADOWS, n->slab, node_group(n));
	l = &lru_at(c, n->list)->nodes;
	n->next = 0;
	n->prev = l->tail;
	if (l->tail)
		xa_node_at(&c->nodes, l->tail)->next = id;
	else
		l->head = id;
	l->tail = id;
	l->nr++;
	vmstat_node(&c->phys->stat, pfn_node(c->phys, n->slab),
		    WORKINGSET_NODES, 1);
}

/* Leaves that hold nothing but shadows are counted and can be had back
 * (workingset.c, workingset_update_node()). */
static void update_leaf(struct cache *c, uint32_t leaf)
{
	struct xa_node *n = xa_node_at(&c->nodes, leaf);
	bool on = n->count && n->count == n->nr_values;

	if (on == (n->spare & 1))
		return;
	n->spare ^= 1;
	if (on)
		list(c, leaf);
	else
		unlist(c, n);
}

static void release_node(void *arg, const struct xa_node *node)
{
	struct releaser *r = arg;

	if (node->spare & 1)
		unlist(r->c, node);
	if (node->slab)
		object_free(r->c, r->ctx, node_group(node), node->slab);
}

/* Give the new nodes from @leaf up their slab objects. */
static void name_nodes(struct cache *c, uint32_t leaf, uint64_t owner,
		       const pfn_t *slabs, unsigned *nr)
{
	for (uint32_t id = leaf; id; id = xa_node_at(&c->nodes, id)->parent) {
		struct xa_node *n = xa_node_at(&c->nodes, id);

		if (n->slab)
			continue;
		n->slab = slabs[--*nr];
		n->spare = owner;
	}
}

/* The same of those above what was there before, which stays on the left. */
static void name_grown(struct cache *c, uint32_t root, uint64_t owner,
		       const pfn_t *slabs, unsigned *nr)
{
	for (uint32_t id = root; id && *nr;) {
		struct xa_node *n = xa_node_at(&c->nodes, id);

		if (!n->slab) {
			n->slab = slabs[--*nr];
			n->spare = owner;
		}
		id = n->shift ? (uint32_t)n->slot[0] : 0;
	}
}

/* A single entry that moved into a leaf of its own. */
static void count_moved(struct cache *c, uint32_t leaf)
{
	struct xa_node *n = xa_node_at(&c->nodes, leaf);

	n->nr_values = entry_is_shadow(n->slot[0]);
	update_leaf(c, leaf);
}

static int reserve_leaf(struct cache *c, struct ctx *ctx, uint32_t id,
			uint64_t index)
{
	struct inode *inode = inode_at(c, id);
	uint64_t owner = (uint64_t)id << 32 | (uint64_t)ctx->group << 1;
	unsigned want = xa_missing(&c->nodes, &inode->pages, index), got = 0;
	bool moves = inode->pages.single != 0;
	uint32_t old = inode->pages.root; /* more than one node may go above */
	pfn_t slabs[MAX_MISSING];
	uint32_t leaf, first;
	int r = 0;

	while (got < want && !r) {
		r = kmem_alloc(c->kmem, ctx, KMEM_RADIX_NODE, &slabs[got]);
		got += !r;
		if (!r)
			r = lru_reserve(c, LRU_SHADOWS, slabs[got - 1],
					ctx->group);
	}
	if (!r && want)
		r = xa_reserve(&c->nodes, &inode->pages, index, &leaf);
	if (r) {
		while (got)
			kmem_free(c->kmem, ctx, slabs[--got]);
		return r;
	}
	if (!want)
		return 0;
	name_nodes(c, leaf, owner, slabs, &got);
	name_nodes(c, old, owner, slabs, &got);
	if (moves) {
		first = xa_leaf(&c->nodes, &inode->pages, 0);
		name_nodes(c, first, owner, slabs, &got);
		count_moved(c, first);
	}
	name_grown(c, inode->pages.root, owner, slabs, &got);
	return 0;
}

void tree_trim(struct cache *c, struct ctx *ctx, struct inode *inode,
	       uint64_t index, uint64_t nr)
{
	struct releaser release = { c, ctx };

	for (uint64_t i = index; i < index + nr; i = (i | (XA_SLOTS - 1)) + 1) {
		uint32_t leaf = xa_leaf(&c->nodes, &inode->pages, i);

		if (leaf && !xa_node_at(&c->nodes, leaf)->count)
			xa_erase(&c->nodes, &inode->pages, i, release_node,
				 &release);
	}
}

int tree_reserve(struct cache *c, struct ctx *ctx, uint32_t inode,
		 uint64_t index, uint64_t nr)
{
	uint64_t last = index + nr - 1;

	for (uint64_t i = index; i <= last; i = (i | (XA_SLOTS - 1)) + 1) {
		uint64_t end = i | (XA_SLOTS - 1);
		int r = reserve_leaf(c, ctx, inode, end < last ? end : last);

		if (r) {
			tree_trim(c, ctx, inode_at(c, inode), index, nr);
			return r;
		}
	}
	return 0;
}

void tree_set(struct cache *c, struct ctx *ctx, struct inode *inode,
	      uint64_t index, uint64_t entry)
{
	struct releaser release = { c, ctx };
	uint32_t leaf = xa_leaf(&c->nodes, &inode->pages, index);
	struct xa_node *n = leaf ? xa_node_at(&c->nodes, leaf) : NULL;
	uint64_t old = n ? *xa_slot(n, index)
			 : xa_load(&c->nodes, &inode->pages, index);
	int values = (int)entry_is_shadow(entry) - (int)entry_is_shadow(old);
	bool done;

	inode->nr_evicted += (uint64_t)(int64_t)values;
	if (n)
		n->nr_values += (uint32_t)values;
	done = n && xa_exchange(n, index, entry);
	if (!done && entry)
		/* Index 0 needs no leaf: nothing can fail. */
		(void)xa_store(&c->nodes, &inode->pages, index, entry, &leaf);
	else if (!done)
		leaf = xa_erase(&c->nodes, &inode->pages, index, release_node,
				&release);
	if (leaf)
		update_leaf(c, leaf);
}

/* xa_delete_node() */
void tree_drop_leaf(struct cache *c, struct ctx *ctx, uint32_t leaf)
{
	const struct xa_node *n = xa_node_at(&c->nodes, leaf), *up = n;
	uint32_t inode = (uint32_t)(n->spare >> 32);
	uint32_t left = n->count;
	uint64_t index = 0;

	vmstat_node(&c->phys->stat, pfn_node(c->phys, n->slab),
		    WORKINGSET_NODERECLAIM, 1);
	while (up->parent) {
		uint32_t offset = up->offset;

		up = xa_node_at(&c->nodes, up->parent);
		index += (uint64_t)offset << up->shift;
	}
	/* With its last entry the leaf is gone. */
	for (unsigned i = 0; left; i++) {
		if (!n->slot[i])
			continue;
		left--;
		tree_set(c, ctx, inode_at(c, inode), index + i, 0);
	}
	inode_lru_add(c, inode, false);
}
