// SPDX-License-Identifier: Apache-2.0
/* PMDs that map 2 MiB at once, and their end (mm/huge_memory.c). */
#include "vmcore/space/pgtable.h"

/* pgtable_trans_huge_deposit(), pgtable_trans_huge_withdraw() */
void pt_deposit(struct space *s, uint32_t table, uint32_t leaf)
{
	table_at(s, leaf)->deposit = table_at(s, table)->deposit;
	table_at(s, table)->deposit = leaf;
}

uint32_t pt_withdraw(struct space *s, uint32_t table)
{
	uint32_t leaf = table_at(s, table)->deposit;

	table_at(s, table)->deposit = table_at(s, leaf)->deposit;
	table_at(s, leaf)->deposit = 0;
	return leaf;
}

/* The huge page of a file goes; who comes again faults it in. */
static void drop_file(struct space *s, struct ctx *ctx, uint32_t table,
		      unsigned slot)
{
	uint64_t pmd = table_at(s, table)->entry[slot];
	pfn_t folio = PTE_PFN(pmd);

	pte_set(s, table, slot, 0);
	if (pmd & PTE_DIRTY)
		folio_mark_dirty(s->cache, ctx, folio);
	if (pmd & PTE_ACCESSED)
		frame_at(s->phys, folio)->word |= PG_REFERENCED;
	rmap_remove_pmd(s, ctx, folio);
}

/* __split_huge_zero_page_pmd() */
static void fill_zero(struct space *s, uint32_t leaf, uint64_t bits)
{
	uint64_t pte = PTE_OF(s->phys->zero_pfn) | bits | PTE_ACCESSED;

	for (unsigned i = 0; i < 512; i++)
		pte_set(s, leaf, i, pte & ~(PTE_DIRTY | PTE_WRITE));
}

/* Every page gets its entry, and is as exclusive as the whole was. */
static void fill(struct space *s, uint32_t leaf, pfn_t folio, uint64_t bits)
{
	struct frame *f = frame_at(s->phys, folio);

	if (bits & PTE_DIRTY)
		f->word |= PG_DIRTY;
	for (unsigned i = 0; i < 512; i++) {
		f[i].word = (f[i].word & ~PG_EXCLUSIVE) |
			    (f->word & PG_EXCLUSIVE);
		pte_set(s, leaf, i, PTE_OF(folio + i) | bits);
	}
	rmap_split_pmd(s, folio);
}

void pmd_split(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t addr)
{
	const struct mm *mm = mm_at(s, vma_at(s, vma)->mm);
	uint32_t table = pt_find(s, mm, addr, 2), leaf;
	unsigned slot = pmd_slot(s, addr);
	uint64_t pmd = table_at(s, table)->entry[slot];
	uint64_t bits = (pmd & ~PTE_HUGE) & ~PTE_OF(UINT32_MAX);
	pfn_t folio = PTE_PFN(pmd);

	vmstat_event(&s->phys->stat, THP_SPLIT_PMD, 1);
	if (frame_type(frame_at(s->phys, folio)) == FRAME_FILE) {
		drop_file(s, ctx, table, slot);
		return;
	}
	leaf = pt_withdraw(s, table);
	pte_set(s, table, slot, 0);
	pt_link_leaf(s, table, addr, leaf);
	if (frame_type(frame_at(s->phys, folio)) == FRAME_ZERO)
		fill_zero(s, leaf, bits);
	else
		fill(s, leaf, folio, bits);
	ctx_pay(ctx, COST_SCAN_PAGE, HPAGE_PAGES);
}

void pmd_split_at(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t addr)
{
	const struct mm *mm = mm_at(s, vma_at(s, vma)->mm);

	if ((addr & (table_bytes(s) - 1)) && pmd_huge(pmd_get(s, mm, addr)))
		pmd_split(s, ctx, vma, addr);
}
