// SPDX-License-Identifier: Apache-2.0
/* Kernel memory by name: what a module would ask for. */
#include "vmcore/task/kernel-alloc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmcore/base/tree.h"

#define BATCH 64u /* objects, blocks or pages a step */
/* What the allocators by size refuse to hear of (GFP_SLAB_BUG_MASK). */
#define GFP_KMALLOC_STRIPS (GFP_BIT_DMA32 | GFP_BIT_HIGHMEM)

static int name_side(const void *owner, const void *name, uint32_t id)
{
	return strcmp(name, kernel_at(owner, id)->name);
}

static bool name_less(const void *owner, uint32_t a, uint32_t b)
{
	return name_side(owner, kernel_at(owner, a)->name, b) < 0;
}

static const struct tree_type by_name = {
	.pool = offsetof(struct tasks, kernel_allocs),
	.node = offsetof(struct kernel_alloc, by_name),
	.less = name_less,
};

uint32_t kernel_find(const struct tasks *t, const char *name)
{
	return tree_search(&by_name, t, t->kernel_names, name, name_side);
}

static uint32_t wanted_gfp(const struct actor *a)
{
	return a->op.prot ? a->op.prot : GFP_KERNEL;
}

static struct kmem *kmem_of(const struct tasks *t)
{
	return t->space->kmem;
}

/* --- the end of one -------------------------------------------------------
 */
void kernel_forget(struct tasks *t, uint32_t id)
{
	const struct kernel_alloc *k = kernel_at(t, id);

	if (k->prev)
		kernel_at(t, k->prev)->next = k->next;
	else
		t->kernel_first = k->next;
	if (k->next)
		kernel_at(t, k->next)->prev = k->prev;
	else
		t->kernel_last = k->prev;
	tree_erase(&by_name, t, &t->kernel_names, id);
	pool_free(&t->kernel_allocs, id);
}

/* Every @stride-th of what it holds, the first first. */
static void free_objects(struct tasks *t, struct ctx *ctx,
			 struct kernel_alloc *k, uint64_t stride)
{
	uint32_t *link = &k->first;

	k->last = 0;
	for (uint64_t i = 0; *link; i++) {
		uint32_t id = *link;
		struct kernel_object *o = kernel_object_at(t, id);

		if (i % stride) {
			k->last = id;
			link = &o->next;
			continue;
		}
		kmem_free(kmem_of(t), ctx, o->slab);
		*link = o->next;
		pool_free(&t->kernel_objects, id);
		k->nr--;
	}
}

static void free_blocks(struct tasks *t, struct ctx *ctx,
			struct kernel_alloc *k, uint64_t stride)
{
	struct phys *p = t->space->phys;
	pfn_t *link = &k->first;

	k->last = PFN_NONE;
	for (uint64_t i = 0; *link != PFN_NONE; i++) {
		pfn_t pfn = *link;

		if (i % stride) {
			k->last = pfn;
			link = &frame_at(p, pfn)->next;
			continue;
		}
		*link = frame_at(p, pfn)->next;
		page_free(p, ctx, pfn, k->order);
		k->nr--;
	}
}

static void release(struct tasks *t, struct ctx *ctx, struct kernel_alloc *k,
		    uint64_t stride)
{
	switch ((enum kernel_kind)k->kind) {
	case KERNEL_VMALLOC:
		if (k->nr)
			vfree(kmem_of(t), ctx, k->first);
		k->nr = 0;
		break;
	case KERNEL_KMALLOC:
		if (k->nr)
			kfree(kmem_of(t), ctx, k->first);
		k->nr = 0;
		break;
	case KERNEL_SLAB:
		free_objects(t, ctx, k, stride);
		break;
	case KERNEL_PAGES:
		t->space->phys->telling = true;
		free_blocks(t, ctx, k, stride);
		t->space->phys->telling = false;
		break;
	}
}

/* --- the begin of one -----------------------------------------------------
 */
static const enum kernel_kind kind_of[NR_OPS] = {
	[OP_VMALLOC] = KERNEL_VMALLOC,	 [OP_VFREE] = KERNEL_VMALLOC,
	[OP_KMALLOC] = KERNEL_KMALLOC,	 [OP_KFREE] = KERNEL_KMALLOC,
	[OP_SLAB] = KERNEL_SLAB,	 [OP_SLABFREE] = KERNEL_SLAB,
	[OP_ALLOC_PAGES] = KERNEL_PAGES, [OP_FREE_PAGES] = KERNEL_PAGES,
};

static bool request_ok(const struct tasks *t, const struct op *op)
{
	switch (kind_of[op->code]) {
	case KERNEL_VMALLOC:
		return op->size;
	case KERNEL_KMALLOC:
		return op->size && op->size <= (uint64_t)PAGE_SIZE << MAX_ORDER;
	case KERNEL_SLAB:
		return op->value && kmem_cache_find(kmem_of(t), op->region2) <
					    kmem_of(t)->caches.top;
	case KERNEL_PAGES:
	default:
		return op->value <= MAX_ORDER && op->loops;
	}
}

int kernel_new(struct tasks *t, enum kernel_kind kind, const char *name,
	       uint32_t *ret_id)
{
	struct kernel_alloc *k;
	int r = pool_new(&t->kernel_allocs, ret_id);

	if (r)
		return r;
	k = kernel_at(t, *ret_id);
	k->kind = kind;
	if (kind == KERNEL_PAGES)
		k->first = k->last = PFN_NONE;
	snprintf(k->name, sizeof(k->name), "%s", name);
	k->prev = t->kernel_last;
	if (k->prev)
		kernel_at(t, k->prev)->next = *ret_id;
	else
		t->kernel_first = *ret_id;
	t->kernel_last = *ret_id;
	tree_insert(&by_name, t, &t->kernel_names, *ret_id);
	return 0;
}

