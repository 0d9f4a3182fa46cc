// SPDX-License-Identifier: Apache-2.0
/* Who maps a KSM page: rmap_walk_ksm() (mm/ksm.c). */
#include "vmcore/space/ksm-inner.h"

struct seek {
	const struct space *s;
	pfn_t page;
	uint32_t left; /* mappings not yet seen */
	rmap_visit *visit;
	void *arg;
};

/* Visit @page at @addr of @mm if it is mapped there. False: enough. */
static bool look(struct seek *k, uint32_t mm, uint64_t addr)
{
	const struct space *s = k->s;
	uint32_t table = pt_find(s, mm_at(s, mm), addr, 1), vma;
	uint64_t pte;

	if (!table)
		return true;
	pte = table_at(s, table)->entry[pte_slot(s, addr)];
	if (!(pte & PTE_PRESENT) || PTE_PFN(pte) != k->page)
		return true;
	vma = vma_find(s, mm, addr);
	k->left--;
	return k->visit(k->arg, mm, vma, addr, table, pte_slot(s, addr)) &&
	       k->left;
}

/* Is there an item of @mm, or one before @id, at the address of @id? */
static bool told(const struct space *s, uint32_t node, uint32_t id,
		 uint32_t slot)
{
	uint64_t addr = item_at(s, id)->addr;
	bool before = true;

	for (uint32_t i = node_at(s, node)->items; i;
	     i = item_at(s, i)->node_next) {
		before = before && i != id;
		if (item_at(s, i)->addr == addr &&
		    (before || item_at(s, i)->slot == slot))
			return true;
	}
	return false;
}

/* Address spaces forked since: the page is where it was in the parent. */
static bool look_in_forks(struct seek *k, uint32_t node, uint32_t slot)
{
	const struct space *s = k->s;
	uint32_t next, mm = slot_at(s, slot)->mm;

	for (uint32_t i = node_at(s, node)->items; i; i = next) {
		next = item_at(s, i)->node_next;
		if (item_at(s, i)->slot != slot && !told(s, node, i, slot) &&
		    !look(k, mm, item_at(s, i)->addr))
			return false;
	}
	return true;
}

void ksm_rmap_walk(const struct space *s, pfn_t page, rmap_visit *visit,
		   void *arg)
{
	const struct frame *f = frame_at(s->phys, page);
	struct seek k = { s, page, frame_mapcount(f), visit, arg };
	uint32_t node = f->owner, next;

	for (uint32_t i = node_at(s, node)->items; i && k.left; i = next) {
		uint32_t mm = slot_at(s, item_at(s, i)->slot)->mm;

		next = item_at(s, i)->node_next;
		if (!look(&k, mm, item_at(s, i)->addr))
			return;
	}
	for (uint32_t slot = s->ksm.first; slot && k.left;
	     slot = slot_at(s, slot)->next)
		if (!look_in_forks(&k, node, slot))
			return;
}
