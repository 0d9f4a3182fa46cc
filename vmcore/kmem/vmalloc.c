// SPDX-License-Identifier: Apache-2.0
/* vmalloc areas: addresses, pages, and the objects that describe them
 * (mm/vmalloc.c, alloc_vmap_area(), __vmalloc_area_node(), vfree()). */
#include "vmcore/kmem/inner.h"

#include <errno.h>

#define POINTER_BYTES  8u
#define VM_STRUCT_SIZE 72u
#define GFP_VMALLOC    (GFP_KERNEL | GFP_BIT_HIGHMEM | GFP_BIT_NOWARN)

const char *const vmalloc_callers[NR_VMALLOC_CALLERS] = {
#define CALLER(id, text) [id] = (text),
#include "vmcore/kmem/vmalloc-callers.def"
};

/* --- addresses --------------------------------------------------------- */
static bool area_less(const void *owner, uint32_t a, uint32_t b)
{
	return vmalloc_at(owner, a)->start < vmalloc_at(owner, b)->start;
}

/* With its guard page. */
static uint64_t area_end(const struct vmalloc_area *a)
{
	return a->start + ((uint64_t)a->nr_pages + 1) * PAGE_SIZE;
}

static void widen(struct vmalloc_area *a, uint64_t gap)
{
	if (gap > a->gap)
		a->gap = gap;
}

/* What is free between the areas of a subtree, at most. */
static bool area_update(const void *owner, void *area, const void *left,
			const void *right)
{
	struct vmalloc_area *a = area, old = *a;
	const struct vmalloc_area *l = left, *r = right;

	(void)owner;
	a->low = l ? l->low : a->start;
	a->high = r ? r->high : area_end(a);
	a->gap = 0;
	if (l) {
		widen(a, l->gap);
		widen(a, a->start - l->high);
	}
	if (r) {
		widen(a, r->gap);
		widen(a, r->low - area_end(a));
	}
	return a->low != old.low || a->high != old.high || a->gap != old.gap;
}

static const struct tree_type by_address = {
	.pool = offsetof(struct kmem, vmalloc_areas),
	.node = offsetof(struct vmalloc_area, node),
	.less = area_less,
	.update = area_update,
};

/* The lowest gap of @bytes inside the subtree of @id, whose gap is that
 * large. */
static uint64_t lowest_inside(const struct kmem *k, uint32_t id, uint64_t bytes)
{
	for (;;) {
		const struct vmalloc_area *a = vmalloc_at(k, id), *l, *r;

		l = a->node.left ? vmalloc_at(k, a->node.left) : NULL;
		r = a->node.right ? vmalloc_at(k, a->node.right) : NULL;
		if (l && l->gap >= bytes) {
			id = a->node.left;
			continue;
		}
		if (l && a->start - l->high >= bytes)
			return l->high;
		if (r->low - area_end(a) >= bytes)
			return area_end(a);
		id = a->node.right;
	}
}

/* Lowest address with @bytes free; 0: none. */
static uint64_t find_address(const struct kmem *k, uint64_t bytes)
{
	const struct vmalloc_area *root;

	if (!k->vmalloc_root)
		return bytes <= k->vmalloc_end - k->vmalloc_start
			       ? k->vmalloc_start
			       : 0;
	root = vmalloc_at(k, k->vmalloc_root);
	if (root->low - k->vmalloc_start >= bytes)
		return k->vmalloc_start;
	if (root->gap >= bytes)
		return lowest_inside(k, k->vmalloc_root, bytes);
	return k->vmalloc_end - root->high >= bytes ? root->high : 0;
}

uint32_t vmalloc_next(const struct kmem *k, uint32_t area)
{
	if (!area)
		return tree_first(&by_address, k, k->vmalloc_root);
	return tree_next(&by_address, k, area);
}

/* --- areas ------------------------------------------------------------- */
static void free_objects(struct kmem *k, struct ctx *ctx,
			 struct vmalloc_area *a)
{
	if (a->array_area)
		vfree(k, ctx, a->array_area);
	if (a->array)
		kfree(k, ctx, a->array);
	for (unsigned i = 0; i < 2; i++)
		if (a->slab[i])
			kmem_free(k, ctx, a->slab[i]);
}

/* vmap_area, vm_struct and the array of the pages; that one is an area of
 * its own if it is longer than a page. */
