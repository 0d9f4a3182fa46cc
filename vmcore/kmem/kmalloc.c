// SPDX-License-Identifier: Apache-2.0
/* Memory by size (mm/slab_common.c, kmalloc_type(), kmalloc_size_index;
 * mm/slub.c, ___kmalloc_large_node()). */
#include "vmcore/kmem/inner.h"

#include <errno.h>

/* Every family has its caches in the order of enum kmem_cache_id: 96, 192,
 * then the powers of two from 8. */
enum { SIZE_96, SIZE_192, SIZE_8 };

static enum kmem_cache_id family(uint32_t gfp)
{
	if (gfp & GFP_BIT_DMA)
		return KMEM_MALLOC_DMA_96;
	if (gfp & GFP_BIT_RECLAIMABLE)
		return KMEM_MALLOC_RCL_96;
	return gfp & GFP_BIT_ACCOUNT ? KMEM_MALLOC_CG_96 : KMEM_MALLOC_96;
}

enum kmem_cache_id kmalloc_cache(uint32_t bytes, uint32_t gfp)
{
	unsigned size = SIZE_8;

	if (bytes > 64 && bytes <= 96)
		return (enum kmem_cache_id)(family(gfp) + SIZE_96);
	if (bytes > 128 && bytes <= 192)
		return (enum kmem_cache_id)(family(gfp) + SIZE_192);
	for (uint32_t fits = 8; fits < bytes; fits *= 2)
		size++;
	return (enum kmem_cache_id)(family(gfp) + size);
}

/* An accounted block is charged whole, as any page is. */
static int large_alloc(struct kmem *k, struct ctx *ctx, unsigned order,
		       uint32_t gfp, pfn_t *ret_pfn)
{
	bool charged = gfp & GFP_BIT_ACCOUNT && ctx->group > GROUP_ROOT;
	int r = charged ? group_charge_kernel(k->control, ctx, 1u << order) : 0;
	struct frame *f;

	if (r)
		return r;
	r = page_alloc(k->phys, ctx, order, gfp | GFP_BIT_COMP, ret_pfn);
	if (r) {
		if (charged)
			group_uncharge_kernel(k->control, ctx->group,
					      1u << order);
		return r;
	}
	f = frame_at(k->phys, *ret_pfn);
	f->owner = KMALLOC_LARGE;
	if (charged)
		frame_set_group(f, ctx->group);
	slab_count_pages(k, *ret_pfn, KMEM_UNRECLAIMABLE, 1 << order);
	return 0;
}

int kmalloc(struct kmem *k, struct ctx *ctx, uint64_t bytes, uint32_t gfp,
	    pfn_t *ret_pfn)
{
	unsigned order = 0;

	if (!bytes || bytes > (uint64_t)PAGE_SIZE << MAX_ORDER)
		return EINVAL;
	if (bytes <= KMALLOC_MAX_CACHE)
		return kmem_alloc_gfp(k, ctx,
				      kmalloc_cache((uint32_t)bytes, gfp), gfp,
				      ret_pfn);
	while ((uint64_t)PAGE_SIZE << order < bytes)
		order++;
	return large_alloc(k, ctx, order, gfp, ret_pfn);
}

void kfree(struct kmem *k, struct ctx *ctx, pfn_t pfn)
{
	const struct frame *f = frame_at(k->phys, pfn);
	unsigned order = frame_order(f);

	if (frame_type(f) == FRAME_SLAB) {
		kmem_free(k, ctx, pfn);
		return;
	}
	if (frame_group(f))
		group_uncharge_kernel(k->control, frame_group(f), 1u << order);
	slab_count_pages(k, pfn, KMEM_UNRECLAIMABLE, -(1 << order));
	page_free(k->phys, ctx, pfn, order);
}
