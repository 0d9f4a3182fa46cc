// SPDX-License-Identifier: Apache-2.0
/* Where a memory policy lets an allocation go: policy_nodemask(),
 * alloc_pages_mpol(), interleave_nodes() and their like of mm/mempolicy.c. */
#include "vmcore/phys/inner.h"

#include <errno.h>

#define BOOT_NODE_BYTES (16u << 20)

/* What one allocation makes of its policy. */
struct choice {
	unsigned node; /* whose zonelist */
	uint32_t nodes; /* that may serve it; 0: all */
	uint32_t il_prev, il_weight; /* of the task, once it was served */
};

static unsigned nr_nodes_of(uint32_t nodes)
{
	unsigned nr = 0;

	for (; nodes; nodes &= nodes - 1)
		nr++;
	return nr;
}

/* interleave_nid(), weighted_interleave_nid(): by the place in the VMA. */
static unsigned node_at(const struct phys *p, uint32_t policy, uint64_t index)
{
	bool weighted = mpol_mode(policy) == MPOL_WEIGHTED_INTERLEAVE;
	uint32_t nodes = mpol_nodes(policy), total = 0;
	unsigned node = mpol_first(nodes);
	uint64_t left;

	for (unsigned n = 0; n < MAX_NODES; n++)
		if (node_has(nodes, n))
			total += p->interleave_weight[n];
	left = index % (weighted ? total : nr_nodes_of(nodes));
	while (left) {
		uint32_t weight = weighted ? p->interleave_weight[node] : 1;

		if (left < weight)
			break;
		left -= weight;
		node = mpol_next(nodes, node);
	}
	return node;
}

/* interleave_nodes(), weighted_interleave_nodes(): in turn. */
static unsigned node_in_turn(const struct phys *p, uint32_t policy,
			     struct choice *c)
{
	uint32_t nodes = mpol_nodes(policy);

	if (mpol_mode(policy) == MPOL_INTERLEAVE) {
		c->il_prev = mpol_next(nodes, c->il_prev);
		return c->il_prev;
	}
	if (!c->il_weight || c->il_prev >= MAX_NODES ||
	    !node_has(nodes, c->il_prev)) {
		c->il_prev = mpol_next(nodes, c->il_prev);
		c->il_weight = p->interleave_weight[c->il_prev];
	}
	c->il_weight--;
	return c->il_prev;
}

/* policy_nodemask(); a bind spares the zones below the policy zone, which
 * not every node has. */
static struct choice choose(const struct phys *p, const struct ctx *ctx,
			    uint32_t gfp)
{
	struct choice c = { .node = ctx->node,
			    .nodes = ctx->nodes,
			    .il_prev = ctx->il_prev,
			    .il_weight = ctx->il_weight };

	switch (mpol_mode(ctx->policy)) {
	case MPOL_PREFERRED:
		c.node = mpol_first(mpol_nodes(ctx->policy));
		break;
	case MPOL_BIND:
		if (gfp_zone(p, gfp) >= p->policy_zone)
			c.nodes = mpol_nodes(ctx->policy);
		break;
	case MPOL_PREFERRED_MANY:
		c.nodes = mpol_nodes(ctx->policy);
		break;
	case MPOL_INTERLEAVE:
	case MPOL_WEIGHTED_INTERLEAVE:
		c.node = ctx->il_index
				 ? node_at(p, ctx->policy, ctx->il_index - 1)
				 : node_in_turn(p, ctx->policy, &c);
		break;
	default:
		break;
	}
	return c;
}

void mpol_find(const struct phys *p, const struct ctx *ctx, uint32_t gfp,
	       struct mpol_where *ret)
{
	struct choice c = choose(p, ctx, gfp);

	ret->node = c.node;
	ret->nodes = c.nodes;
	ret->beyond = mpol_mode(ctx->policy) != MPOL_BIND;
}

static int alloc_there(struct phys *p, struct ctx *ctx, unsigned order,
		       uint32_t gfp, const struct choice *c, pfn_t *ret_pfn)
{
	uint16_t home = ctx->node;
	uint32_t nodes = ctx->nodes;
	int r;

	ctx->node = (uint16_t)c->node;
	ctx->nodes = c->nodes;
	r = page_alloc_near(p, ctx, order, gfp, ret_pfn);
	ctx->node = home;
	ctx->nodes = nodes;
	return r;
}

/* A huge page of a VMA is worth a try at the one node, not a long way. */
static bool huge_here(const struct ctx *ctx, unsigned order,
		      const struct choice *c)
{
	return order == HPAGE_ORDER && ctx->il_index &&
	       !mpol_interleaves(ctx->policy) &&
	       (!c->nodes || node_has(c->nodes, c->node));
}

