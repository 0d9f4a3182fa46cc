// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/ksm.h"
#include "vmcore/memory/memory.h"
#include "vmcore/memory/pageout.h"
#include "vmcore/space/hugetlb.h"
#include "vmcore/space/vma.h"

enum what {
	ADVICE_BAD,
	ADVICE_FLAGS, /* sets and clears VM_* */
	ADVICE_DONTNEED, /* acts on pages */
	ADVICE_WILLNEED,
	ADVICE_FREE,
	ADVICE_COLD,
	ADVICE_PAGEOUT,
	ADVICE_NOTHING,
};

/* One row an advice; the words' values are the kernel's. */
static const struct advice {
	enum what what;
	uint32_t set, clear; /* VM_* */
	uint32_t refused; /* VMAs with one of these: EINVAL */
} advices[] = {
	[0] = { ADVICE_FLAGS, 0, VM_RAND_READ | VM_SEQ_READ, 0 },
	[1] = { ADVICE_FLAGS, VM_RAND_READ, VM_SEQ_READ, 0 },
	[2] = { ADVICE_FLAGS, VM_SEQ_READ, VM_RAND_READ, 0 },
	[3] = { ADVICE_WILLNEED, 0, 0, 0 },
	[4] = { ADVICE_DONTNEED, 0, 0, VM_LOCKED | VM_PFNMAP },
	[8] = { ADVICE_FREE, 0, 0, VM_LOCKED | VM_PFNMAP | VM_HUGETLB },
	[10] = { ADVICE_FLAGS, VM_DONTCOPY, 0, 0 },
	[11] = { ADVICE_FLAGS, 0, VM_DONTCOPY, VM_IO },
	[12] = { ADVICE_FLAGS, VM_MERGEABLE, 0, 0 },
	[13] = { ADVICE_FLAGS, 0, VM_MERGEABLE, 0 },
	[14] = { ADVICE_FLAGS, VM_HUGEPAGE, VM_NOHUGEPAGE, VM_SPECIAL_MAP },
	[15] = { ADVICE_FLAGS, VM_NOHUGEPAGE, VM_HUGEPAGE, VM_SPECIAL_MAP },
	[20] = { ADVICE_COLD, 0, 0, VM_LOCKED | VM_PFNMAP | VM_HUGETLB },
	[21] = { ADVICE_PAGEOUT, 0, 0, VM_LOCKED | VM_PFNMAP | VM_HUGETLB },
	[25] = { ADVICE_NOTHING, 0, 0, 0 },
};

static const struct advice *find(unsigned advice)
{
	if (advice >= sizeof(advices) / sizeof(*advices) ||
	    advices[advice].what == ADVICE_BAD)
		return NULL;
	return &advices[advice];
}

/* What can be merged by KSM (vma_ksm_compatible()): others ignore it. */
static bool mergeable(const struct vma *v)
{
	return !(v->flags &
		 (VM_SHARED | VM_MAYSHARE | VM_SPECIAL_MAP | VM_HUGETLB));
}

/* What is advised of a part of a folio is advised of a page: the folio is
 * split. What is mapped elsewhere too is left alone. */
static bool splits(struct space *s, struct ctx *ctx, uint32_t table,
		   uint64_t addr, pfn_t page)
{
	pfn_t folio = folio_head(s->phys, page);

	if (!frame_order(frame_at(s->phys, folio)))
		return true;
	return !folio_maybe_shared(
		       s, folio, table_at(s, table)->mm,
		       addr - ((uint64_t)(page - folio) << PAGE_SHIFT)) &&
	       folio_split(s, ctx, folio);
}

/* madvise_free_huge_pmd() */
static void free_huge(struct space *s, uint32_t table, unsigned slot,
		      uint64_t addr)
{
	uint64_t pmd = table_at(s, table)->entry[slot];
	pfn_t folio = PTE_PFN(pmd);
	struct frame *f = frame_at(s->phys, folio);

	if (frame_type(f) != FRAME_ANON ||
	    folio_maybe_shared(s, folio, table_at(s, table)->mm, addr))
		return;
	f->word &= ~PG_DIRTY;
	pte_set(s, table, slot, pmd & ~(PTE_DIRTY | PTE_ACCESSED));
	if (f->word & PG_SWAPBACKED)
		lru_lazyfree(s->control, folio);
}

