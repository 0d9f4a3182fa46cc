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

static uint32_t rightmost(const struct tree_type *t, const void *owner,
			  uint32_t id)
{
	uint32_t next;

	while (id && (next = node_at(t, owner, id)->right))
		id = next;
	return id;
}

static struct tree_node *at(const struct view *v, uint32_t id)
{
	return (void *)((char *)pool_at(v->pool, id) + v->node);
}

static uint32_t height(const struct view *v, uint32_t id)
{
	return id ? at(v, id)->height : 0;
}

static void refresh(const struct view *v, uint32_t id)
{
	struct tree_node *n = at(v, id);
	uint32_t l = height(v, n->left), r = height(v, n->right);

	n->height = (l > r ? l : r) + 1;
	if (v->t->update)
		v->t->update(v->owner, id);
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
	refresh(v, id);
	refresh(v, up);
	return up;
}

/* The left (right) subtree of @id is too high. The new root of it all. */
static uint32_t turn(const struct view *v, uint32_t id, bool left)
{
	uint32_t down = left ? at(v, id)->left : at(v, id)->right;
	const struct tree_node *c = at(v, down);
	uint32_t l = height(v, c->left), r = height(v, c->right);

	if (left ? r > l : l > r)
		rotate(v, down, !left);
	return rotate(v, id, left);
}

/*
 * From @id up, as far as heights or what records remember change; what @must
 * and those below it remember is of no use as yet.
 */
static void fix_up(const struct view *v, uint32_t id, uint32_t must)
{
	const bool update = v->t->update;
	bool tall = true, other = update;

	while (id && (tall || other)) {
		struct tree_node *n = at(v, id);
		bool turned = false;

		if (tall) {
			uint32_t l = height(v, n->left);
			uint32_t r = height(v, n->right), old = n->height;

			n->height = (l > r ? l : r) + 1;
			turned = l > r + 1 || r > l + 1;
			if (turned)
				n = at(v, turn(v, id, l > r));
			tall = n->height != old;
		}
		if (other && !turned)
			other = v->t->update(v->owner, id);
		if (turned || must)
			other = update;
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
	fix_up(v, id, id);
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
}

void tree_insert_after(const struct tree_type *t, const void *owner,
		       uint32_t *root, uint32_t prev, uint32_t id)
{
	const struct view v = view_of(t, owner, root);
	uint32_t below = prev ? at(&v, prev)->right : *root;

	if (below) {
		below = leftmost(t, owner, below);
		hang(&v, below, &at(&v, below)->left, id);
	} else if (prev) {
		hang(&v, prev, &at(&v, prev)->right, id);
	} else {
		hang(&v, 0, root, id);
	}
}

void tree_erase(const struct tree_type *t, const void *owner, uint32_t *root,
		uint32_t id)
{
	const struct view v = view_of(t, owner, root);
	struct tree_node *n = at(&v, id);
	uint32_t from = n->parent, heir = 0;

	if (!n->left || !n->right) {
		replace(&v, n->parent, id, n->left ? n->left : n->right);
	} else {
		struct tree_node *h;

		heir = leftmost(t, owner, n->right);
		h = at(&v, heir);
		from = h->parent == id ? heir : h->parent;
		if (h->parent != id) {
			replace(&v, h->parent, heir, h->right);
			h->right = n->right;
			at(&v, h->right)->parent = heir;
		}
		replace(&v, n->parent, id, heir);
		h->height = n->height;
		h->left = n->left;
		at(&v, h->left)->parent = heir;
	}
	n->left = n->right = n->parent = n->height = 0;
	fix_up(&v, from, heir);
}

void tree_fix(const struct tree_type *t, const void *owner, uint32_t id)
{
	while (id && t->update(owner, id))
		id = node_at(t, owner, id)->parent;
}

uint32_t tree_first(const struct tree_type *t, const void *owner, uint32_t root)
{
	return leftmost(t, owner, root);
}

uint32_t tree_last(const struct tree_type *t, const void *owner, uint32_t root)
{
	return rightmost(t, owner, root);
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

uint32_t tree_prev(const struct tree_type *t, const void *owner, uint32_t id)
{
	const struct tree_node *n = node_at(t, owner, id);
	uint32_t parent;

	if (n->left)
		return rightmost(t, owner, n->left);
	for (parent = n->parent; parent; parent = n->parent) {
		n = node_at(t, owner, parent);
		if (n->right == id)
			return parent;
		id = parent;
	}
	return 0;
}
