// SPDX-License-Identifier: Apache-2.0
/* Faults that map an anonymous folio of more than a page and less than a PMD:
 * alloc_anon_folio(), do_anonymous_page() of mm/memory.c. */
#include "vmcore/memory/fault.h"

/* Is no entry of the block of 2^@order pages around the fault in use
 * (pte_range_none())? */
static bool none_used(const struct fault *f, unsigned order)
{
	const struct table *t = table_at(f->m->space, f->table);
	unsigned first = f->slot >> order << order;

	if (!t->nr_used)
		return true;
	for (unsigned i = 0; i < 1u << order; i++)
		if (t->entry[first + i])
			return false;
	return true;
}

/* Orders that fit around the fault, where nothing is mapped yet. */
static uint32_t orders_here(const struct fault *f)
{
	uint32_t orders =
		thp_orders(f->m->space, f->vma, f->vma->flags, THP_FOR_FAULT) &
		((1u << HPAGE_ORDER) - 1);

	for (unsigned o = HPAGE_ORDER - 1; o && orders; o--) {
		if (!(orders >> o & 1))
			continue;
		if (!thp_fits(f->vma, f->addr, o) || !none_used(f, o))
			orders &= ~(1u << o);
		else
			break;
	}
	return orders;
}

static void map_folio(struct fault *f, pfn_t folio, unsigned order)
{
	struct space *s = f->m->space;
	uint64_t bits = fault_pte_bits(f->vma);
	unsigned first = f->slot >> order << order;

	if (f->vma->flags & VM_WRITE)
		bits |= PTE_WRITE | PTE_DIRTY;
	for (unsigned i = 0; i < 1u << order; i++) {
		frame_at(s->phys, folio + i)->word |= PG_EXCLUSIVE;
		rmap_add(s, folio + i);
		pte_set(s, f->table, first + i, PTE_OF(folio + i) | bits);
	}
	lru_add(s->control, folio);
	fault_mlock(f, folio, 1u << order);
	thp_count(s, order, THP_STAT_ANON_ALLOC);
	ctx_pay(f->ctx, COST_ZERO_PAGE, 1ull << order);
	fault_set_content(f->m, folio + (f->slot - first), f->content);
}

int fault_anon_large(struct fault *f)
{
	uint32_t orders = orders_here(f);
	pfn_t folio;

	for (unsigned o = HPAGE_ORDER - 1; o && orders; o--) {
		int r;

		if (!(orders >> o & 1) || fault_gave_up(f, o))
			continue;
		r = fault_new_large(f, o, &folio);
		if (!r)
			map_folio(f, folio, o);
		if (r != FAULT_FALLBACK)
			return r;
		thp_count(f->m->space, o, THP_STAT_ANON_FALLBACK);
		f->ctx->huge_counted = o;
	}
	return FAULT_FALLBACK;
}
