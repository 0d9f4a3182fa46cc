// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/vma-tree.h"

#include <string.h>

#define THIN  (VMA_FAN / 4) /* with so few kids it looks for company */
#define JOINT (VMA_FAN * 3 / 4) /* and so many may two have together */
#define DEPTH 16u /* more levels than 2^32 VMAs can need */

int vma_tree_reserve(struct space *s)
{
	return pool_reserve(&s->vma_nodes, DEPTH);
}

static unsigned slot_of(const struct vma_node *n, uint32_t kid)
{
	unsigned i = 0;

	while (n->kid[i] != kid)
		i++;
	return i;
}

static uint64_t widest(const struct vma_node *n)
{
	uint64_t gap = 0;

	for (unsigned i = 0; i < n->nr; i++)
		gap = n->gap[i] > gap ? n->gap[i] : gap;
	return gap;
}

/* --- nodes ---------------------------------------------------------------
 */
static void open_slot(struct vma_node *n, unsigned at)
{
	unsigned behind = n->nr++ - at;

	memmove(&n->kid[at + 1], &n->kid[at], behind * sizeof(n->kid[0]));
	memmove(&n->low[at + 1], &n->low[at], behind * sizeof(n->low[0]));
	memmove(&n->gap[at + 1], &n->gap[at], behind * sizeof(n->gap[0]));
}

static void close_slot(struct vma_node *n, unsigned at)
{
	unsigned behind = --n->nr - at;

	memmove(&n->kid[at], &n->kid[at + 1], behind * sizeof(n->kid[0]));
	memmove(&n->low[at], &n->low[at + 1], behind * sizeof(n->low[0]));
	memmove(&n->gap[at], &n->gap[at + 1], behind * sizeof(n->gap[0]));
}

/* Slots [@from, nr) of @n go to the end of @to. */
static void move_slots(struct space *s, struct vma_node *n, unsigned from,
		       uint32_t to)
{
	struct vma_node *t = vma_node_at(s, to);
	unsigned nr = n->nr - from;

	memcpy(&t->kid[t->nr], &n->kid[from], nr * sizeof(n->kid[0]));
	memcpy(&t->low[t->nr], &n->low[from], nr * sizeof(n->low[0]));
	memcpy(&t->gap[t->nr], &n->gap[from], nr * sizeof(n->gap[0]));
	for (unsigned i = from; i < n->nr; i++)
		if (n->leaf)
			vma_at(s, n->kid[i])->leaf = to;
		else
			vma_node_at(s, n->kid[i])->parent = to;
	t->nr = (uint16_t)(t->nr + nr);
	n->nr = (uint16_t)from;
}

/* Reserved: it is there. */
static uint32_t take_node(struct space *s, bool leaf)
{
	uint32_t id = 0;

	if (!pool_new(&s->vma_nodes, &id))
		vma_node_at(s, id)->leaf = leaf;
	return id;
}

/*
 * A gap of @id was @was and is @gap: its largest may be another, and those
 * above it are told, as far as that matters.
 */
static void tell_gap(struct space *s, uint32_t id, uint64_t was, uint64_t gap)
{
	const struct vma_node *n = vma_node_at(s, id);

	while (n->parent && was != gap) {
		struct vma_node *up = vma_node_at(s, n->parent);
		unsigned at = slot_of(up, id);
		uint64_t most = up->gap[at];

		if (gap < most && was < most)
			return;
		was = most;
		gap = gap < most ? widest(n) : gap;
		up->gap[at] = gap;
		id = n->parent;
		n = up;
	}
}

/* The same of one that took in gaps, or lost some. */
static void tell_gaps(struct space *s, uint32_t id)
{
	const struct vma_node *n = vma_node_at(s, id);
	struct vma_node *up;
	uint64_t gap, was;
	unsigned at;

	if (!n->parent)
		return;
	up = vma_node_at(s, n->parent);
	at = slot_of(up, id);
	was = up->gap[at];
	gap = up->gap[at] = widest(n);
	tell_gap(s, n->parent, was, gap);
}

/* The border to the left of @id, which begins at @low now. */
static void tell_low(struct space *s, uint32_t id, uint64_t low)
{
	const struct vma_node *n = vma_node_at(s, id);
	unsigned at = 0;

	while (n->parent && !at) {
		struct vma_node *up = vma_node_at(s, n->parent);

		at = slot_of(up, id);
		if (at)
			up->low[at] = low;
		id = n->parent;
		n = up;
	}
}

static uint64_t end_of(const struct space *s, uint32_t vma)
{
	return vma ? vma_at(s, vma)->end : 0;
}

