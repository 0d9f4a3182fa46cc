// SPDX-License-Identifier: Apache-2.0
/* The address spaces that khugepaged looks through (mm/khugepaged.c). */
#include "vmcore/space/pgtable.h"

void thp_scan_enter(struct space *s, struct ctx *ctx, uint32_t mm)
{
	struct khugepaged *k = &s->thp.khugepaged;
	struct mm *m = mm_at(s, mm);
	pfn_t slab;

	/* Without memory for its slot it is passed over. */
	if (m->scanned || kmem_alloc(s->kmem, ctx, KMEM_MM_SLOT, &slab))
		return;
	m->scanned = 1;
	m->scan_slab = slab;
	m->scan_next = 0;
	m->scan_prev = k->last;
	if (k->last)
		mm_at(s, k->last)->scan_next = mm;
	else
		k->first = mm;
	if (!k->last && !k->wake)
		k->wake = THP_WAKE_WORK;
	k->last = mm;
}

void thp_scan_vma(struct space *s, struct ctx *ctx, uint32_t vma,
		  uint32_t flags)
{
	const struct vma *v = vma_at(s, vma);

	if (!mm_at(s, v->mm)->scanned && thp_pmd_enabled(s) &&
	    thp_orders(s, v, flags, THP_FOR_DAEMON))
		thp_scan_enter(s, ctx, v->mm);
}

void thp_scan_next(struct space *s)
{
	struct khugepaged *k = &s->thp.khugepaged;

	k->mm = mm_at(s, k->mm)->scan_next;
	k->address = 0;
	k->full_scans += !k->mm;
}

void thp_scan_exit(struct space *s, struct ctx *ctx, uint32_t mm)
{
	struct khugepaged *k = &s->thp.khugepaged;
	struct mm *m = mm_at(s, mm);

	if (!m->scanned)
		return;
	if (k->mm == mm)
		thp_scan_next(s);
	if (m->scan_prev)
		mm_at(s, m->scan_prev)->scan_next = m->scan_next;
	else
		k->first = m->scan_next;
	if (m->scan_next)
		mm_at(s, m->scan_next)->scan_prev = m->scan_prev;
	else
		k->last = m->scan_prev;
	m->scanned = 0;
	kmem_free(s->kmem, ctx, m->scan_slab);
}