static int make_objects(struct kmem *k, struct ctx *ctx, struct vmalloc_area *a)
{
	uint64_t bytes = (uint64_t)a->nr_pages * POINTER_BYTES;
	int r = kmem_alloc(k, ctx, KMEM_VMAP_AREA, &a->slab[0]);

	if (!r)
		r = kmalloc(k, ctx, VM_STRUCT_SIZE, GFP_KERNEL, &a->slab[1]);
	if (!r && bytes <= PAGE_SIZE)
		r = kmalloc(k, ctx, bytes, GFP_KERNEL, &a->array);
	else if (!r)
		r = vmalloc(k, ctx, (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT,
			    (enum vmalloc_caller)a->caller, &a->array_area);
	if (r)
		free_objects(k, ctx, a);
	return r;
}

int vmalloc_reserve(struct kmem *k, struct ctx *ctx, uint64_t pages,
		    enum vmalloc_caller caller, uint32_t *ret_area)
{
	struct vmalloc_area *a;
	uint32_t id;
	int r;

	if (pages >= UINT32_MAX || !find_address(k, (pages + 1) * PAGE_SIZE))
		return ENOMEM;
	r = pool_new(&k->vmalloc_areas, &id);
	if (r)
		return r;
	a = vmalloc_at(k, id);
	a->nr_pages = (uint32_t)pages;
	a->caller = caller;
	a->pages = a->last = PFN_NONE;
	r = make_objects(k, ctx, a);
	/* The page array may have taken what was found before. */
	a->start = r ? 0 : find_address(k, (pages + 1) * PAGE_SIZE);
	if (!a->start) {
		if (!r)
			free_objects(k, ctx, a);
		pool_free(&k->vmalloc_areas, id);
		return r ? r : ENOMEM;
	}
	tree_insert(&by_address, k, &k->vmalloc_root, id);
	*ret_area = id;
	return 0;
}

static int fill_one(struct kmem *k, struct ctx *ctx, uint32_t area)
{
	struct vmalloc_area *a = vmalloc_at(k, area);
	struct frame *f;
	pfn_t pfn;
	int r = page_alloc(k->phys, ctx, 0, GFP_VMALLOC, &pfn);

	if (r)
		return r;
	f = frame_at(k->phys, pfn);
	frame_set(f, FRAME_VMALLOC, 0, 0);
	f->owner = area;
	f->index = a->nr_filled++;
	f->prev = a->last;
	f->next = PFN_NONE;
	if (a->last == PFN_NONE)
		a->pages = pfn;
	else
		frame_at(k->phys, a->last)->next = pfn;
	a->last = pfn;
	k->vmalloc_pages++;
	return 0;
}

int vmalloc_fill(struct kmem *k, struct ctx *ctx, uint32_t area, uint32_t max)
{
	const struct vmalloc_area *a = vmalloc_at(k, area);
	int r = 0;

	for (; max && !r && a->nr_filled < a->nr_pages; max--)
		r = fill_one(k, ctx, area);
	if (!r && a->nr_filled < a->nr_pages)
		r = STEP_MORE;
	return r;
}

int vmalloc(struct kmem *k, struct ctx *ctx, uint64_t pages,
	    enum vmalloc_caller caller, uint32_t *ret_area)
{
	uint32_t area;
	int r = vmalloc_reserve(k, ctx, pages, caller, &area);

	if (r)
		return r;
	r = vmalloc_fill(k, ctx, area, UINT32_MAX);
	if (r)
		vfree(k, ctx, area);
	else
		*ret_area = area;
	return r;
}

void vfree(struct kmem *k, struct ctx *ctx, uint32_t area)
{
	struct vmalloc_area *a = vmalloc_at(k, area);
	pfn_t pfn = a->pages;

	while (pfn != PFN_NONE) {
		pfn_t next = frame_at(k->phys, pfn)->next;

		page_free(k->phys, ctx, pfn, 0);
		k->vmalloc_pages--;
		pfn = next;
	}
	tree_erase(&by_address, k, &k->vmalloc_root, area);
	free_objects(k, ctx, a);
	pool_free(&k->vmalloc_areas, area);
}

pfn_t vmalloc_page(const struct kmem *k, uint32_t area, uint32_t index)
{
	const struct vmalloc_area *a = vmalloc_at(k, area);
	bool back = index > a->nr_filled / 2;
	pfn_t pfn = back ? a->last : a->pages;

	if (index >= a->nr_filled)
		return PFN_NONE;
	while (frame_at(k->phys, pfn)->index != index) {
		const struct frame *f = frame_at(k->phys, pfn);

		pfn = back ? f->prev : f->next;
	}
	return pfn;
}

pfn_t vmalloc_near(struct kmem *k, uint32_t area, uint32_t index)
{
	struct vmalloc_area *a = vmalloc_at(k, area);
	const struct frame *f;
	pfn_t pfn = a->near;

	if (!pfn || frame_at(k->phys, pfn)->index > index)
		pfn = a->pages;
	while ((f = frame_at(k->phys, pfn))->index != index)
		pfn = f->next;
	a->near = pfn;
	return pfn;
}
