// SPDX-License-Identifier: Apache-2.0
/* Which page is next: scan_get_next_rmap_item() (mm/ksm.c). */
#include "vmcore/memory/ksm.h"
#include "vmcore/space/pgtable.h"

bool ksm_active(const struct space *s)
{
	return s->ksm.run == KSM_MERGE && s->ksm.first;
}

/* The first anonymous page of one table; false: *@addr is behind it. */
static bool scan_table(const struct space *s, uint32_t table, uint64_t base,
		       uint64_t end, uint64_t *addr, pfn_t *ret_page)
{
	const struct table *t = table_at(s, table);
	uint64_t stop = base + table_bytes(s) < end ? base + table_bytes(s)
						    : end;

	for (; *addr < stop; *addr += PAGE_SIZE) {
		bool huge = t->level > 1;
		uint64_t e = t->entry[pt_slot(s, *addr, huge ? 2 : 1)];
		const struct frame *f;
		pfn_t page;

		if (!(e & PTE_PRESENT))
			continue;
		page = PTE_PFN(e) + (huge ? pte_slot(s, *addr) : 0);
		f = frame_at(s->phys, folio_head(s->phys, page));
		if (frame_type(f) != FRAME_ANON)
			continue;
		*ret_page = page;
		return true;
	}
	return false;
}

bool ksm_next_page(const struct space *s, const struct vma *v, uint64_t *addr,
		   pfn_t *ret_page)
{
	const struct mm *mm = mm_at(s, v->mm);
	uint64_t base = 0;
	uint32_t t;

	while ((t = pt_next(s, mm, *addr, v->end, &base)) != 0) {
		if (*addr < base)
			*addr = base;
		if (scan_table(s, t, base, v->end, addr, ret_page))
			return true;
	}
	*addr = v->end;
	return false;
}

/* The next page of the mm at the scan's address. */
static bool next_of_mm(struct space *s, uint32_t mm, pfn_t *ret_page)
{
	uint32_t id = vma_find(s, mm, s->ksm.address);

	for (; id; id = vma_next(s, id)) {
		const struct vma *v = vma_at(s, id);

		if (!(v->flags & VM_MERGEABLE))
			continue;
		if (s->ksm.address < v->start)
			s->ksm.address = v->start;
		if (!v->anon_vma)
			s->ksm.address = v->end;
		else if (ksm_next_page(s, v, &s->ksm.address, ret_page))
			return true;
	}
	return false;
}

/* skip_age(): what never merged is looked at ever more rarely. */
static uint32_t skips_at(uint32_t age)
{
	return age <= 3 ? 1 : age <= 5 ? 2 : age <= 8 ? 4 : 8;
}

/* should_skip_rmap_item() */
static bool skipped(struct space *s, struct ctx *ctx, uint32_t id, pfn_t page)
{
	struct ksm_item *i = ksm_item_at(&s->ksm_items, id);
	uint32_t age = i->age;

	if (!s->ksm.smart_scan || (frame_at(s->phys, page)->word & PG_KSM))
		return false;
	if (age != UINT8_MAX)
		i->age++;
	if (age < 3)
		return false;
	if (!i->skips) {
		i->skips = skips_at(age);
		return false;
	}
	s->ksm.pages_skipped++;
	i->skips--;
	ksm_item_out(s, ctx, id);
	return true;
}

/* All of a slot was seen: on to the next, false when it was the last. */
static bool next_slot(struct space *s, struct ctx *ctx)
{
	struct ksm *k = &s->ksm;
	uint32_t id = k->slot;
	const struct ksm_slot *p = pool_at(&s->ksm_slots, id);

	if (p->gone) {
		k->address = 0;
		k->item = 0;
	}
	ksm_items_drop(s, ctx, id, k->item);
	k->slot = p->next;
	if (!k->address)
		ksm_slot_drop(s, ctx, id);
	k->address = 0;
	k->item = 0;
	if (k->slot)
		return true;
	k->seqnr++;
	return false;
}

/* Return: 0 and an item (0: this scan is done or there is no memory). */
static int next_item(struct space *s, struct ctx *ctx, uint32_t *ret_item,
		     pfn_t *ret_page)
{
	struct ksm *k = &s->ksm;

	*ret_item = 0;
	if (!k->first)
		return 0;
	if (!k->slot) {
		ksm_unstable_reset(s);
		k->slot = k->first;
		k->address = 0;
		k->item = 0;
	}
	do {
		const struct ksm_slot *p = pool_at(&s->ksm_slots, k->slot);
		uint32_t id;

		while (next_of_mm(s, p->mm, ret_page)) {
			int r = ksm_item_next(s, ctx, k->slot, k->item,
					      k->address, &id);

			if (r)
				return r < 0 ? r : 0;
			k->item = id;
			k->address += PAGE_SIZE;
			if (skipped(s, ctx, id, *ret_page))
				continue;
			*ret_item = id;
			return 0;
		}
	} while (next_slot(s, ctx));
	return 0;
}

int ksm_scan(struct memory *m, struct ctx *ctx, uint32_t nr, uint32_t *ret_nr)
{
	struct space *s = m->space;
	uint32_t n, item;
	pfn_t page;
	int r = 0;

	for (n = 0; n < nr && !r; n++) {
		r = next_item(s, ctx, &item, &page);
		if (r || !item)
			break;
		ctx_pay(ctx, COST_SCAN_PAGE, 1);
		r = ksm_compare(m, ctx, item, page);
		s->ksm.pages_scanned++;
	}
	*ret_nr = n;
	return r;
}

int ksm_unmerge_all(struct memory *m, struct ctx *ctx)
{
	struct space *s = m->space;
	uint32_t next;

	for (uint32_t id = s->ksm.first; id; id = next) {
		const struct ksm_slot *p = pool_at(&s->ksm_slots, id);
		int r = 0;

		next = p->next;
		for (uint32_t v = vma_first(s, p->mm); v && !r;
		     v = vma_next(s, v))
			if (vma_at(s, v)->flags & VM_MERGEABLE)
				r = ksm_break(m, ctx, v, vma_at(s, v)->start,
					      vma_at(s, v)->end);
		if (r)
			return r;
		ksm_items_drop(s, ctx, id, 0);
		if (p->gone)
			ksm_slot_drop(s, ctx, id);
	}
	s->ksm.slot = s->ksm.item = 0;
	s->ksm.address = 0;
	ksm_drop_nodes(s, ctx);
	ksm_unstable_reset(s);
	s->ksm.seqnr = 0;
	return 0;
}
