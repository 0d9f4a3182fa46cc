// SPDX-License-Identifier: Apache-2.0
/*
 * Accesses all over an address space. In random order each waits for memory
 * of the host: for its table's counters, its entry, its page's frame. These
 * are asked for ahead, many at a time; then neighbours in the list that are
 * of one kind are made together, in order, as memory_access() would make each.
 */
#include "vmcore/memory/fault.h"

/* Writes to new memory, taken together: @first, the others by frame.next. */
struct fresh {
	uint64_t bits; /* of each entry */
	pfn_t first;
	unsigned nr;
};

/* Tables of level 2 found a moment ago, by what they map. */
#define UPPERS 16u
struct upper {
	uint64_t place; /* 1 + address / bytes mapped; 0: none */
	uint32_t table;
};

static uint32_t find_table(const struct space *s, const struct mm *mm,
			   struct upper *uppers, uint64_t addr)
{
	uint64_t place = (addr >> level_shift(s, 3)) + 1;
	struct upper *u = &uppers[place % UPPERS];

	if (u->place != place) {
		u->table = pt_find(s, mm, addr, 2);
		u->place = place;
	}
	return u->table ? pt_below(s, u->table, addr) : 0;
}

static uint64_t *entry_of(const struct space *s, const struct access *a)
{
	return &table_at(s, a->table)->entry[pte_slot(s, a->addr)];
}

void memory_access_look(const struct memory *m, uint32_t mm,
			struct access *list, unsigned nr)
{
	const struct space *s = m->space;
	struct upper uppers[UPPERS] = { { 0, 0 } };

	for (unsigned i = 0; i < nr; i++) {
		struct access *a = &list[i];

		a->table = find_table(s, mm_at(s, mm), uppers, a->addr);
		if (!a->table)
			continue;
		__builtin_prefetch(table_at(s, a->table), 1);
		__builtin_prefetch(entry_of(s, a), 1);
	}
	for (unsigned i = 0; i < nr; i++) {
		uint64_t pte = list[i].table ? *entry_of(s, &list[i]) : 0;

		if (pte & PTE_PRESENT && !(pte & PTE_SPECIAL))
			__builtin_prefetch(frame_at(s->phys, PTE_PFN(pte)), 1);
	}
}

/* The VMA used last, which those that are taken together are in. */
static struct vma *last_vma(const struct space *s, uint32_t mm)
{
	uint32_t id = mm_at(s, mm)->last_vma;

	return id && vma_at(s, id)->mm == mm ? vma_at(s, id) : NULL;
}

static bool within(const struct vma *v, const struct access *a)
{
	return a->table && v->start <= a->addr && a->addr < v->end;
}

static bool hit(struct memory *m, const struct vma *v, const struct access *a)
{
	struct space *s = m->space;
	uint64_t need = a->write ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT, pte;
	unsigned slot = pte_slot(s, a->addr);

	if (!within(v, a) || !(v->flags & (a->write ? VM_WRITE : VM_ACCESS)))
		return false;
	pte = table_at(s, a->table)->entry[slot];
	if ((pte & (need | PTE_HINT)) != need)
		return false;
	pte_use(s, a->table, slot, a->write);
	if (a->write)
		fault_set_content(m, PTE_PFN(pte), CONTENT_OWN);
	return true;
}

unsigned memory_hit_run(struct memory *m, uint32_t mm,
			const struct access *list, unsigned nr)
{
	struct space *s = m->space;
	const struct vma *v = last_vma(s, mm);
	unsigned n = 0;

	if (s->tlb.on || !v || v->flags & VM_HUGETLB)
		return 0;
	while (n < nr && hit(m, v, &list[n]))
		n++;
	return n;
}

/* How many entries are empty: they get @bits, so that the second access to
 * one of them is not among them. */
static unsigned claim(const struct space *s, const struct vma *v,
		      const struct access *list, unsigned nr, uint64_t bits)
{
	unsigned n = 0;

	for (; n < nr && list[n].write && within(v, &list[n]); n++) {
		uint64_t *entry = entry_of(s, &list[n]);

		if (*entry)
			break;
		*entry = bits;
	}
	return n;
}

/* Each claimed entry gets its page; those no page is left for are empty. */
static void fill(struct fault *f, const struct access *list, unsigned claimed,
		 const struct fresh *fresh)
{
	struct space *s = f->m->space;
	uint64_t base = anon_vma_at(s, f->vma->anon_vma)->base;
	pfn_t pfn = fresh->first;

	for (unsigned i = fresh->nr; i < claimed; i++)
		*entry_of(s, &list[i]) = 0;
	for (unsigned i = 0; i < fresh->nr; i++) {
		struct frame *page = frame_at(s->phys, pfn);

		fault_dress(f, page,
			    (uint32_t)(vma_index(f->vma, list[i].addr) - base));
		pte_new_anon(s, list[i].table, pte_slot(s, list[i].addr), pfn,
			     fresh->bits);
		pfn = page->next;
	}
}

unsigned memory_fault_run(struct memory *m, struct ctx *ctx, uint32_t mm,
			  const struct access *list, unsigned nr)
{
	struct space *s = m->space;
	struct fault f = { .m = m,
			   .ctx = ctx,
			   .vma = last_vma(s, mm),
			   .content = CONTENT_OWN };
	struct fresh fresh;
	unsigned claimed;

	if (!f.vma || !fault_plain(&f, true))
		return 0;
	fresh.bits = (fault_pte_bits(f.vma) | PTE_DIRTY | PTE_WRITE) &
		     ~s->paging.no_bits;
	claimed = claim(s, f.vma, list, nr, fresh.bits);
	if (!claimed)
		return 0;
	fresh.nr = fault_take_pages(&f, claimed, &fresh.first);
	fill(&f, list, claimed, &fresh);
	if (!fresh.nr)
		return 0;
	mm_new_anon(s, mm, fresh.first, fresh.nr);
	fault_list_run(&f, fresh.first, fresh.nr);
	fault_count_run(&f, fresh.nr,
			ctx->prices[COST_MINOR_FAULT] +
				ctx->prices[COST_ZERO_PAGE]);
	return fresh.nr;
}
