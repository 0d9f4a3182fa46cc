// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/tree.h"

/* One tree being worked on: keeps the argument lists short. */
struct view {
	const struct tree_type *t;
	const void *owner;
	uint32_t *root;
};

static struct tree_node *at(const struct view *v, uint32_t id)
{
	return v->t->node(v->owner, id);
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

static uint32_t balance(const struct view *v, uint32_t id)
{
	struct tree_node *n = at(v, id);
	uint32_t l = height(v, n->left), r = height(v, n->right);

	if (l > r + 1) {
		struct tree_node *c = at(v, n->left);

		if (height(v, c->right) > height(v, c->left))
			rotate(v, n->left, false);
		return rotate(v, id, true);
	}
	if (r > l + 1) {
		struct tree_node *c = at(v, n->right);

		if (height(v, c->left) > height(v, c->right))
			rotate(v, n->right, true);
		return rotate(v, id, false);
	}
	refresh(v, id);
	return id;
}

static void fix_up(const struct view *v, uint32_t id)
{
	while (id) {
		id = balance(v, id);
		id = at(v, id)->parent;
	}
}

void tree_insert(const struct tree_type *t, const void *owner, uint32_t *root,
		 uint32_t id)
{
	struct view v = { t, owner, root };
	struct tree_node *n = at(&v, id);
	uint32_t parent = 0, *link = root;

	while (*link) {
		parent = *link;
		link = t->less(owner, id, parent) ? &at(&v, parent)->left
						  : &at(&v, parent)->right;
	}
	n->left = n->right = 0;
	n->parent = parent;
	n->height = 1;
	*link = id;
	fix_up(&v, id);
}

void tree_erase(const struct tree_type *t, const void *owner, uint32_t *root,
		uint32_t id)
{
	struct view v = { t, owner, root };
	struct tree_node *n = at(&v, id);
	uint32_t from = n->parent;

	if (!n->left || !n->right) {
		replace(&v, n->parent, id, n->left ? n->left : n->right);
	} else {
		uint32_t heir = tree_next(t, owner, id);
		struct tree_node *h = at(&v, heir);

		from = h->parent == id ? heir : h->parent;
		if (h->parent != id) {
			replace(&v, h->parent, heir, h->right);
			h->right = n->right;
			at(&v, h->right)->parent = heir;
		}
		replace(&v, n->parent, id, heir);
		h->left = n->left;
		at(&v, h->left)->parent = heir;
	}
	n->left = n->right = n->parent = n->height = 0;
	fix_up(&v, from);
}

void tree_fix(const struct tree_type *t, const void *owner, uint32_t id)
{
	for (; id; id = t->node(owner, id)->parent)
		t->update(owner, id);
}

static uint32_t leftmost(const struct tree_type *t, const void *owner,
			 uint32_t id)
{
	uint32_t next;

	while (id && (next = t->node(owner, id)->left))
		id = next;
	return id;
}

static uint32_t rightmost(const struct tree_type *t, const void *owner,
			  uint32_t id)
{
	uint32_t next;

	while (id && (next = t->node(owner, id)->right))
		id = next;
	return id;
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
	const struct tree_node *n = t->node(owner, id);
	uint32_t parent;

	if (n->right)
		return leftmost(t, owner, n->right);
	for (parent = n->parent; parent; parent = n->parent) {
		n = t->node(owner, parent);
		if (n->left == id)
			return parent;
		id = parent;
	}
	return 0;
}

uint32_t tree_prev(const struct tree_type *t, const void *owner, uint32_t id)
{
	const struct tree_node *n = t->node(owner, id);
	uint32_t parent;

	if (n->left)
		return rightmost(t, owner, n->left);
	for (parent = n->parent; parent; parent = n->parent) {
		n = t->node(owner, parent);
		if (n->right == id)
			return parent;
		id = parent;
	}
	return 0;
}
