// SPDX-License-Identifier: Apache-2.0
/* Recount of the index of an mm's VMAs. */
#include "vmcore/space/vma-tree.h"

struct recount {
	const struct space *s;
	check_report *report;
	void *arg;
	uint32_t prev; /* the VMA before */
	uint32_t depth; /* of the first leaf */
};

static void differs(const struct recount *c, const char *what,
		    uint64_t recounted, uint64_t kept)
{
	if (recounted != kept)
		c->report(c->arg, what, (int64_t)recounted, (int64_t)kept);
}

static uint64_t end_of(const struct space *s, uint32_t vma)
{
	return vma ? vma_at(s, vma)->end : 0;
}

static uint64_t widest(const struct vma_node *n)
{
	uint64_t gap = 0;

	for (unsigned i = 0; i < n->nr; i++)
		if (n->gap[i] > gap)
			gap = n->gap[i];
	return gap;
}

static void check_leaf(struct recount *c, uint32_t id, unsigned at)
{
	const struct vma_node *n = vma_node_at(c->s, id);
	const struct vma *v = vma_at(c->s, n->kid[at]);

	differs(c, "start of a VMA", v->start, n->low[at]);
	differs(c, "gap below a VMA", v->start - end_of(c->s, c->prev),
		n->gap[at]);
	differs(c, "leaf of a VMA", id, v->leaf);
	differs(c, "VMA before a VMA", c->prev, v->prev);
	if (c->prev)
		differs(c, "VMA behind a VMA", n->kid[at],
			vma_at(c->s, c->prev)->next);
	c->prev = n->kid[at];
}

/* @low: nothing of it begins before. */
static void check_node(struct recount *c, uint32_t id, uint32_t depth,
		       uint64_t low)
{
	const struct vma_node *n = vma_node_at(c->s, id);

	differs(c, "kids of a node of VMAs", n->nr > 0 && n->nr <= VMA_FAN, 1);
	if (n->leaf) {
		c->depth = c->depth ? c->depth : depth;
		differs(c, "depth of a leaf of VMAs", c->depth, depth);
		differs(c, "border of VMAs", n->low[0] >= low, 1);
	}
	for (unsigned i = 0; i < n->nr; i++) {
		const struct vma_node *kid;

		if (n->leaf) {
			check_leaf(c, id, i);
			continue;
		}
		kid = vma_node_at(c->s, n->kid[i]);
		differs(c, "node above a node of VMAs", id, kid->parent);
		differs(c, "gap of a node of VMAs", widest(kid), n->gap[i]);
		differs(c, "border behind a VMA",
			!i || !c->prev ||
				vma_at(c->s, c->prev)->start < n->low[i],
			1);
		check_node(c, n->kid[i], depth + 1, i ? n->low[i] : low);
	}
}

void vma_tree_check(const struct space *s, uint32_t mm, check_report *report,
		    void *arg)
{
	struct recount c = { .s = s, .report = report, .arg = arg };
	uint32_t root = mm_at(s, mm)->vmas;

	if (root)
		check_node(&c, root, 1, 0);
	differs(&c, "highest VMA", c.prev, mm_at(s, mm)->highest_vma);
	if (c.prev)
		differs(&c, "VMA behind the last", 0, vma_at(s, c.prev)->next);
}