static int alloc_first(struct phys *p, struct ctx *ctx, unsigned order,
		       uint32_t gfp, struct choice *c, pfn_t *ret_pfn)
{
	struct choice here = *c;
	int r;

	if (mpol_mode(ctx->policy) == MPOL_PREFERRED_MANY) {
		/* At the wanted nodes only what is free, else anywhere. */
		r = alloc_there(
			p, ctx, order,
			gfp & ~(GFP_BIT_DIRECT_RECLAIM | GFP_BIT_NOFAIL), c,
			ret_pfn);
		c->nodes = 0;
		return r;
	}
	if (!huge_here(ctx, order, c))
		return NEED_MEMORY;
	here.nodes = 0;
	r = alloc_there(p, ctx, order, gfp | GFP_BIT_THISNODE | GFP_BIT_NORETRY,
			&here, ret_pfn);
	return r == NEED_MEMORY && !(gfp & GFP_BIT_DIRECT_RECLAIM) ? ENOMEM : r;
}

static void count_interleave(struct phys *p, pfn_t pfn, unsigned node)
{
	unsigned z = pfn_zone(p, pfn);

	if (p->numa_stat && p->zones[z].node == node)
		p->stat.numa[z][NUMA_INTERLEAVE]++;
}

int page_alloc_policy(struct phys *p, struct ctx *ctx, unsigned order,
		      uint32_t gfp, pfn_t *ret_pfn)
{
	struct choice c;
	int r;

	if (gfp & GFP_BIT_THISNODE)
		return page_alloc_near(p, ctx, order, gfp, ret_pfn);
	c = choose(p, ctx, gfp);
	r = alloc_first(p, ctx, order, gfp, &c, ret_pfn);
	if (r == ENOMEM)
		return NEED_MEMORY;
	if (r == NEED_MEMORY)
		r = alloc_there(p, ctx, order, gfp, &c, ret_pfn);
	if (r)
		return r;
	ctx->il_prev = c.il_prev;
	ctx->il_weight = c.il_weight;
	if (mpol_interleaves(ctx->policy))
		count_interleave(p, *ret_pfn, c.node);
	return 0;
}

/* --- making one -------------------------------------------------------------
 */
static uint32_t memory_nodes(const struct phys *p)
{
	uint32_t nodes = 0;

	for (unsigned z = 0; z < p->nr_nodes * MAX_ZONES_PER_NODE; z++)
		if (p->zones[z].present)
			nodes |= 1u << p->zones[z].node;
	return nodes;
}

/* mpol_relative_nodemask(): bit n means the n-th node there is. */
static uint32_t relative(uint32_t user, uint32_t all)
{
	unsigned nr = nr_nodes_of(all), i = 0;
	uint32_t folded = 0, nodes = 0;

	for (unsigned n = 0; n < MAX_NODES; n++)
		if (node_has(user, n))
			folded |= 1u << n % nr;
	for (unsigned n = 0; n < MAX_NODES; n++)
		if (node_has(all, n) && node_has(folded, i++))
			nodes |= 1u << n;
	return nodes;
}

static bool flags_ok(enum mpol_mode mode, uint32_t flags)
{
	bool named = flags & (MPOL_F_STATIC | MPOL_F_RELATIVE);

	if (flags & MPOL_F_STATIC && flags & MPOL_F_RELATIVE)
		return false;
	if (flags & MPOL_F_BALANCING && mode != MPOL_BIND &&
	    mode != MPOL_PREFERRED_MANY)
		return false;
	return !(named && mode == MPOL_LOCAL);
}

int mpol_make(const struct phys *p, enum mpol_mode mode, uint32_t flags,
	      uint64_t user, uint32_t *ret_policy)
{
	uint32_t all = memory_nodes(p), nodes;

	if (mode >= NR_MPOL_MODES || user >> MAX_NODES ||
	    !flags_ok(mode, flags))
		return EINVAL;
	if (mode == MPOL_DEFAULT || mode == MPOL_LOCAL) {
		if (user)
			return EINVAL;
		*ret_policy = mode ? mpol_word(mode, flags, 0) : 0;
		return 0;
	}
	if (mode == MPOL_PREFERRED && !user)
		return mpol_make(p, MPOL_LOCAL, flags, 0, ret_policy);
	nodes = flags & MPOL_F_RELATIVE ? relative((uint32_t)user, all)
					: (uint32_t)user & all;
	if (!nodes)
		return EINVAL;
	if (mode == MPOL_PREFERRED)
		nodes = 1u << mpol_first(nodes);
	*ret_policy = mpol_word(mode, flags, nodes);
	return 0;
}

uint32_t mpol_boot(const struct phys *p)
{
	uint32_t nodes = 0;

	for (unsigned n = 0; n < p->nr_nodes; n++) {
		uint64_t present = 0;

		for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
			present += p->zones[n * MAX_ZONES_PER_NODE + t].present;
		if (present << PAGE_SHIFT >= BOOT_NODE_BYTES)
			nodes |= 1u << n;
	}
	return p->nr_nodes > 1 && nodes ? mpol_word(MPOL_INTERLEAVE, 0, nodes)
					: 0;
}
