// SPDX-License-Identifier: Apache-2.0
/* Kernel stacks (kernel/fork.c, alloc_thread_stack_node(),
 * account_kernel_stack()): vmalloc'ed; each CPU keeps two of the dead. Without
 * VMAP_STACK, on i386, a block of two pages. */
#include "vmcore/kmem/inner.h"

#define PAGE_KB (PAGE_SIZE / 1024)

static bool stack_charged(const struct ctx *ctx)
{
	return ctx->group > GROUP_ROOT;
}

/* The CPU's first cached stack, ID_NONE. */
static uint32_t cached_take(struct kmem *k, const struct ctx *ctx)
{
	uint32_t *cached = k->stack_cache[ctx->cpu];

	for (unsigned i = 0; i < STACK_CACHED; i++) {
		uint32_t area = cached[i];

		cached[i] = ID_NONE;
		if (area)
			return area;
	}
	return ID_NONE;
}

static bool cached_put(struct kmem *k, const struct ctx *ctx, uint32_t area)
{
	uint32_t *cached = k->stack_cache[ctx->cpu];

	for (unsigned i = 0; i < STACK_CACHED; i++)
		if (!cached[i]) {
			cached[i] = area;
			return true;
		}
	return false;
}

static int stack_area(struct kmem *k, struct ctx *ctx, uint32_t *ret_area)
{
	uint32_t area = cached_take(k, ctx);
	int r;

	if (!area) {
		r = vmalloc(k, ctx, STACK_PAGES, VMALLOC_BY_CLONE, &area);
		if (r)
			return r;
		vmalloc_at(k, area)->kind = VMALLOC_STACK;
	}
	*ret_area = area;
	return 0;
}

#define BLOCK_ORDER 1u
#define BLOCK_PAGES (1 << BLOCK_ORDER)

static int block_alloc(struct kmem *k, struct ctx *ctx, uint32_t owner,
		       pfn_t *ret_pfn)
{
	bool charged = stack_charged(ctx);
	struct frame *f;
	int r = charged ? group_charge_kernel(k->control, ctx, BLOCK_PAGES) : 0;

	if (r)
		return r;
	r = page_alloc(k->phys, ctx, BLOCK_ORDER, GFP_KERNEL_ACCOUNT, ret_pfn);
	if (r) {
		if (charged)
			group_uncharge_kernel(k->control, ctx->group,
					      BLOCK_PAGES);
		return r;
	}
	f = frame_at(k->phys, *ret_pfn);
	frame_set(f, FRAME_STACK, BLOCK_ORDER, 0);
	f->owner = owner;
	if (charged)
		frame_set_group(f, ctx->group);
	group_stat(k->control, frame_group(f), pfn_node(k->phys, *ret_pfn),
		   NR_KERNEL_STACK_KB, BLOCK_PAGES * PAGE_KB);
	return 0;
}

static void block_free(struct kmem *k, struct ctx *ctx, pfn_t pfn)
{
	struct frame *f = frame_at(k->phys, pfn);

	group_stat(k->control, frame_group(f), pfn_node(k->phys, pfn),
		   NR_KERNEL_STACK_KB, -(int64_t)BLOCK_PAGES * PAGE_KB);
	if (frame_group(f))
		group_uncharge_kernel(k->control, frame_group(f), BLOCK_PAGES);
	frame_set_group(f, 0);
	page_free(k->phys, ctx, pfn, BLOCK_ORDER);
}

int stack_alloc(struct kmem *k, struct ctx *ctx, uint32_t owner,
		pfn_t ret_pages[4])
{
	bool charged = stack_charged(ctx);
	uint32_t area;
	pfn_t pfn;
	int r;

	if (k->phys->i386)
		return block_alloc(k, ctx, owner, ret_pages);
	r = charged ? group_charge_kernel(k->control, ctx, STACK_PAGES) : 0;

	if (r)
		return r;
	r = stack_area(k, ctx, &area);
	if (r) {
		if (charged)
			group_uncharge_kernel(k->control, ctx->group,
					      STACK_PAGES);
		return r;
	}
	pfn = vmalloc_at(k, area)->pages;
	for (unsigned i = 0; i < STACK_PAGES; i++) {
		struct frame *f = frame_at(k->phys, pfn);

		frame_set(f, FRAME_STACK, 0, 0);
		f->private = area;
		f->owner = owner;
		if (charged)
			frame_set_group(f, ctx->group);
		group_stat(k->control, frame_group(f), pfn_node(k->phys, pfn),
			   NR_KERNEL_STACK_KB, PAGE_KB);
		ret_pages[i] = pfn;
		pfn = f->next;
	}
	return 0;
}

void stack_free(struct kmem *k, struct ctx *ctx, const pfn_t pages[4])
{
	uint32_t area;

	if (k->phys->i386) {
		block_free(k, ctx, pages[0]);
		return;
	}
	area = frame_at(k->phys, pages[0])->private;
	for (unsigned i = 0; i < STACK_PAGES; i++) {
		struct frame *f = frame_at(k->phys, pages[i]);

		group_stat(k->control, frame_group(f),
			   pfn_node(k->phys, pages[i]), NR_KERNEL_STACK_KB,
			   -(int64_t)PAGE_KB);
		if (frame_group(f))
			group_uncharge_kernel(k->control, frame_group(f), 1);
		frame_set_group(f, 0);
		frame_set(f, FRAME_VMALLOC, 0, 0);
		f->private = 0;
		f->owner = area;
	}
	if (!cached_put(k, ctx, area))
		vfree(k, ctx, area);
}