/* cursor[0]: the record, from here on. */
int op_kernel_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	enum kernel_kind kind = kind_of[a->op.code];
	uint32_t id;
	int r;

	(void)ctx;
	if (!request_ok(t, &a->op))
		return EINVAL;
	if (kernel_find(t, a->op.region))
		return EEXIST;
	r = kernel_new(t, kind, a->op.region, &id);
	if (r)
		return r;
	kernel_at(t, id)->building = 1;
	if (kind == KERNEL_PAGES)
		kernel_at(t, id)->order = (uint32_t)a->op.value;
	a->cursor[0] = id;
	return 0;
}

void kernel_abandon(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = a->cursor[0];

	if (op_rows[a->op.code].begin != op_kernel_begin || !id)
		return;
	release(t, ctx, kernel_at(t, id), 1);
	kernel_forget(t, id);
	a->cursor[0] = 0;
}

/* All it asked for is there. */
static int built(struct tasks *t, struct actor *a)
{
	kernel_at(t, a->cursor[0])->building = 0;
	a->cursor[0] = 0;
	return 0;
}

int op_vmalloc(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct kernel_alloc *k = kernel_at(t, a->cursor[0]);
	uint64_t pages = (a->op.size - 1) / PAGE_SIZE + 1;
	int r = 0;

	if (pages > phys_total_pages(t->space->phys))
		return ENOMEM;
	if (!k->nr) {
		r = vmalloc_reserve(kmem_of(t), ctx, pages, VMALLOC_BY_MODULE,
				    &k->first);
		if (r)
			return r;
		k->nr = 1;
	}
	r = vmalloc_fill(kmem_of(t), ctx, k->first, BATCH);
	return r ? r : built(t, a);
}

int op_kmalloc(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct kernel_alloc *k = kernel_at(t, a->cursor[0]);
	int r = kmalloc(kmem_of(t), ctx, a->op.size,
			wanted_gfp(a) & ~GFP_KMALLOC_STRIPS, &k->first);

	if (r)
		return r;
	k->nr = 1;
	return built(t, a);
}

/* What the batch got stands; the rest is a new step. */
static int batch_end(struct tasks *t, struct actor *a, uint64_t wanted,
		     unsigned got, int r)
{
	if (r)
		return r > OUTCOME_BASE && got ? STEP_MORE : r;
	if (kernel_at(t, a->cursor[0])->nr < wanted)
		return STEP_MORE;
	return built(t, a);
}

static int slab_one(struct tasks *t, struct ctx *ctx, const struct actor *a)
{
	struct kernel_alloc *k = kernel_at(t, a->cursor[0]);
	uint32_t cache = kmem_cache_find(kmem_of(t), a->op.region2), id;
	pfn_t slab;
	int r = pool_new(&t->kernel_objects, &id);

	if (r)
		return r;
	r = kmem_alloc(kmem_of(t), ctx, (enum kmem_cache_id)cache, &slab);
	if (r) {
		pool_free(&t->kernel_objects, id);
		return r;
	}
	kernel_object_at(t, id)->slab = slab;
	if (k->last)
		kernel_object_at(t, k->last)->next = id;
	else
		k->first = id;
	k->last = id;
	k->nr++;
	return 0;
}

int op_slab(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct kernel_alloc *k = kernel_at(t, a->cursor[0]);
	unsigned n = 0;
	int r = 0;

	while (n < BATCH && !r && k->nr < a->op.value) {
		r = slab_one(t, ctx, a);
		n += !r;
	}
	return batch_end(t, a, a->op.value, n, r);
}

static int block_one(struct tasks *t, struct ctx *ctx, const struct actor *a)
{
	struct kernel_alloc *k = kernel_at(t, a->cursor[0]);
	struct phys *p = t->space->phys;
	struct frame *f;
	pfn_t pfn;
	int r = page_alloc(p, ctx, k->order, wanted_gfp(a), &pfn);

	if (r)
		return r;
	f = frame_at(p, pfn);
	f->owner = a->cursor[0];
	f->next = PFN_NONE;
	if (k->last == PFN_NONE)
		k->first = pfn;
	else
		frame_at(p, k->last)->next = pfn;
	k->last = pfn;
	k->nr++;
	return 0;
}

int op_alloc_pages(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct kernel_alloc *k = kernel_at(t, a->cursor[0]);
	unsigned n = 0;
	int r = 0;

	t->space->phys->telling = true;
	while (n < BATCH && !r && k->nr < a->op.loops) {
		r = block_one(t, ctx, a);
		n += !r;
	}
	t->space->phys->telling = false;
	return batch_end(t, a, a->op.loops, n, r);
}

/* vfree, kfree, slabfree, free_pages: all of it, or every STRIDE-th of what is
 * left; the name goes with the last. */
int op_kernel_free(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t stride = a->op.flags & OPX_VALUE ? a->op.value : 1;
	uint32_t id = kernel_find(t, a->op.region);
	struct kernel_alloc *k = id ? kernel_at(t, id) : NULL;

	if (!k || k->building || k->kind != kind_of[a->op.code] || !stride)
		return EINVAL;
	release(t, ctx, k, stride);
	if (!k->nr)
		kernel_forget(t, id);
	return 0;
}