/* Who tells those above comes next. */
static void set_gap(struct space *s, uint32_t vma)
{
	const struct vma *v = vma_at(s, vma);
	struct vma_node *n = vma_node_at(s, v->leaf);

	n->gap[slot_of(n, vma)] = v->start - end_of(s, v->prev);
}

/* --- in ------------------------------------------------------------------
 */
static void grow(struct space *s, struct mm *mm)
{
	uint32_t root = take_node(s, false);
	struct vma_node *n = vma_node_at(s, root),
			*old = vma_node_at(s, mm->vmas);

	n->nr = 1;
	n->kid[0] = mm->vmas;
	n->gap[0] = widest(old);
	old->parent = root;
	mm->vmas = root;
}

/* The upper half of the full node @id becomes a node of its own. */
static void split(struct space *s, struct mm *mm, uint32_t id)
{
	struct vma_node *n = vma_node_at(s, id), *up, *r;
	uint32_t right;
	unsigned at;

	if (!n->parent)
		grow(s, mm);
	else if (vma_node_at(s, n->parent)->nr == VMA_FAN)
		split(s, mm, n->parent);
	right = take_node(s, n->leaf);
	move_slots(s, n, VMA_FAN / 2, right);
	r = vma_node_at(s, right);
	r->parent = n->parent;
	up = vma_node_at(s, n->parent);
	at = slot_of(up, id);
	up->gap[at] = widest(n);
	open_slot(up, at + 1);
	up->kid[at + 1] = right;
	up->low[at + 1] = r->low[0];
	up->gap[at + 1] = widest(r);
}

/* Behind @prev, or before @next, the first of all. Return: its leaf. */
static uint32_t put(struct space *s, struct mm *mm, uint32_t vma, uint32_t prev,
		    uint32_t next)
{
	uint32_t leaf = vma_at(s, prev ? prev : next)->leaf;
	struct vma_node *n = vma_node_at(s, leaf);
	unsigned at;

	if (n->nr == VMA_FAN) {
		split(s, mm, leaf);
		leaf = prev ? vma_at(s, prev)->leaf : leaf;
		n = vma_node_at(s, leaf);
	}
	at = prev ? slot_of(n, prev) + 1 : 0;
	open_slot(n, at);
	n->kid[at] = vma;
	n->low[at] = vma_at(s, vma)->start;
	n->gap[at] = vma_at(s, vma)->start - end_of(s, prev);
	return leaf;
}

void vma_tree_add(struct space *s, struct mm *mm, uint32_t vma, uint32_t prev,
		  uint32_t next)
{
	struct vma *v = vma_at(s, vma);

	if (!mm->vmas)
		mm->vmas = take_node(s, true);
	if (!next)
		mm->highest_vma = vma;
	v->leaf = !prev && !next ? mm->vmas : 0;
	if (v->leaf) {
		struct vma_node *n = vma_node_at(s, v->leaf);

		n->nr = 1;
		n->kid[0] = vma;
		n->low[0] = n->gap[0] = v->start;
		return;
	}
	v->leaf = put(s, mm, vma, prev, next);
	v->prev = prev;
	v->next = next;
	if (prev)
		vma_at(s, prev)->next = vma;
	if (next) {
		struct vma *above = vma_at(s, next);

		above->prev = vma;
		/* On the other side of a border, which may be too low now. */
		if (above->leaf != v->leaf)
			tell_low(s, above->leaf, above->start);
		set_gap(s, next);
		if (above->leaf != v->leaf)
			tell_gaps(s, above->leaf);
	}
	tell_gaps(s, v->leaf);
}

/* --- out -----------------------------------------------------------------
 */
/* Slot @at of @up and the one behind it become one, if they are few. */
static bool join(struct space *s, struct vma_node *up, unsigned at)
{
	uint32_t left = up->kid[at], right = up->kid[at + 1];
	struct vma_node *l = vma_node_at(s, left), *r = vma_node_at(s, right);

	if (l->nr + r->nr > JOINT)
		return false;
	/* What it begins with is known above alone. */
	r->low[0] = r->leaf ? r->low[0] : up->low[at + 1];
	move_slots(s, r, 0, left);
	up->gap[at] = widest(l);
	close_slot(up, at + 1);
	pool_free(&s->vma_nodes, right);
	return true;
}

/* The root has one kid left, or none. */
static void shrink(struct space *s, struct mm *mm)
{
	struct vma_node *n = vma_node_at(s, mm->vmas);

	while (!n->nr || (n->nr == 1 && !n->leaf)) {
		uint32_t old = mm->vmas;

		mm->vmas = n->nr ? n->kid[0] : 0;
		pool_free(&s->vma_nodes, old);
		if (!mm->vmas)
			return;
		n = vma_node_at(s, mm->vmas);
		n->parent = 0;
	}
}

