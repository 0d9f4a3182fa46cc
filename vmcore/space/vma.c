// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/vma.h"

static bool addr_less(const void *owner, uint32_t a, uint32_t b)
{
	return vma_at(owner, a)->start < vma_at(owner, b)->start;
}

static bool addr_update(const void *owner, void *vma, const void *left,
			const void *right)
{
	struct vma *v = vma;
	const struct vma *l = left, *r = right;
	uint64_t gap = v->gap, old = v->max_gap;

	(void)owner;
	if (l && l->max_gap > gap)
		gap = l->max_gap;
	if (r && r->max_gap > gap)
		gap = r->max_gap;
	v->max_gap = gap;
	return gap != old;
}

static const struct tree_type by_addr = {
	.pool = offsetof(struct space, vmas),
	.node = offsetof(struct vma, by_addr),
	.less = addr_less,
	.update = addr_update,
};

uint32_t vma_first(const struct space *s, uint32_t mm)
{
	return tree_first(&by_addr, s, mm_at(s, mm)->vmas);
}

uint32_t vma_last(const struct space *s, uint32_t mm)
{
	return tree_last(&by_addr, s, mm_at(s, mm)->vmas);
}

uint32_t vma_next(const struct space *s, uint32_t vma)
{
	return tree_next(&by_addr, s, vma);
}

uint32_t vma_prev(const struct space *s, uint32_t vma)
{
	return tree_prev(&by_addr, s, vma);
}

uint32_t vma_find(const struct space *s, uint32_t mm, uint64_t addr)
{
	uint32_t id = mm_at(s, mm)->vmas, best = 0;

	while (id) {
		const struct vma *v = vma_at(s, id);

		if (v->end > addr) {
			best = id;
			if (v->start <= addr)
				break;
			id = v->by_addr.left;
		} else {
			id = v->by_addr.right;
		}
	}
	return best;
}

/* What is free below @id. */
static void gap_set(struct space *s, uint32_t id, uint64_t gap)
{
	vma_at(s, id)->gap = gap;
	tree_fix(&by_addr, s, id);
}

/* The gap between @vma and the one above it is another. */
static void gap_above(struct space *s, uint32_t vma)
{
	uint32_t next = vma_next(s, vma);

	if (next)
		gap_set(s, next, vma_at(s, next)->start - vma_at(s, vma)->end);
}

void mm_account(struct mm *mm, uint32_t flags, int64_t pages)
{
	uint64_t n = (uint64_t)pages;

	mm->total_vm += n;
	if (mm->total_vm > mm->hiwater_vm)
		mm->hiwater_vm = mm->total_vm;
	if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC &&
	    !(flags & VM_GROWSDOWN))
		mm->exec_vm += n;
	else if (flags & VM_GROWSDOWN)
		mm->stack_vm += n;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_vm += n;
}

int vma_new(struct space *s, struct ctx *ctx, uint32_t *ret_vma)
{
	pfn_t slab;
	uint32_t id;
	int r = kmem_alloc(s->kmem, ctx, KMEM_VMA, &slab);

	if (r)
		return r;
	r = pool_new(&s->vmas, &id);
	if (r) {
		kmem_free(s->kmem, ctx, slab);
		return r;
	}
	vma_at(s, id)->slab = slab;
	*ret_vma = id;
	return 0;
}

void vma_delete(struct space *s, struct ctx *ctx, uint32_t vma)
{
	kmem_free(s->kmem, ctx, vma_at(s, vma)->slab);
	pool_free(&s->vmas, vma);
}

void vma_link(struct space *s, uint32_t mm, uint32_t vma, uint32_t prev,
	      uint32_t next)
{
	struct mm *m = mm_at(s, mm);
	struct vma *v = vma_at(s, vma);

	v->mm = mm;
	v->gap = v->start - (prev ? vma_at(s, prev)->end : 0);
	if (next)
		vma_at(s, next)->gap = vma_at(s, next)->start - v->end;
	tree_insert_between(&by_addr, s, &m->vmas, prev, vma, next);
	m->map_count++;
	mm_account(m, v->flags, (int64_t)vma_pages(v));
	if (v->flags & VM_LOCKED)
		m->locked_vm += vma_pages(v);
	vma_rmap_in(s, vma);
}

void vma_remove(struct space *s, struct ctx *ctx, uint32_t vma)
{
	struct vma *v = vma_at(s, vma);
	struct mm *m = mm_at(s, v->mm);
	uint32_t file = v->file, next = vma_next(s, vma);

	vma_rmap_out(s, vma);
	anon_vma_unlink(s, ctx, vma);
	if (next)
		vma_at(s, next)->gap =
			vma_at(s, next)->start - v->start + v->gap;
	tree_erase_before(&by_addr, s, &m->vmas, vma, next);
	m->map_count--;
	mm_account(m, v->flags, -(int64_t)vma_pages(v));
	if (v->flags & VM_LOCKED)
		m->locked_vm -= vma_pages(v);
	vma_delete(s, ctx, vma);
	if (file)
		file_put(s->cache, ctx, file);
}

void vma_set_range(struct space *s, uint32_t vma, uint64_t start, uint64_t end,
		   uint64_t pgoff)
{
	struct vma *v = vma_at(s, vma);
	struct mm *m = mm_at(s, v->mm);
	int64_t pages =
		(int64_t)((end - start) >> PAGE_SHIFT) - (int64_t)vma_pages(v);

	vma_rmap_out(s, vma);
	gap_set(s, vma, v->gap + (start - v->start));
	v->start = start;
	v->end = end;
	v->pgoff = pgoff;
	gap_above(s, vma);
	mm_account(m, v->flags, pages);
	if (v->flags & VM_LOCKED)
		m->locked_vm += (uint64_t)pages;
	vma_rmap_in(s, vma);
}