/* MADV_FREE of one clean-able page: lazily freed, its entry clean; what is in
 * swap goes. */
static void free_page(struct space *s, struct ctx *ctx, uint32_t table,
		      uint64_t addr)
{
	unsigned slot = pte_slot(s, addr);
	uint64_t pte = table_at(s, table)->entry[slot];
	struct frame *f;

	if (pte && !(pte & PTE_PRESENT)) {
		pte_set(s, table, slot, 0);
		swap_zap(s->cache, ctx, pte_swap(pte));
		return;
	}
	if (!(pte & PTE_PRESENT) || !splits(s, ctx, table, addr, PTE_PFN(pte)))
		return;
	pte = table_at(s, table)->entry[slot];
	f = frame_at(s->phys, PTE_PFN(pte));
	if (frame_type(f) != FRAME_ANON || (f->word & PG_KSM))
		return;
	/* Only what must be cleaned first must be nobody else's. */
	if ((f->word & (PG_DIRTY | PG_SWAPCACHE)) && frame_mapcount(f) != 1)
		return;
	if ((f->word & PG_SWAPCACHE) &&
	    !swap_free_folio(s->cache, ctx, PTE_PFN(pte)))
		return;
	f->word &= ~PG_DIRTY;
	pte_set(s, table, slot, pte & ~(PTE_DIRTY | PTE_ACCESSED));
	if (f->word & PG_SWAPBACKED)
		lru_lazyfree(s->control, PTE_PFN(pte));
}

/* MADV_COLD: not young, at the inactive list's end. */
static void cool(struct space *s, uint32_t table, unsigned slot)
{
	uint64_t pte = table_at(s, table)->entry[slot];
	pfn_t folio;

	if (!(pte & PTE_PRESENT))
		return;
	folio = folio_head(s->phys, PTE_PFN(pte));
	if (frame_type(frame_at(s->phys, folio)) == FRAME_ZERO)
		return;
	pte_set(s, table, slot, pte & ~PTE_ACCESSED);
	frame_at(s->phys, folio)->word &= ~PG_REFERENCED;
	lru_deactivate(s->control, folio);
}

static void cool_page(struct space *s, struct ctx *ctx, uint32_t table,
		      uint64_t addr)
{
	(void)ctx;
	cool(s, table, pte_slot(s, addr));
}

static void cool_huge(struct space *s, uint32_t table, unsigned slot,
		      uint64_t addr)
{
	(void)addr;
	cool(s, table, slot);
}

