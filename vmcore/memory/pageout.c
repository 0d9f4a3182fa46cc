// SPDX-License-Identifier: Apache-2.0
/* MADV_PAGEOUT: madvise_cold_or_pageout_pte_range(), reclaim_pages(). */
#include "vmcore/memory/pageout.h"

#include "vmcore/reclaim/reclaim.h"
#include "vmcore/space/pgtable.h"

/* How many entries from @slot on map the folio from its first page on. */
static unsigned batch(const struct space *s, const struct table *t,
		      unsigned slot, unsigned last, pfn_t folio)
{
	unsigned n = 0;

	while (slot + n < last && (t->entry[slot + n] & PTE_PRESENT) &&
	       PTE_PFN(t->entry[slot + n]) == folio + n &&
	       n < 1u << frame_order(frame_at(s->phys, folio)))
		n++;
	return n ? n : 1;
}

/* Mapped once and whole, by these entries; part of a large folio stays. */
static bool nobody_elses(const struct space *s, pfn_t folio, unsigned nr)
{
	unsigned pages = 1u << frame_order(frame_at(s->phys, folio));

	for (unsigned i = 0; i < pages; i++)
		if (frame_mapcount(frame_at(s->phys, folio + i)) != 1)
			return false;
	return nr == pages;
}

static void page_out(struct space *s, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);

	f->word &= ~PG_REFERENCED;
	if (f->word & PG_ACTIVE)
		f->word |= PG_WORKINGSET;
	reclaim_folio(s, ctx, folio);
}

static void table_out(struct space *s, struct ctx *ctx, uint32_t table,
		      unsigned i, unsigned last)
{
	const struct table *t = table_at(s, table);
	unsigned nr;

	for (; i < last && t->nr_present; i += nr) {
		pfn_t folio;

		nr = 1;
		if (!(t->entry[i] & PTE_PRESENT))
			continue;
		folio = folio_head(s->phys, PTE_PFN(t->entry[i]));
		if (!(frame_at(s->phys, folio)->word & PG_LRU))
			continue;
		nr = batch(s, t, i, last, folio);
		if (nobody_elses(s, folio, nr))
			page_out(s, ctx, folio);
	}
}

static void huge_out(struct space *s, struct ctx *ctx, uint32_t table,
		     uint64_t base)
{
	pfn_t folio = PTE_PFN(table_at(s, table)->entry[pmd_slot(s, base)]);

	if (frame_at(s->phys, folio)->word & PG_LRU &&
	    nobody_elses(s, folio, HPAGE_PAGES))
		page_out(s, ctx, folio);
}

/* Of a huge page in part advised on only that part goes: it is split. */
static bool part_out(struct space *s, struct ctx *ctx, uint32_t table,
		     uint64_t base)
{
	pfn_t folio = PTE_PFN(table_at(s, table)->entry[pmd_slot(s, base)]);

	return frame_type(frame_at(s->phys, folio)) == FRAME_ANON &&
	       nobody_elses(s, folio, HPAGE_PAGES) &&
	       folio_split(s, ctx, folio);
}

void memory_pageout(struct space *s, struct ctx *ctx, uint32_t vma,
		    uint64_t start, uint64_t end)
{
	const struct mm *mm = mm_at(s, vma_at(s, vma)->mm);
	uint64_t base = 0;
	uint32_t t;

	for (; (t = pt_next(s, mm, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		if (table_at(s, t)->level == 1)
			table_out(s, ctx, t,
				  start > base ? pte_slot(s, start) : 0,
				  end >= base + table_bytes(s)
					  ? table_slots(s)
					  : pte_slot(s, end));
		else if (start <= base && end >= base + table_bytes(s))
			huge_out(s, ctx, t, base);
		else if (part_out(s, ctx, t, base))
			base = start - table_bytes(s);
	}
}
