// SPDX-License-Identifier: Apache-2.0
/* Lists of partial slabs: a node's, and a CPU's beside its own slab
 * (mm/slub.c, get_partial(), put_cpu_partial(), __put_partials()). */
#include "vmcore/kmem/inner.h"

static void node_add_tail(struct kmem *k, uint32_t cache, pfn_t slab)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);
	struct kmem_node *n = &c->node[pfn_node(k->phys, slab)];
	struct frame *f = frame_at(k->phys, slab);

	f->prev = n->tail;
	f->next = PFN_NONE;
	if (n->tail == PFN_NONE)
		n->head = slab;
	else
		frame_at(k->phys, n->tail)->next = slab;
	n->tail = slab;
	n->nr_partial++;
	n->nr_free += slab_capacity(c, f) - f->private;
	f->word |= SLAB_PARTIAL;
}

static void node_del(struct kmem *k, uint32_t cache, pfn_t slab)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);
	struct kmem_node *n = &c->node[pfn_node(k->phys, slab)];
	struct frame *f = frame_at(k->phys, slab);

	if (f->prev == PFN_NONE)
		n->head = f->next;
	else
		frame_at(k->phys, f->prev)->next = f->next;
	if (f->next == PFN_NONE)
		n->tail = f->prev;
	else
		frame_at(k->phys, f->next)->prev = f->prev;
	f->next = f->prev = 0;
	n->nr_partial--;
	n->nr_free -= slab_capacity(c, f) - f->private;
	f->word &= ~SLAB_PARTIAL;
}

/* Slabs of a CPU go to their nodes; empty ones a node has enough of do not
 * stay. */
static void put_all(struct kmem *k, struct ctx *ctx, uint32_t cache, pfn_t slab)
{
	const struct kmem_cache *c = kmem_cache_at(k, cache);

	while (slab != PFN_NONE) {
		struct frame *f = frame_at(k->phys, slab);
		pfn_t next = f->next;

		f->next = 0;
		if (!f->private &&
		    c->node[pfn_node(k->phys, slab)].nr_partial >=
			    c->min_partial)
			slab_discard(k, ctx, slab);
		else
			node_add_tail(k, cache, slab);
		slab = next;
	}
}

static void cpu_push(struct kmem *k, struct kmem_cpu *cpu, pfn_t slab)
{
	frame_at(k->phys, slab)->next = cpu->partial;
	cpu->partial = slab;
	cpu->nr_partial++;
}

void partial_put_cpu(struct kmem *k, struct ctx *ctx, uint32_t cache,
		     pfn_t slab)
{
	struct kmem_cpu *cpu = kmem_cpu_at(k, cache, ctx->cpu);

	if (cpu->nr_partial >= kmem_cache_at(k, cache)->cpu_partial) {
		put_all(k, ctx, cache, cpu->partial);
		cpu->partial = PFN_NONE;
		cpu->nr_partial = 0;
	}
	cpu_push(k, cpu, slab);
}

void partial_freed(struct kmem *k, struct ctx *ctx, uint32_t cache, pfn_t slab)
{
	const struct kmem_cache *c = kmem_cache_at(k, cache);
	const struct frame *f = frame_at(k->phys, slab);
	unsigned node = pfn_node(k->phys, slab);

	kmem_cache_at(k, cache)->node[node].nr_free++;
	if (f->private || c->node[node].nr_partial < c->min_partial)
		return;
	node_del(k, cache, slab);
	slab_discard(k, ctx, slab);
}

/* One slab to allocate from and, for later, half of what a CPU may keep. */
static pfn_t take_from_node(struct kmem *k, struct kmem_cpu *cpu,
			    uint32_t cache, unsigned node)
{
	const struct kmem_cache *c = kmem_cache_at(k, cache);
	pfn_t first = c->node[node].head, slab;

	if (first == PFN_NONE)
		return PFN_NONE;
	node_del(k, cache, first);
	for (uint32_t i = 0; i <= c->cpu_partial / 2; i++) {
		slab = c->node[node].head;
		if (slab == PFN_NONE)
			break;
		node_del(k, cache, slab);
		cpu_push(k, cpu, slab);
	}
	return first;
}

/* get_any_partial(): other nodes give only what is above their minimum. The
 * kernel spares them one time in forty, at random. */
static pfn_t take_abroad(struct kmem *k, const struct ctx *ctx,
			 struct kmem_cpu *cpu, uint32_t cache)
{
	const struct kmem_cache *c = kmem_cache_at(k, cache);
	const struct node *local = &k->phys->nodes[ctx->node];

	for (unsigned i = 0; i < local->nr_zonelist; i++) {
		unsigned node = k->phys->zones[local->zonelist[i]].node;

		if (c->node[node].nr_partial > c->min_partial)
			return take_from_node(k, cpu, cache, node);
	}
	return PFN_NONE;
}

pfn_t partial_take(struct kmem *k, const struct ctx *ctx, uint32_t cache)
{
	struct kmem_cpu *cpu = kmem_cpu_at(k, cache, ctx->cpu);
	pfn_t slab = cpu->partial;

	if (slab != PFN_NONE) {
		struct frame *f = frame_at(k->phys, slab);

		cpu->partial = f->next;
		cpu->nr_partial--;
		f->next = 0;
		return slab;
	}
	slab = take_from_node(k, cpu, cache, ctx->node);
	if (slab == PFN_NONE && k->phys->nr_nodes > 1)
		slab = take_abroad(k, ctx, cpu, cache);
	return slab;
}
