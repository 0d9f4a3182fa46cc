// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/space/pgtable.h"
#include "vmcore/task/sched.h"

/* The values of /proc/PID/clear_refs (fs/proc/task_mmu.c). */
enum clear_refs {
	CLEAR_REFS_ALL = 1,
	CLEAR_REFS_ANON = 2,
	CLEAR_REFS_MAPPED = 3,
	CLEAR_REFS_MM_HIWATER_RSS = 5,
};

static void clear_entry(struct space *s, uint32_t table, unsigned slot)
{
	uint64_t pte = table_at(s, table)->entry[slot];
	struct frame *f;

	if (!(pte & PTE_PRESENT) || pte & PTE_SPECIAL)
		return;
	pte_set(s, table, slot, pte & ~PTE_ACCESSED);
	f = frame_at(s->phys, folio_head(s->phys, PTE_PFN(pte)));
	if (frame_type(f) != FRAME_ZERO)
		f->word &= ~PG_REFERENCED;
}

/* One table's worth of @v from @base on: not referenced any more. */
static void clear_table(struct space *s, const struct vma *v, uint32_t table,
			uint64_t base)
{
	uint64_t at = base > v->start ? base : v->start;
	uint64_t end = base + table_bytes(s) < v->end ? base + table_bytes(s)
						      : v->end;

	if (table_at(s, table)->level > 1) {
		clear_entry(s, table, pmd_slot(s, base));
		return;
	}
	for (; at < end; at += PAGE_SIZE)
		clear_entry(s, table, pte_slot(s, at));
}

static void clear_vma(struct space *s, const struct mm *mm, const struct vma *v)
{
	uint64_t base, at = v->start;
	uint32_t table;

	while (at < v->end) {
		table = pt_next(s, mm, at, v->end, &base);
		if (!table)
			return;
		clear_table(s, v, table, base);
		at = base + table_bytes(s);
	}
}

int task_clear_refs(struct tasks *t, uint32_t task, unsigned what)
{
	uint32_t mm = task_at(t, task)->mm;
	struct space *s = t->space;

	if (what < CLEAR_REFS_ALL || what > CLEAR_REFS_MM_HIWATER_RSS)
		return EINVAL;
	if (!mm)
		return 0;
	if (what == CLEAR_REFS_MM_HIWATER_RSS) {
		mm_at(s, mm)->hiwater_rss = mm_rss(mm_at(s, mm));
		return 0;
	}
	/* 4 clears soft-dirty bits, which are not kept. */
	if (what > CLEAR_REFS_MAPPED)
		return 0;
	vma_for_each (s, mm, id) {
		const struct vma *v = vma_at(s, id);

		/* clear_refs_walk_ops has no hugetlb_entry. */
		if ((v->flags & VM_HUGETLB) ||
		    (what == CLEAR_REFS_ANON && v->file) ||
		    (what == CLEAR_REFS_MAPPED && !v->file))
			continue;
		clear_vma(s, mm_at(s, mm), v);
	}
	return 0;
}
