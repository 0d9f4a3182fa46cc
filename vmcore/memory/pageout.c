// SPDX-License-Identifier: Apache-2.0
/* What is advised of folios: madvise_cold_or_pageout_pte_range(),
 * madvise_free_pte_range() of mm/madvise.c. */
#include "vmcore/memory/pageout.h"

#include "vmcore/cache/swap.h"
#include "vmcore/reclaim/reclaim.h"
#include "vmcore/space/pgtable.h"

/* A run of entries that map one folio whole; of level 2: one. */
struct run {
	struct space *s;
	struct ctx *ctx;
	uint32_t table;
	unsigned slot, nr;
	pfn_t folio;
};
typedef void act_fn(const struct run *r);

static struct frame *frame_of(const struct run *r)
{
	return frame_at(r->s->phys, r->folio);
}

/* How many entries from @slot on map the folio from its first page on. */
static unsigned batch(const struct space *s, const struct table *t,
		      unsigned slot, unsigned last, pfn_t folio)
{
	unsigned n = 0;

	while (slot + n < last && (t->entry[slot + n] & PTE_PRESENT) &&
	       PTE_PFN(t->entry[slot + n]) == folio + n &&
	       n < 1u << frame_order(frame_at(s->phys, folio)))
		n++;
	return n;
}

/* Every page of it is mapped once: as all of it is mapped here, nobody else
 * does. */
static bool mapped_once(const struct run *r)
{
	for (unsigned i = 0; i < 1u << frame_order(frame_of(r)); i++)
		if (frame_mapcount(frame_of(r) + i) != 1)
			return false;
	return true;
}

static void clear_bits(const struct run *r, uint64_t bits)
{
	for (unsigned i = r->slot; i < r->slot + r->nr; i++) {
		uint64_t pte = table_at(r->s, r->table)->entry[i];

		if (pte & bits)
			pte_set(r->s, r->table, i, pte & ~bits);
	}
}

/* --- the three of them ------------------------------------------------------
 */
static bool may_take(const struct run *r)
{
	return frame_of(r)->word & PG_LRU && mapped_once(r);
}

static void page_out(const struct run *r)
{
	struct frame *f = frame_of(r);

	if (!may_take(r))
		return;
	f->word &= ~PG_REFERENCED;
	if (f->word & PG_ACTIVE)
		f->word |= PG_WORKINGSET;
	reclaim_folio(r->s, r->ctx, r->folio);
}

static void cool(const struct run *r)
{
	if (!may_take(r))
		return;
	clear_bits(r, PTE_ACCESSED);
	frame_of(r)->word &= ~PG_REFERENCED;
	lru_deactivate(r->s->control, r->folio);
}

/* Only what must be cleaned first must be nobody else's. */
static void free_lazily(const struct run *r)
{
	struct frame *f = frame_of(r);

	if (frame_type(f) != FRAME_ANON || f->word & PG_KSM)
		return;
	if ((f->word & (PG_DIRTY | PG_SWAPCACHE | PG_PMDMAPPED)) &&
	    !mapped_once(r))
		return;
	if (f->word & PG_SWAPCACHE &&
	    !swap_free_folio(r->s->cache, r->ctx, r->folio))
		return;
	f->word &= ~PG_DIRTY;
	clear_bits(r, PTE_DIRTY | PTE_ACCESSED);
	if (f->word & PG_SWAPBACKED)
		lru_lazyfree(r->s->control, r->folio);
}

/* --- over a range -----------------------------------------------------------
 */
/* The folio of entry @slot of @table is in the range in part: single pages,
 * if nobody else has it. */
static bool splits(struct space *s, struct ctx *ctx, uint32_t table,
		   uint64_t addr, pfn_t page, pfn_t folio)
{
	return frame_type(frame_at(s->phys, folio)) != FRAME_ZERO &&
	       !folio_maybe_shared(
		       s, folio, table_at(s, table)->mm,
		       addr - ((uint64_t)(page - folio) << PAGE_SHIFT)) &&
	       folio_split(s, ctx, folio);
}

/* The run at r->slot; false: there is none yet, or it is not for @act. */
static bool find_run(struct run *r, unsigned last, uint64_t base)
{
	struct space *s = r->s;
	const struct table *t = table_at(s, r->table);
	uint64_t pte = t->entry[r->slot];
	pfn_t page = PTE_PFN(pte);

	r->nr = 1;
	if (!(pte & PTE_PRESENT))
		return false;
	r->folio = folio_head(s->phys, page);
	if (frame_type(frame_of(r)) == FRAME_ZERO)
		return false;
	r->nr = batch(s, t, r->slot, last, r->folio);
	if (r->nr == 1u << frame_order(frame_of(r)))
		return true;
	if (splits(s, r->ctx, r->table,
		   base + ((uint64_t)r->slot << PAGE_SHIFT), page, r->folio))
		r->nr = 0;
	else if (!r->nr)
		r->nr = 1;
	return false;
}

static void over_table(struct run *r, unsigned last, uint64_t base, act_fn *act)
{
	const struct table *t = table_at(r->s, r->table);

	for (; r->slot < last; r->slot += r->nr) {
		uint64_t pte = t->entry[r->slot];

		r->nr = 1;
		if (act == free_lazily && pte && !(pte & PTE_PRESENT)) {
			pte_set(r->s, r->table, r->slot, 0);
			swap_zap(r->s->cache, r->ctx, pte_swap(pte));
		} else if (find_run(r, last, base)) {
			act(r);
		}
	}
}

static void over_range(struct space *s, struct ctx *ctx, uint32_t vma,
		       uint64_t start, uint64_t end, act_fn *act)
{
	const struct mm *mm = mm_at(s, vma_at(s, vma)->mm);
	uint64_t base = 0, next;
	uint32_t t;

	for (; (t = pt_next(s, mm, start, end, &base)) != 0; start = next) {
		bool whole = start <= base && end >= base + table_bytes(s);
		struct run r = { .s = s, .ctx = ctx, .table = t };

		next = base + table_bytes(s);
		if (table_at(s, t)->level == 1) {
			r.slot = start > base ? pte_slot(s, start) : 0;
			over_table(&r,
				   end >= next ? table_slots(s)
					       : pte_slot(s, end),
				   base, act);
			continue;
		}
		r.slot = pmd_slot(s, base);
		r.nr = 1;
		r.folio = PTE_PFN(table_at(s, t)->entry[r.slot]);
		if (frame_type(frame_of(&r)) == FRAME_ZERO)
			continue;
		if (whole)
			act(&r);
		else if (splits(s, ctx, t, base, r.folio, r.folio))
			next = start;
	}
}

void memory_pageout(struct space *s, struct ctx *ctx, uint32_t vma,
		    uint64_t start, uint64_t end)
{
	over_range(s, ctx, vma, start, end, page_out);
}

void memory_cold(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t start,
		 uint64_t end)
{
	over_range(s, ctx, vma, start, end, cool);
}

void memory_free_lazily(struct space *s, struct ctx *ctx, uint32_t vma,
			uint64_t start, uint64_t end)
{
	over_range(s, ctx, vma, start, end, free_lazily);
}
