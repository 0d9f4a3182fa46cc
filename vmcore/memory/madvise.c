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
		memory_free_lazily(s, ctx, vma, start, end);
		return 0;
	case ADVICE_COLD:
		memory_cold(s, ctx, vma, start, end);
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
