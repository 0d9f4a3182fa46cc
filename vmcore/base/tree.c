// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/tree.h"

/* One tree being worked on: keeps the argument lists short. */
struct view {
	const struct tree_type *t;
	const void *owner;
	const struct pool *pool;
	size_t node;
	uint32_t *root;
};

static struct view view_of(const struct tree_type *t, const void *owner,
			   uint32_t *root)
{
	return (struct view){ .t = t,
			      .owner = owner,
			      .pool = (const void *)((const char *)owner +
						     t->pool),
			      .node = t->node,
			      .root = root };
}

static struct tree_node *node_at(const struct tree_type *t, const void *owner,
				 uint32_t id)
{
	const void *pool = (const char *)owner + t->pool;

	return (void *)((char *)pool_at(pool, id) + t->node);
}

static uint32_t leftmost(const struct tree_type *t, const void *owner,
			 uint32_t id)
{
	uint32_t next;

	while (id && (next = node_at(t, owner, id)->left))
		id = next;
	return id;
}

static struct tree_node *at(const struct view *v, uint32_t id)
{
	return (void *)((char *)pool_at(v->pool, id) + v->node);
}

static struct tree_node *below(const struct view *v, uint32_t id)
{
	return id ? at(v, id) : NULL;
}

static uint32_t height(const struct tree_node *n)
{
	return n ? n->height : 0;
}

static void *record(const struct view *v, const struct tree_node *n)
{
	return n ? (char *)n - v->node : NULL;
}

static bool update(const struct view *v, struct tree_node *n,
		   const struct tree_node *l, const struct tree_node *r)
{
	return v->t->update(v->owner, record(v, n), record(v, l), record(v, r));
}

static void refresh(const struct view *v, struct tree_node *n)
{
	const struct tree_node *l = below(v, n->left), *r = below(v, n->right);

	n->height = (height(l) > height(r) ? height(l) : height(r)) + 1;
	if (v->t->update)
		update(v, n, l, r);
}

/* Put @child where @old hung below @parent (0: at the root). */
static void replace(const struct view *v, uint32_t parent, uint32_t old,
		    uint32_t child)
{
	if (!parent)
		*v->root = child;
	else if (at(v, parent)->left == old)
		at(v, parent)->left = child;
	else
		at(v, parent)->right = child;
	if (child)
		at(v, child)->parent = parent;
}

/* The left (right) child of @id takes its place; returns that child. */
static uint32_t rotate(const struct view *v, uint32_t id, bool left_up)
{
	struct tree_node *n = at(v, id);
	uint32_t up = left_up ? n->left : n->right;
	struct tree_node *u = at(v, up);
	uint32_t inner = left_up ? u->right : u->left;

	replace(v, n->parent, id, up);
	if (left_up) {
		n->left = inner;
		u->right = id;
	} else {
		n->right = inner;
		u->left = id;
	}
	if (inner)
		at(v, inner)->parent = id;
	n->parent = up;
	refresh(v, n);
	refresh(v, u);
	return up;
}

/* The left (right) subtree of @id is too high. The new root of it all. */
static uint32_t turn(const struct view *v, uint32_t id, bool left)
{
	uint32_t down = left ? at(v, id)->left : at(v, id)->right;
	const struct tree_node *c = at(v, down);
	uint32_t l = height(below(v, c->left)), r = height(below(v, c->right));

	if (left ? r > l : l > r)
		rotate(v, down, !left);
	return rotate(v, id, left);
}

/*
 * From @id up, as far as heights or what records remember change; what @must
 * and those below it remember is of no use as yet.
 */
static void mend(const struct view *v, uint32_t id, uint32_t must)
{
	const bool updates = v->t->update;
	bool tall = true, other = updates;

	while (id && (tall || other)) {
		struct tree_node *n = at(v, id);
		const struct tree_node *l = below(v, n->left);
		const struct tree_node *r = below(v, n->right);
		uint32_t old = n->height, lh = height(l), rh = height(r);

		if (lh > rh + 1 || rh > lh + 1) {
			n = at(v, turn(v, id, lh > rh));
			other = updates;
		} else {
			n->height = (lh > rh ? lh : rh) + 1;
			if (other)
				other = update(v, n, l, r) || must;
		}
		tall = n->height != old;
		if (id == must)
			must = 0;
		id = n->parent;
	}
}

static void hang(const struct view *v, uint32_t parent, uint32_t *link,
		 uint32_t id)
{
	struct tree_node *n = at(v, id);

	n->left = n->right = n->height = 0;
	n->parent = parent;
	*link = id;
}

void tree_insert(const struct tree_type *t, const void *owner, uint32_t *root,
		 uint32_t id)
{
	const struct view v = view_of(t, owner, root);
	uint32_t parent = 0, *link = root;

	while (*link) {
		parent = *link;
		link = t->less(owner, id, parent) ? &at(&v, parent)->left
						  : &at(&v, parent)->right;
	}
	hang(&v, parent, link, id);
	mend(&v, id, id);
}

/* Its successor, which has no left child, takes the place of @id. Return:
 * where heights change from. */
static uint32_t inherit(const struct view *v, uint32_t id, uint32_t heir)
{
	struct tree_node *n = at(v, id), *h = at(v, heir);
	uint32_t from = h->parent == id ? heir : h->parent;

	if (h->parent != id) {
		replace(v, h->parent, heir, h->right);
		h->right = n->right;
		at(v, h->right)->parent = heir;
	}
	replace(v, n->parent, id, heir);
	h->height = n->height;
	h->left = n->left;
	at(v, h->left)->parent = heir;
	return from;
}

void tree_erase(const struct tree_type *t, const void *owner, uint32_t *root,
		uint32_t id)
{
	const struct view v = view_of(t, owner, root);
	struct tree_node *n = at(&v, id);
	uint32_t from, heir = 0;

	if (n->left && n->right) {
		heir = leftmost(t, owner, n->right);
		from = inherit(&v, id, heir);
	} else {
		replace(&v, n->parent, id, n->left ? n->left : n->right);
		from = n->parent;
	}
	n->left = n->right = n->parent = n->height = 0;
	mend(&v, from, heir);
}

uint32_t tree_search(const struct tree_type *t, const void *owner,
		     uint32_t root, const void *key,
		     int (*side)(const void *owner, const void *key,
				 uint32_t id))
{
	uint32_t id = root;
	int where;

	while (id && (where = side(owner, key, id)))
		id = where < 0 ? node_at(t, owner, id)->left
			       : node_at(t, owner, id)->right;
	return id;
}

uint32_t tree_first(const struct tree_type *t, const void *owner, uint32_t root)
{
	return leftmost(t, owner, root);
}

uint32_t tree_next(const struct tree_type *t, const void *owner, uint32_t id)
{
	const struct tree_node *n = node_at(t, owner, id);
	uint32_t parent;

	if (n->right)
		return leftmost(t, owner, n->right);
	for (parent = n->parent; parent; parent = n->parent) {
		n = node_at(t, owner, parent);
		if (n->left == id)
			return parent;
		id = parent;
	}
	return 0;
}
