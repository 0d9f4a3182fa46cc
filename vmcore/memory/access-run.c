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

void memory_access_look(const struct memory *m, uint32_t mm,
			struct access *list, unsigned nr)
{
	const struct space *s = m->space;
	const struct mm *owner = mm_at(s, mm);

	for (struct access *a = list; a < list + nr; a++) {
		uint32_t id = pt_find(s, owner, a->addr, 1);

		a->entry = NULL;
		if (!id)
			continue;
		a->table = table_at(s, id);
		a->entry = &a->table->entry[pte_slot(s, a->addr)];
		pte_prefetch(a->table, a->entry);
	}
	for (struct access *a = list; a < list + nr; a++) {
		uint64_t pte = a->entry ? *a->entry : 0;

		if (pte && !(pte & PTE_PRESENT))
			swap_prefetch(s->cache, pte_swap(pte));
		else if (pte && a->write && !(pte & PTE_SPECIAL))
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
	return a->entry && v->start <= a->addr && a->addr < v->end;
}

static bool hit(struct memory *m, const struct vma *v, const struct access *a)
{
	uint64_t need = a->write ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT, pte;

	if (!within(v, a) || !(v->flags & (a->write ? VM_WRITE : VM_ACCESS)))
		return false;
	pte = *a->entry;
	if ((pte & (need | PTE_HINT)) != need)
		return false;
	pte_use(a->table, a->entry, a->write);
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

/* Does it write to new memory? */
static bool is_fresh(const struct vma *v, const struct access *a)
{
	return a->write && within(v, a) && !*a->entry;
}

/* How many entries are empty: they get @bits, so that the second access to
 * one of them is not among them. */
static unsigned claim(const struct vma *v, const struct access *list,
		      unsigned nr, uint64_t bits)
{
	unsigned n = 0;

	while (n < nr && is_fresh(v, &list[n]))
		*list[n++].entry = bits;
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
		*list[i].entry = 0;
	for (unsigned i = 0; i < fresh->nr; i++) {
		struct frame *page = frame_at(s->phys, pfn);

		fault_dress(f, page,
			    (uint32_t)(vma_index(f->vma, list[i].addr) - base));
		page->content = fault_content(f->m, f->content);
		pte_new_anon(list[i].table, list[i].entry,
			     PTE_OF(pfn) | fresh->bits);
		frame_map_add(page, 1);
		pfn = page->next;
	}
}

static unsigned fault_run(struct memory *m, struct ctx *ctx, struct vma *v,
			  const struct access *list, unsigned nr)
{
	struct space *s = m->space;
	struct fault f = {
		.m = m, .ctx = ctx, .vma = v, .content = CONTENT_OWN
	};
	struct fresh fresh;
	unsigned claimed;

	if (!fault_plain(&f, true))
		return 0;
	fresh.bits = (fault_pte_bits(f.vma) | PTE_DIRTY | PTE_WRITE) &
		     ~s->paging.no_bits;
	claimed = claim(f.vma, list, nr, fresh.bits);
	fresh.nr = fault_take_pages(&f, claimed, &fresh.first);
	fill(&f, list, claimed, &fresh);
	if (!fresh.nr)
		return 0;
	mm_new_anon(s, v->mm, fresh.first, fresh.nr);
	fault_list_run(&f, fresh.first, fresh.nr);
	fault_count_run(&f, fresh.nr,
			ctx->prices[COST_MINOR_FAULT] +
				ctx->prices[COST_ZERO_PAGE]);
	return fresh.nr;
}

unsigned memory_fault_run(struct memory *m, struct ctx *ctx, uint32_t mm,
			  const struct access *list, unsigned nr)
{
	struct vma *v = last_vma(m->space, mm);

	return v && nr && is_fresh(v, list) ? fault_run(m, ctx, v, list, nr)
					    : 0;
}