/* A node lost a kid: without any it goes, with few it looks for company. */
static void settle(struct space *s, struct mm *mm, uint32_t id)
{
	struct vma_node *n = vma_node_at(s, id);

	while (n->parent && n->nr <= THIN) {
		uint32_t parent = n->parent;
		struct vma_node *up = vma_node_at(s, parent);
		unsigned at = slot_of(up, id);

		if (!n->nr) {
			close_slot(up, at);
			pool_free(&s->vma_nodes, id);
		} else if (!(at && join(s, up, at - 1)) &&
			   !(at + 1 < up->nr && join(s, up, at))) {
			break;
		}
		id = parent;
		n = up;
	}
	tell_gaps(s, id);
	shrink(s, mm);
}

void vma_tree_del(struct space *s, struct mm *mm, uint32_t vma)
{
	struct vma *v = vma_at(s, vma);
	struct vma_node *n = vma_node_at(s, v->leaf);

	close_slot(n, slot_of(n, vma));
	if (v->prev)
		vma_at(s, v->prev)->next = v->next;
	if (!v->next)
		mm->highest_vma = v->prev;
	if (v->next) {
		vma_at(s, v->next)->prev = v->prev;
		set_gap(s, v->next);
		if (vma_at(s, v->next)->leaf != v->leaf)
			tell_gaps(s, vma_at(s, v->next)->leaf);
	}
	settle(s, mm, v->leaf);
	v->leaf = v->prev = v->next = 0;
}

void vma_tree_moved(struct space *s, uint32_t vma)
{
	const struct vma *v = vma_at(s, vma);
	struct vma_node *n = vma_node_at(s, v->leaf);
	unsigned at = slot_of(n, vma);

	if (!at && v->start < n->low[0])
		tell_low(s, v->leaf, v->start);
	n->low[at] = v->start;
	n->gap[at] = v->start - end_of(s, v->prev);
	if (v->next) {
		set_gap(s, v->next);
		if (vma_at(s, v->next)->leaf != v->leaf)
			tell_gaps(s, vma_at(s, v->next)->leaf);
	}
	tell_gaps(s, v->leaf);
}

/* --- looks ---------------------------------------------------------------
 */
static unsigned slot_for(const struct vma_node *n, uint64_t addr)
{
	unsigned i = 1;

	while (i < n->nr && n->low[i] <= addr)
		i++;
	return i - 1;
}

uint32_t vma_tree_near(const struct space *s, const struct mm *mm,
		       uint64_t addr)
{
	const struct vma_node *n;

	if (!mm->vmas)
		return 0;
	for (n = vma_node_at(s, mm->vmas); !n->leaf;)
		n = vma_node_at(s, n->kid[slot_for(n, addr)]);
	return n->kid[slot_for(n, addr)];
}

uint32_t vma_tree_first(const struct space *s, const struct mm *mm)
{
	const struct vma_node *n;

	if (!mm->vmas)
		return 0;
	for (n = vma_node_at(s, mm->vmas); !n->leaf;)
		n = vma_node_at(s, n->kid[0]);
	return n->kid[0];
}

static bool gap_down(struct gap_search *q, const struct vma_node *n)
{
	for (unsigned i = n->nr; i;) {
		if (n->gap[--i] < q->len)
			continue;
		if (n->leaf) {
			if (q->fits(q, vma_at(q->s, n->kid[i]), n->gap[i]))
				return true;
			continue;
		}
		/* What is free there lies behind what begins here. */
		if (i > 1 && n->low[i - 1] >= q->high)
			continue;
		if (gap_down(q, vma_node_at(q->s, n->kid[i])))
			return true;
	}
	return false;
}

bool vma_tree_gap_down(struct gap_search *q, const struct mm *mm)
{
	return mm->vmas && gap_down(q, vma_node_at(q->s, mm->vmas));
}

static bool gap_up(struct gap_search *q, const struct vma_node *n)
{
	for (unsigned i = 0; i < n->nr; i++) {
		if (n->gap[i] < q->len)
			continue;
		if (n->leaf) {
			if (q->fits(q, vma_at(q->s, n->kid[i]), n->gap[i]))
				return true;
			continue;
		}
		if (i + 1 < n->nr && n->low[i + 1] <= q->low)
			continue;
		if (gap_up(q, vma_node_at(q->s, n->kid[i])))
			return true;
	}
	return false;
}

bool vma_tree_gap_up(struct gap_search *q, const struct mm *mm)
{
	return mm->vmas && gap_up(q, vma_node_at(q->s, mm->vmas));
}
