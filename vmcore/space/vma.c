// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/vma.h"

#include "vmcore/space/vma-tree.h"

uint32_t vma_first(const struct space *s, uint32_t mm)
{
	return vma_tree_first(s, mm_at(s, mm));
}

uint32_t vma_last(const struct space *s, uint32_t mm)
{
	return mm_at(s, mm)->highest_vma;
}

uint32_t vma_next(const struct space *s, uint32_t vma)
{
	return vma_at(s, vma)->next;
}

uint32_t vma_prev(const struct space *s, uint32_t vma)
{
	return vma_at(s, vma)->prev;
}

uint32_t vma_find(const struct space *s, uint32_t mm, uint64_t addr)
{
	uint32_t id = vma_tree_near(s, mm_at(s, mm), addr);
	const struct vma *v;

	if (!id)
		return 0;
	v = vma_at(s, id);
	if (v->start > addr)
		return v->prev && vma_at(s, v->prev)->end > addr ? v->prev : id;
	return v->end > addr ? id : v->next;
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
	int r = vma_tree_reserve(s);

	if (!r)
		r = kmem_alloc(s->kmem, ctx, KMEM_VMA, &slab);
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
	vma_tree_add(s, m, vma, prev, next);
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
	uint32_t file = v->file;

	vma_rmap_out(s, vma);
	anon_vma_unlink(s, ctx, vma);
	vma_tree_del(s, m, vma);
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
	v->start = start;
	v->end = end;
	v->pgoff = pgoff;
	vma_tree_moved(s, vma);
	mm_account(m, v->flags, pages);
	if (v->flags & VM_LOCKED)
		m->locked_vm += (uint64_t)pages;
	vma_rmap_in(s, vma);
}

/* --- where to map ------------------------------------------------------- */
/* [@bottom, @top) cut to what may be used. False: too short. */
static bool cut(const struct gap_search *q, uint64_t *bottom, uint64_t *top)
{
	if (*top > q->high)
		*top = q->high;
	if (*bottom < q->low)
		*bottom = q->low;
	return *top >= *bottom && *top - *bottom >= q->len;
}

static bool at_top(struct gap_search *q, uint64_t bottom, uint64_t top)
{
	if (!cut(q, &bottom, &top))
		return false;
	q->found = top - q->len;
	return true;
}

static bool at_bottom(struct gap_search *q, uint64_t bottom, uint64_t top)
{
	if (!cut(q, &bottom, &top))
		return false;
	q->found = bottom;
	return true;
}

/* A stack may grow: what it keeps clear is not free. */
static uint64_t guard_of(const struct vma *v)
{
	return v->flags & VM_GROWSDOWN ? STACK_GUARD_GAP : 0;
}

static bool fits_top(struct gap_search *q, const struct vma *v, uint64_t gap)
{
	return gap > guard_of(v) &&
	       at_top(q, v->start - gap, v->start - guard_of(v));
}

static bool fits_bottom(struct gap_search *q, const struct vma *v, uint64_t gap)
{
	return gap > guard_of(v) &&
	       at_bottom(q, v->start - gap, v->start - guard_of(v));
}

static uint64_t topdown(const struct space *s, const struct mm *mm,
			uint64_t len, uint64_t high)
{
	struct gap_search q = { .s = s,
				.len = len,
				.high = high,
				.low = s->mmap_min_addr,
				.fits = fits_top };
	uint32_t last = mm->highest_vma;
	uint64_t end = last ? vma_at(s, last)->end : 0;

	if (end < high && at_top(&q, end, high))
		return q.found;
	return vma_tree_gap_down(&q, mm) ? q.found : UINT64_MAX;
}

/* Above the window only who asks for it by a hint (task_size_64bit()). */
static uint64_t bottomup(const struct space *s, const struct mm *mm,
			 uint64_t len, uint64_t low, bool wide)
{
	struct gap_search q = { .s = s,
				.len = len,
				.low = low,
				.high = wide ? s->paging.task_size
					     : s->paging.window,
				.fits = fits_bottom };
	uint32_t last = mm->highest_vma;
	uint64_t end = last ? vma_at(s, last)->end : 0;

	if (vma_tree_gap_up(&q, mm) || at_bottom(&q, end, q.high))
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
