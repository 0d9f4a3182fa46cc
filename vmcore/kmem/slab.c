// SPDX-License-Identifier: Apache-2.0
/* Slabs as blocks of pages, and objects in and out of them (mm/slub.c,
 * allocate_slab(), __free_slab(), ___slab_alloc(), __slab_free()). */
#include "vmcore/kmem/inner.h"

void slab_count_pages(struct kmem *k, pfn_t pfn, uint32_t kind, int64_t pages)
{
	vmstat_node(&k->phys->stat, pfn_node(k->phys, pfn),
		    kind == KMEM_RECLAIMABLE ? NR_SLAB_RECLAIMABLE
					     : NR_SLAB_UNRECLAIMABLE,
		    pages);
}

/* What a request may say about pages (GFP_RECLAIM_MASK); the rest is the
 * cache's to say. */
#define GFP_SLAB_MASK                                                       \
	(GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM | GFP_BIT_HIGH |   \
	 GFP_BIT_IO | GFP_BIT_FS | GFP_BIT_NOWARN | GFP_BIT_RETRY_MAYFAIL | \
	 GFP_BIT_NOFAIL | GFP_BIT_NORETRY | GFP_BIT_MEMALLOC |              \
	 GFP_BIT_NOMEMALLOC | GFP_BIT_HARDWALL | GFP_BIT_THISNODE)

static uint32_t cache_gfp(const struct kmem_cache *c, uint32_t gfp)
{
	gfp &= GFP_SLAB_MASK;
	if (c->order)
		gfp |= GFP_BIT_COMP;
	if (c->kind == KMEM_RECLAIMABLE)
		gfp |= GFP_BIT_RECLAIMABLE;
	if (c->flags & KMEM_DMA)
		gfp |= GFP_BIT_DMA;
	return gfp;
}

/* The large block is only tried; the small one may wait for reclaim. */
static int slab_pages(struct kmem *k, struct ctx *ctx,
		      const struct kmem_cache *c, uint32_t gfp, pfn_t *ret_slab)
{
	uint32_t try = gfp | GFP_BIT_NOWARN | GFP_BIT_NORETRY;
	int r;

	try &= ~GFP_BIT_NOFAIL;
	if (gfp & GFP_BIT_DIRECT_RECLAIM && c->order > c->min_order)
		try = (try | GFP_BIT_NOMEMALLOC) &
		      ~(GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM);
	r = page_alloc(k->phys, ctx, c->order, try, ret_slab);
	if (r != NEED_MEMORY)
		return r;
	return page_alloc(k->phys, ctx, c->min_order, gfp, ret_slab);
}

int slab_new(struct kmem *k, struct ctx *ctx, uint32_t cache, uint32_t gfp,
	     pfn_t *ret_slab)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);
	struct kmem_node *n;
	struct frame *f;
	pfn_t slab;
	int r;

	r = slab_pages(k, ctx, c, cache_gfp(c, gfp), &slab);
	if (r)
		return r;
	f = frame_at(k->phys, slab);
	frame_set(f, FRAME_SLAB, frame_order(f), f->word & PG_HEAD);
	f->owner = cache + 1;
	slab_count_pages(k, slab, c->kind, 1 << frame_order(f));
	n = &c->node[pfn_node(k->phys, slab)];
	n->nr_slabs++;
	n->nr_total += slab_capacity(c, f);
	c->nr_slabs++;
	*ret_slab = slab;
	return 0;
}

void slab_discard(struct kmem *k, struct ctx *ctx, pfn_t slab)
{
	struct frame *f = frame_at(k->phys, slab);
	struct kmem_cache *c = kmem_cache_at(k, f->owner - 1);
	struct kmem_node *n = &c->node[pfn_node(k->phys, slab)];
	unsigned order = frame_order(f);

	n->nr_slabs--;
	n->nr_total -= slab_capacity(c, f);
	c->nr_slabs--;
	slab_count_pages(k, slab, c->kind, -(1 << order));
	page_free(k->phys, ctx, slab, order);
}

/* A slab of this CPU with a free object. */
static int slab_ready(struct kmem *k, struct ctx *ctx, uint32_t cache,
		      uint32_t gfp, pfn_t *ret_slab)
{
	const struct kmem_cache *c = kmem_cache_at(k, cache);
	struct kmem_cpu *cpu = kmem_cpu_at(k, cache, ctx->cpu);
	struct frame *f;
	int r;

	if (cpu->slab != PFN_NONE) {
		f = frame_at(k->phys, cpu->slab);
		if (f->private < slab_capacity(c, f)) {
			*ret_slab = cpu->slab;
			return 0;
		}
		/* Full: on no list until an object comes back. */
		f->word &= ~SLAB_FROZEN;
		cpu->slab = PFN_NONE;
	}
	cpu->slab = partial_take(k, ctx, cache);
	if (cpu->slab == PFN_NONE) {
		r = slab_new(k, ctx, cache, gfp, &cpu->slab);
		if (r)
			return r;
	}
	frame_at(k->phys, cpu->slab)->word |= SLAB_FROZEN;
	*ret_slab = cpu->slab;
	return 0;
}

int kmem_alloc_gfp(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
		   uint32_t gfp, pfn_t *ret_slab)
{
	struct kmem_cache *c = kmem_cache_at(k, cache);
	bool charged = obj_charged(ctx, c);
	struct frame *f;
	pfn_t slab;
	int r = charged ? obj_charge(k, ctx, c, 1) : 0;

	if (r)
		return r;
	r = slab_ready(k, ctx, cache, gfp, &slab);
	if (r) {
		if (charged)
			obj_uncharge(k, c, ctx->group, 1);
		return r;
	}
	f = frame_at(k->phys, slab);
	f->private ++;
	c->nr_objects++;
	if (charged)
		charge_note(k, &f->index, ctx->group, 1);
	*ret_slab = slab;
	return 0;
}

int kmem_alloc(struct kmem *k, struct ctx *ctx, enum kmem_cache_id cache,
	       pfn_t *ret_slab)
{
	return kmem_alloc_gfp(k, ctx, cache, GFP_KERNEL, ret_slab);
}

void kmem_free(struct kmem *k, struct ctx *ctx, pfn_t slab)
{
	struct frame *f = frame_at(k->phys, slab);
	uint32_t cache = f->owner - 1;
	struct kmem_cache *c = kmem_cache_at(k, cache);
	bool full = f->private == slab_capacity(c, f);

	if (f->index) {
		uint32_t group =
			charge_drop(k, &f->index, ctx->group, f->private);

		if (group)
			obj_uncharge(k, c, group, 1);
	}
	f->private --;
	c->nr_objects--;
	if (f->word & SLAB_PARTIAL)
		partial_freed(k, ctx, cache, slab);
	else if (full && !(f->word & SLAB_FROZEN))
		partial_put_cpu(k, ctx, cache, slab);
}