static void
each_page(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t start,
	  uint64_t end,
	  void (*act)(struct space *, struct ctx *, uint32_t, uint64_t),
	  void (*act_huge)(struct space *, uint32_t, unsigned, uint64_t))
{
	uint64_t base = 0;
	uint32_t t;

	for (; (t = pt_next_whole(s, ctx, vma, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		unsigned i = start > base ? pte_slot(s, start) : 0;
		unsigned last = end >= base + table_bytes(s) ? table_slots(s)
							     : pte_slot(s, end);

		if (table_at(s, t)->level > 1) {
			act_huge(s, t, pmd_slot(s, base), base);
			continue;
		}
		for (; i < last; i++)
			act(s, ctx, t, base + ((uint64_t)i << PAGE_SHIFT));
	}
}

/* swapin_walk_pmd_entry(): begin to read what is in swap. */
static int willneed_swap(struct space *s, struct ctx *ctx, const struct vma *v,
			 uint64_t start, uint64_t end)
{
	const struct mm *mm = mm_at(s, v->mm);
	uint64_t base = 0;
	uint32_t t;
	int r = 0;

	for (; !r && (t = pt_next_leaf(s, mm, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		unsigned i = start > base ? pte_slot(s, start) : 0;
		unsigned last = end >= base + table_bytes(s) ? table_slots(s)
							     : pte_slot(s, end);

		if (!table_at(s, t)->nr_swap)
			continue;
		for (; i < last && !r; i++) {
			swp_t swp = pte_swap(table_at(s, t)->entry[i]);

			if (swp)
				r = swap_read_ahead(s->cache, ctx, swp);
		}
	}
	return r;
}

/* shmem_swapin_range() */
static int willneed_shmem(struct space *s, struct ctx *ctx, uint32_t inode,
			  uint64_t first, uint64_t end)
{
	swp_t swp;
	int r = 0;

	while (!r && (first = shmem_next_swap(s->cache, inode, first, end,
					      &swp)) != UINT64_MAX) {
		r = swap_read_ahead(s->cache, ctx, swp);
		first++;
	}
	return r;
}

static int willneed(struct memory *m, struct ctx *ctx, const struct vma *v,
		    uint64_t start, uint64_t end)
{
	struct space *s = m->space;
	uint32_t inode = v->file ? file_at(s->cache, v->file)->inode : 0;

	if (!v->file)
		return willneed_swap(s, ctx, v, start, end);
	if (inode_at(s->cache, inode)->kind == INODE_SHMEM)
		return willneed_shmem(s, ctx, inode, vma_index(v, start),
				      vma_index(v, start) +
					      ((end - start) >> PAGE_SHIFT));
	return file_advise(m->space->cache, ctx, v->file, 3,
			   vma_index(v, start) << PAGE_SHIFT, end - start);
}

/* ksm_madvise() */
static int ksm_advise(struct memory *m, struct ctx *ctx, uint32_t vma,
		      uint64_t start, uint64_t end, const struct advice *a)
{
	const struct vma *v = vma_at(m->space, vma);

	if ((a->set & VM_MERGEABLE) && !(v->flags & VM_MERGEABLE))
		return ksm_enter(m->space, ctx, v->mm);
	if ((a->clear & VM_MERGEABLE) && (v->flags & VM_MERGEABLE))
		return ksm_break(m, ctx, vma, start, end);
	return 0;
}

static int advise_vma(struct memory *m, struct ctx *ctx, uint32_t vma,
		      uint64_t start, uint64_t end, const struct advice *a)
{
	struct space *s = m->space;
	const struct vma *v = vma_at(s, vma);
	uint32_t flags = (v->flags & ~a->clear) | a->set, now;
	int r;

	if (v->flags & a->refused)
		return EINVAL;
	switch (a->what) {
	case ADVICE_FLAGS:
		if ((a->set & VM_MERGEABLE) && !mergeable(v))
			return 0;
		r = ksm_advise(m, ctx, vma, start, end, a);
		if (r)
			return r;
		if (a->set & VM_HUGEPAGE)
			thp_scan_vma(s, ctx, vma, flags);
		return vma_modify(s, ctx, vma, start, end, flags, v->policy,
				  &now);
	case ADVICE_DONTNEED:
		/* madvise_dontneed_free_valid_vma() */
		if (v->flags & VM_HUGETLB) {
			uint64_t bytes = vma_huge_bytes(s, v);

			if (start & (bytes - 1))
				return EINVAL;
			end &= ~(bytes - 1);
		}
		zap_range(s, ctx, vma, start, end,
			  ZAP_ANON | ZAP_FILE | ZAP_TABLES);
		return 0;
	case ADVICE_WILLNEED:
		return willneed(m, ctx, v, start, end);
	case ADVICE_FREE:
		if (v->file)
			return EINVAL;
		each_page(s, ctx, vma, start, end, free_page, free_huge);
		return 0;
	case ADVICE_COLD:
		each_page(s, ctx, vma, start, end, cool_page, cool_huge);
		return 0;
	case ADVICE_PAGEOUT:
		memory_pageout(s, ctx, vma, start, end);
		return 0;
	default:
		return 0;
	}
}

int memory_madvise(struct memory *m, struct ctx *ctx, uint32_t mm,
		   uint64_t start, uint64_t len, unsigned advice)
{
	const struct advice *a = find(advice);
	uint64_t end = start + ((len + PAGE_SIZE - 1) & PAGE_MASK), at = start;
	bool hole = false;

	if (!a || (start & ~PAGE_MASK) || end < start)
		return EINVAL;
	while (at < end) {
		uint32_t id = vma_find(m->space, mm, at);
		uint64_t stop;
		int r;

		if (!id || vma_at(m->space, id)->start >= end)
			return ENOMEM;
		if (vma_at(m->space, id)->start > at) {
			hole = true;
			at = vma_at(m->space, id)->start;
		}
		stop = vma_at(m->space, id)->end < end
			       ? vma_at(m->space, id)->end
			       : end;
		r = advise_vma(m, ctx, id, at, stop, a);
		if (r)
			return r;
		at = stop;
	}
	return hole ? ENOMEM : 0;
}
