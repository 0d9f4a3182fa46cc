// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/memory.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

/* Pages already there go to (come from) the unevictable list. */
static void lock_pages(struct space *s, uint32_t vma, uint64_t start,
		       uint64_t end, bool lock)
{
	const struct mm *mm = mm_at(s, vma_at(s, vma)->mm);
	uint64_t base = 0;
	uint32_t t;

	for (; (t = pt_next_leaf(s, mm, start, end, &base)) != 0;
	     start = base + TABLE_SIZE) {
		unsigned i = start > base ? pt_slot(start, 1) : 0;
		unsigned last = end >= base + TABLE_SIZE ? 512
							 : pt_slot(end, 1);

		for (; i < last; i++) {
			uint64_t pte = table_at(s, t)->entry[i];
			pfn_t folio;
			uint32_t word;

			if (!(pte & PTE_PRESENT))
				continue;
			folio = folio_head(s->phys, PTE_PFN(pte));
			word = frame_at(s->phys, folio)->word;
			if (frame_type(frame_at(s->phys, folio)) == FRAME_ZERO)
				continue;
			if (lock && !(word & PG_MLOCKED))
				lru_mlock(s->control, folio);
			else if (!lock && (word & PG_MLOCKED))
				lru_munlock(s->control, folio);
		}
	}
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
int memory_msync(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t start,
		 uint64_t len)
{
	struct space *s = m->space;
	uint64_t end = start + ((len + PAGE_SIZE - 1) & PAGE_MASK);

	if (start & ~PAGE_MASK)
		return EINVAL;
	while (start < end) {
		uint32_t id = vma_find(s, mm, start);
		const struct vma *v = id ? vma_at(s, id) : NULL;
		uint64_t stop;
		int r = 0;

		if (!v || v->start > start)
			return ENOMEM;
		stop = v->end < end ? v->end : end;
		if (v->file && (v->flags & VM_SHARED))
			r = file_sync(s->cache, ctx,
				      file_at(s->cache, v->file)->inode,
				      vma_index(v, start),
				      vma_index(v, stop - 1), clean_folio, s);
		if (r)
			return r;
		start = stop;
	}
	return 0;
}
