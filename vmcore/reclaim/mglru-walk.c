// SPDX-License-Identifier: Apache-2.0
/* Aging looks at page tables, not at pages: walk_mm(), walk_pte_range(),
 * walk_pmd_range_locked() of mm/vmscan.c. */
#include "vmcore/control/lru-gen.h"
#include "vmcore/reclaim/policy.h"
#include "vmcore/space/pgtable.h"

#include <string.h>

#define TABLES_A_STEP  16u
#define ENTRIES_A_LINE 8u /* of a cache line of 64 bytes */

struct walker {
	struct space *s;
	struct ctx *ctx;
	const struct scan *sc;
	unsigned swappiness;
	struct lru_gens *gens;
};

/* should_skip_vma() */
static bool skip(const struct walker *w, const struct vma *v)
{
	uint32_t not = VM_HUGETLB | VM_RAND_READ | VM_SEQ_READ | VM_LOCKED |
		       VM_IO | VM_PFNMAP;

	if (!(v->flags & VM_ACCESS) || v->flags & not )
		return true;
	if (!v->file ||
	    inode_at(w->s->cache, file_at(w->s->cache, v->file)->inode)->kind ==
		    INODE_SHMEM)
		return !w->swappiness;
	return false;
}

/* An entry that was used: its folio, if it is of this lruvec, is young. */
static bool look(struct walker *w, uint32_t table, unsigned slot)
{
	struct space *s = w->s;
	uint64_t pte = table_at(s, table)->entry[slot];
	uint32_t group;
	struct frame *f;
	pfn_t folio;

	if (!(pte & PTE_PRESENT) || !(pte & PTE_ACCESSED))
		return false;
	folio = folio_head(s->phys, PTE_PFN(pte));
	f = frame_at(s->phys, folio);
	group = frame_group(f) ? frame_group(f) : GROUP_ROOT;
	if (!(f->word & PG_LRU) || f->word & PG_UNEVICTABLE ||
	    group != w->sc->memcg || pfn_node(s->phys, folio) != w->sc->node)
		return false;
	pte_set(s, table, slot, pte & ~PTE_ACCESSED);
	if (pte & PTE_DIRTY && !(f->word & PG_DIRTY) &&
	    frame_type(f) == FRAME_FILE)
		folio_mark_dirty(s->cache, w->ctx, folio);
	gen_walked(s->control, folio);
	return true;
}

/* The entries of @table that @vma has. */
static void walk_table(struct walker *w, const struct vma *v, uint32_t table,
		       uint64_t base)
{
	const struct space *s = w->s;
	uint64_t addr = base > v->start ? base : v->start;
	uint64_t next = base + table_bytes(s);
	uint64_t end = next < v->end ? next : v->end;
	unsigned total = 0, young = 0;

	if (table_at(w->s, table)->level > 1) {
		young = look(w, table, pmd_slot(s, base));
		total = 1;
	} else {
		w->gens->walk[WALK_FOUND]++;
		for (; addr < end && table_at(w->s, table)->nr_young;
		     addr += PAGE_SIZE, total++)
			young += look(w, table, pte_slot(s, addr));
		w->gens->walk[WALK_ADDED] += young * ENTRIES_A_LINE >= total;
	}
	w->gens->walk[WALK_TOTAL] += total;
	w->gens->walk[WALK_YOUNG] += young;
	ctx_pay(w->ctx, COST_SCAN_PAGE, 1 + young);
}

/* On from @addr; where to go on, 0 when @mm is done. */
static uint64_t walk_mm(struct walker *w, uint32_t mm, uint64_t addr)
{
	struct space *s = w->s;
	unsigned tables = 0;

	for (uint32_t v = vma_find(s, mm, addr); v; v = vma_next(s, v)) {
		const struct vma *vma = vma_at(s, v);
		uint64_t at = addr > vma->start ? addr : vma->start, base = at;
		uint32_t t;

		if (skip(w, vma))
			continue;
		while (at < vma->end &&
		       (t = pt_next(s, mm_at(s, mm), at, vma->end, &base))) {
			if (table_at(s, t)->nr_young)
				walk_table(w, vma, t, base);
			at = base + table_bytes(s);
			if (++tables >= TABLES_A_STEP)
				return at;
		}
	}
	return 0;
}

bool mglru_walk(struct space *s, struct ctx *ctx, struct scan *sc)
{
	struct walker w = { s, ctx, sc, mglru_swappiness(s, sc),
			    gens_at(s->control, sc->memcg, sc->node) };

	if (!sc->walk_mm) {
		memset(w.gens->walk, 0, sizeof(w.gens->walk));
		sc->walk_mm = 1;
	}
	for (; sc->walk_mm <= s->mms.top; sc->walk_mm++, sc->walk_addr = 0) {
		const struct mm *mm = mm_at(s, sc->walk_mm);
		uint32_t group;

		if (!mm->pgd)
			continue;
		group = mm->group ? mm->group : GROUP_ROOT;
		if (group != sc->memcg)
			continue;
		sc->walk_addr = walk_mm(&w, sc->walk_mm, sc->walk_addr);
		if (sc->walk_addr)
			return false;
	}
	return true;
}
