// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/memory.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

struct lock_walk {
	struct space *s;
	uint64_t start, end;
	bool lock;
};

/* How many entries from @slot on map consecutive pages of one folio. */
static unsigned step(const struct lock_walk *w, const struct table *t,
		     unsigned slot, unsigned last, pfn_t folio)
{
	unsigned n = 1;

	while (slot + n < last && (t->entry[slot + n] & PTE_PRESENT) &&
	       PTE_PFN(t->entry[slot + n]) == PTE_PFN(t->entry[slot]) + n &&
	       folio_head(w->s->phys, PTE_PFN(t->entry[slot + n])) == folio)
		n++;
	return n;
}

/* allow_mlock_munlock(): of large folios only those the range holds whole. */
static bool may_lock(const struct lock_walk *w, const struct frame *head,
		     uint64_t addr, pfn_t offset, unsigned nr)
{
	uint64_t first = addr - ((uint64_t)offset << PAGE_SHIFT);
	uint64_t bytes = (uint64_t)PAGE_SIZE << frame_order(head);

	if (!w->lock || !frame_order(head))
		return true;
	return first >= w->start && first + bytes <= w->end &&
	       nr == 1u << frame_order(head);
}

/* mlock_pte_range() */
static void lock_table(const struct lock_walk *w, uint32_t table, uint64_t base)
{
	const struct table *t = table_at(w->s, table);
	const struct space *s = w->s;
	unsigned i = w->start > base ? pte_slot(s, w->start) : 0, nr;
	unsigned last = w->end >= base + table_bytes(s) ? table_slots(s)
							: pte_slot(s, w->end);

	for (; i < last; i += nr) {
		pfn_t page = PTE_PFN(t->entry[i]), folio;
		const struct frame *head;

		nr = 1;
		if (!(t->entry[i] & PTE_PRESENT))
			continue;
		folio = folio_head(w->s->phys, page);
		head = frame_at(w->s->phys, folio);
		if (frame_type(head) == FRAME_ZERO)
			continue;
		nr = step(w, t, i, last, folio);
		if (!may_lock(w, head, base + ((uint64_t)i << PAGE_SHIFT),
			      page - folio, nr))
			continue;
		if (w->lock)
			lru_mlock(w->s->control, folio);
		else
			lru_munlock(w->s->control, folio);
	}
}

static void lock_huge(const struct lock_walk *w, uint32_t table, uint64_t base)
{
	pfn_t folio =
		PTE_PFN(table_at(w->s, table)->entry[pmd_slot(w->s, base)]);

	if (frame_type(frame_at(w->s->phys, folio)) == FRAME_ZERO)
		return;
	if (w->lock)
		lru_mlock(w->s->control, folio);
	else
		lru_munlock(w->s->control, folio);
}

/* Pages already there go to (come from) the unevictable list. */
static void lock_pages(struct space *s, uint32_t vma, uint64_t start,
		       uint64_t end, bool lock)
{
	struct lock_walk w = { s, start, end, lock };
	const struct mm *mm = mm_at(s, vma_at(s, vma)->mm);
	uint64_t base = 0, at = start;
	uint32_t t;

	for (; (t = pt_next(s, mm, at, end, &base)) != 0;
	     at = base + table_bytes(s))
		if (table_at(s, t)->level > 1)
			lock_huge(&w, t, base);
		else
			lock_table(&w, t, base);
}

static int fixup(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t start,
		 uint64_t end, uint32_t flags)
{
	const struct vma *v = vma_at(s, vma);
	uint32_t old = v->flags, now;
	uint32_t new = (old & ~(uint32_t)(VM_LOCKED | VM_LOCKONFAULT)) | flags;
	int r;

	if (new == old || (old & (VM_SPECIAL_MAP | VM_HUGETLB)))
		return 0;
	r = vma_modify(s, ctx, vma, start, end, new, v->policy, &now);
	if (r)
		return r;
	if ((new ^ old) & VM_LOCKED)
		lock_pages(s, now, start, end, new &VM_LOCKED);
	return 0;
}

/* apply_vma_lock_flags(): up to the first hole. */
static int apply(struct space *s, struct ctx *ctx, uint32_t mm, uint64_t start,
		 uint64_t end, uint32_t flags)
{
	while (start < end) {
		uint32_t id = vma_find(s, mm, start);
		uint64_t stop;
		int r;

		if (!id || vma_at(s, id)->start > start)
			return ENOMEM;
		stop = vma_at(s, id)->end < end ? vma_at(s, id)->end : end;
		r = fixup(s, ctx, id, start, stop, flags);
		if (r)
			return r;
		start = stop;
	}
	return 0;
}

int memory_mlock(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t start,
		 uint64_t len, bool lock, bool onfault)
{
	uint64_t end = (start + len + PAGE_SIZE - 1) & PAGE_MASK;
	uint32_t flags = 0;

	if (lock)
		flags = VM_LOCKED | (onfault ? VM_LOCKONFAULT : 0);
	return apply(m->space, ctx, mm, start & PAGE_MASK, end, flags);
}

static int apply_all(struct space *s, struct ctx *ctx, uint32_t mm,
		     uint32_t flags)
{
	uint32_t id = vma_first(s, mm);

	while (id) {
		uint64_t end = vma_at(s, id)->end;
		int r = fixup(s, ctx, id, vma_at(s, id)->start, end, flags);

		if (r)
			return r;
		id = vma_find(s, mm, end);
	}
	return 0;
}

int memory_mlockall(struct memory *m, struct ctx *ctx, uint32_t mm,
		    bool current, bool future, bool onfault)
{
	uint32_t flags = VM_LOCKED | (onfault ? VM_LOCKONFAULT : 0);
	struct mm *p = mm_at(m->space, mm);

	if (!current && !future)
		return EINVAL;
	p->def_flags &= ~(uint32_t)(VM_LOCKED | VM_LOCKONFAULT);
	if (future)
		p->def_flags |= flags;
	return current ? apply_all(m->space, ctx, mm, flags) : 0;
}

int memory_munlockall(struct memory *m, struct ctx *ctx, uint32_t mm)
{
	mm_at(m->space, mm)->def_flags &=
		~(uint32_t)(VM_LOCKED | VM_LOCKONFAULT);
	return apply_all(m->space, ctx, mm, 0);
}

static void clean_folio(void *arg, pfn_t folio)
{
	struct space *s = arg;

	rmap_clean(s, folio);
}

/* MS_SYNC over the whole range: shared file mappings are written. */
int memory_msync(struct memory *m, struct ctx *ctx, uint32_t mm,
		 uint64_t *start, uint64_t end, struct sync_at *at)
{
	struct space *s = m->space;

	if (*start & ~PAGE_MASK)
		return EINVAL;
	end = (end + PAGE_SIZE - 1) & PAGE_MASK;
	while (*start < end) {
		uint32_t id = vma_find(s, mm, *start);
		const struct vma *v = id ? vma_at(s, id) : NULL;
		uint64_t stop;
		int r = 0;

		if (!v || v->start > *start)
			return ENOMEM;
		stop = v->end < end ? v->end : end;
		/* vfs_fsync_range(): the driver has no fsync(). */
		if (v->flags & VM_SHARED && vma_is_device(s, v))
			return EINVAL;
		if (v->file && (v->flags & VM_SHARED))
			r = file_sync(s->cache, ctx,
				      file_at(s->cache, v->file)->inode,
				      vma_index(v, *start),
				      vma_index(v, stop - 1), at, clean_folio,
				      s);
		if (r)
			return r;
		*start = stop;
		*at = (struct sync_at){ 0 };
	}
	return 0;
}