/* --- where to map ------------------------------------------------------- */
struct search {
	const struct space *s;
	uint64_t len, low, high; /* [low, high) may be used */
	uint64_t found;
};

/* The gap that ends at @top and is @gap bytes long. */
static bool try_gap(struct search *q, uint64_t top, uint64_t gap)
{
	uint64_t bottom = top - gap;

	if (top > q->high)
		top = q->high;
	if (bottom < q->low)
		bottom = q->low;
	if (top < bottom || top - bottom < q->len)
		return false;
	q->found = top - q->len;
	return true;
}

static bool has_gap(const struct search *q, uint32_t id)
{
	return id && vma_at(q->s, id)->max_gap >= q->len;
}

/* Highest fitting gap in the subtree: right first, then own, then left. */
static bool search_down(struct search *q, uint32_t id)
{
	while (has_gap(q, id)) {
		const struct vma *v = vma_at(q->s, id);
		uint64_t guard = v->flags & VM_GROWSDOWN ? STACK_GUARD_GAP : 0;

		if (v->end < q->high && has_gap(q, v->by_addr.right) &&
		    search_down(q, v->by_addr.right))
			return true;
		if (v->gap > guard &&
		    try_gap(q, v->start - guard, v->gap - guard))
			return true;
		id = v->by_addr.left;
	}
	return false;
}

static uint64_t topdown(const struct space *s, const struct mm *mm,
			uint64_t len, uint64_t high)
{
	struct search q = {
		.s = s, .len = len, .high = high, .low = s->mmap_min_addr
	};
	uint32_t last = tree_last(&by_addr, s, mm->vmas);
	uint64_t end = last ? vma_at(s, last)->end : 0;

	if (end < high && try_gap(&q, high, high - end))
		return q.found;
	if (search_down(&q, mm->vmas))
		return q.found;
	return UINT64_MAX;
}

/* The gap [@bottom, @top), from below. */
static bool try_low(struct search *q, uint64_t bottom, uint64_t top)
{
	if (top > q->high)
		top = q->high;
	if (bottom < q->low)
		bottom = q->low;
	if (top < bottom || top - bottom < q->len)
		return false;
	q->found = bottom;
	return true;
}

/* Lowest fitting gap in the subtree: left first, then own, then right. */
static bool search_up(struct search *q, uint32_t id)
{
	while (has_gap(q, id)) {
		const struct vma *v = vma_at(q->s, id);
		uint64_t guard = v->flags & VM_GROWSDOWN ? STACK_GUARD_GAP : 0;

		if (v->start > q->low && has_gap(q, v->by_addr.left) &&
		    search_up(q, v->by_addr.left))
			return true;
		if (v->gap > guard &&
		    try_low(q, v->start - v->gap, v->start - guard))
			return true;
		id = v->by_addr.right;
	}
	return false;
}

/* Above the window only who asks for it by a hint (task_size_64bit()). */
static uint64_t bottomup(const struct space *s, const struct mm *mm,
			 uint64_t len, uint64_t low, bool wide)
{
	struct search q = { .s = s,
			    .len = len,
			    .low = low,
			    .high = wide ? s->paging.task_size
					 : s->paging.window };
	uint32_t last = tree_last(&by_addr, s, mm->vmas);
	uint64_t end = last ? vma_at(s, last)->end : 0;

	if (search_up(&q, mm->vmas) || try_low(&q, end, q.high))
		return q.found;
	return UINT64_MAX;
}

/* Down from mmap_base; when that is full, upwards
 * (arch_get_unmapped_area_topdown()). */
static uint64_t area(const struct space *s, const struct mm *mm, uint64_t len,
		     bool wide)
{
	uint64_t more = wide ? s->paging.task_size - s->paging.window : 0, at;

	if (mm->legacy)
		return bottomup(s, mm, len, mm->mmap_base, wide);
	at = topdown(s, mm, len, mm->mmap_base + more);
	return at != UINT64_MAX
		       ? at
		       : bottomup(s, mm, len, s->paging.unmapped_base, wide);
}

/* Is [@at, @at + @len) free, a stack above it included that may grow? */
static bool is_free(const struct space *s, uint32_t mm, uint64_t at,
		    uint64_t len)
{
	uint32_t next = vma_find(s, mm, at);
	const struct vma *v = next ? vma_at(s, next) : NULL;
	uint64_t guard = v && v->flags & VM_GROWSDOWN ? STACK_GUARD_GAP : 0;

	return !v || at + len + guard <= v->start;
}

uint64_t vma_hinted_area(const struct space *s, uint32_t mm, uint64_t len,
			 uint64_t hint)
{
	uint64_t window = s->paging.window, end = s->paging.task_size;
	bool wide = hint > window;

	hint &= PAGE_MASK;
	if (hint < s->mmap_min_addr)
		hint = s->mmap_min_addr;
	/* mmap_address_hint_valid(): on one side of the window's end. */
	if (len <= end && hint <= end - len && wide == (hint + len > window) &&
	    is_free(s, mm, hint, len))
		return hint;
	return area(s, mm_at(s, mm), len, wide);
}

uint64_t vma_unmapped_area(const struct space *s, const struct mm *mm,
			   uint64_t len, uint64_t align, uint64_t off)
{
	uint64_t at, sub;

	if (align) {
		/* __thp_get_unmapped_area(): pad, then slide up to the
		 * offset's own position within a huge page. */
		at = area(s, mm, len + align, false);
		if (at != UINT64_MAX) {
			sub = (off - at) & (align - 1);
			return sub ? at + sub : at + align;
		}
	}
	return area(s, mm, len, false);
}
