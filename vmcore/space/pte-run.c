// SPDX-License-Identifier: Apache-2.0
/* Entries that change together, counted once (set_ptes(), clear_full_ptes()).
 */
#include "vmcore/space/pgtable.h"

void mm_new_anon(struct space *s, uint32_t mm, pfn_t first, unsigned nr)
{
	mm_at(s, mm)->rss[RSS_ANON] += nr;
	group_stat(s->control, frame_group(frame_at(s->phys, first)),
		   pfn_node(s->phys, first), NR_ANON_MAPPED, nr);
}

void pte_fill_anon(struct space *s, uint32_t table, unsigned slot, pfn_t first,
		   unsigned nr, uint64_t bits)
{
	struct table *t = table_at(s, table);
	pfn_t pfn = first;

	bits &= ~s->paging.no_bits;
	for (unsigned i = 0; i < nr; i++) {
		struct frame *f = frame_at(s->phys, pfn);

		t->entry[slot + i] = PTE_OF(pfn) | bits;
		frame_map_add(f, 1);
		pfn = f->next;
	}
	t->nr_used = (uint16_t)(t->nr_used + nr);
	t->nr_present = (uint16_t)(t->nr_present + nr);
	t->nr_anon = (uint16_t)(t->nr_anon + nr);
	if (bits & PTE_DIRTY)
		t->nr_dirty = (uint16_t)(t->nr_dirty + nr);
	if (bits & PTE_ACCESSED)
		t->nr_young = (uint16_t)(t->nr_young + nr);
	mm_new_anon(s, t->mm, first, nr);
}

void pte_fill_zero(struct space *s, uint32_t table, unsigned slot, unsigned nr,
		   uint64_t bits)
{
	struct table *t = table_at(s, table);
	uint64_t pte = (PTE_OF(s->phys->zero_pfn) | bits) & ~s->paging.no_bits;

	for (unsigned i = 0; i < nr; i++)
		t->entry[slot + i] = pte;
	t->nr_used = (uint16_t)(t->nr_used + nr);
	t->nr_present = (uint16_t)(t->nr_present + nr);
	t->nr_zero = (uint16_t)(t->nr_zero + nr);
	t->nr_young = (uint16_t)(t->nr_young + nr);
}

void pte_clear_shared(struct space *s, uint32_t table, unsigned slot,
		      unsigned nr)
{
	struct table *t = table_at(s, table);
	struct mm *mm = mm_at(s, t->mm);
	unsigned shared = 0, dirty = 0, young = 0;

	/* The peak is taken before it shrinks (update_hiwater_rss()). */
	if (mm_rss(mm) > mm->hiwater_rss)
		mm->hiwater_rss = mm_rss(mm);
	for (unsigned i = 0; i < nr; i++) {
		uint64_t pte = t->entry[slot + i];

		shared += !!(pte & PTE_SHARED);
		dirty += !!(pte & PTE_DIRTY);
		young += !!(pte & PTE_ACCESSED);
		t->entry[slot + i] = 0;
		frame_map_add(frame_at(s->phys, PTE_PFN(pte)), -1);
	}
	t->nr_used = (uint16_t)(t->nr_used - nr);
	t->nr_present = (uint16_t)(t->nr_present - nr);
	t->nr_anon = (uint16_t)(t->nr_anon - nr);
	t->nr_shared = (uint16_t)(t->nr_shared - shared);
	t->nr_dirty = (uint16_t)(t->nr_dirty - dirty);
	t->nr_young = (uint16_t)(t->nr_young - young);
	mm->rss[RSS_ANON] -= nr;
}

unsigned pte_share_run(struct space *s, uint32_t from, uint32_t to,
		       unsigned slot, unsigned end)
{
	struct table *f = table_at(s, from), *t = table_at(s, to);
	unsigned i = slot, shared = 0, dirty = 0, n;

	for (; !s->tlb.on && i < end; i++) {
		uint64_t pte = f->entry[i];
		struct frame *page;

		if (!(pte & PTE_PRESENT) || pte & PTE_SPECIAL)
			break;
		page = frame_at(s->phys, PTE_PFN(pte));
		if (frame_type(page) != FRAME_ANON)
			break;
		shared += !(pte & PTE_SHARED);
		dirty += !!(pte & PTE_DIRTY);
		pte = (pte & ~PTE_WRITE) | PTE_SHARED;
		f->entry[i] = pte;
		t->entry[i] = pte & ~PTE_ACCESSED;
		page->word &= ~PG_EXCLUSIVE;
		frame_map_add(page, 1);
	}
	n = i - slot;
	f->nr_shared = (uint16_t)(f->nr_shared + shared);
	t->nr_used = (uint16_t)(t->nr_used + n);
	t->nr_present = (uint16_t)(t->nr_present + n);
	t->nr_anon = (uint16_t)(t->nr_anon + n);
	t->nr_shared = (uint16_t)(t->nr_shared + n);
	t->nr_dirty = (uint16_t)(t->nr_dirty + dirty);
	mm_at(s, t->mm)->rss[RSS_ANON] += n;
	return n;
}
