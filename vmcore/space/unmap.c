// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/unmap.h"

#include "vmcore/cache/swap.h"
#include "vmcore/control/lru-gen.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

#define LOOK_AROUND (MIN_LRU_BATCH / 2) /* pages to each side */

struct look {
	struct space *s;
	uint32_t group;
	pfn_t folio;
	uint32_t last_vma; /* a VMA counts once, however many entries */
	struct referenced found;
};

/* lru_gen_look_around(): where one page was used its neighbours were too. */
static void look_around(struct look *l, uint32_t table, unsigned slot,
			uint64_t addr, const struct vma *v)
{
	struct control *c = l->s->control;
	unsigned first = slot > LOOK_AROUND ? slot - LOOK_AROUND : 0, last;
	uint64_t start = addr - ((uint64_t)(slot - first) << PAGE_SHIFT);

	if (start < v->start) {
		first += (unsigned)((v->start - start) >> PAGE_SHIFT);
		start = v->start;
	}
	last = first + 2 * LOOK_AROUND;
	if (last > table_slots(l->s))
		last = table_slots(l->s);
	for (unsigned i = first; i < last && start < v->end;
	     i++, start += PAGE_SIZE) {
		uint64_t pte = table_at(l->s, table)->entry[i];
		const struct frame *f;
		pfn_t folio;

		if (i == slot || !(pte & PTE_PRESENT) || !(pte & PTE_ACCESSED))
			continue;
		folio = folio_head(l->s->phys, PTE_PFN(pte));
		f = frame_at(l->s->phys, folio);
		if (!(f->word & PG_LRU) || f->word & PG_UNEVICTABLE ||
		    folio_lruvec(c, folio) != folio_lruvec(c, l->folio))
			continue;
		pte_set(l->s, table, i, pte & ~PTE_ACCESSED);
		gen_walked(c, folio);
	}
}

/* folio_referenced_one() */
static bool look_one(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		     uint32_t table, unsigned slot)
{
	struct look *l = arg;
	const struct vma *v = vma_at(l->s, vma);
	uint64_t pte = table_at(l->s, table)->entry[slot];

	if (l->group &&
	    !group_below(l->s->control, mm_at(l->s, mm)->group, l->group))
		return true;
	if (v->flags & VM_LOCKED) {
		l->found.flags |= VM_LOCKED;
		return false;
	}
	if (!(pte & PTE_ACCESSED))
		return true;
	pte_set(l->s, table, slot, pte & ~PTE_ACCESSED);
	if (l->s->control->policy == POLICY_MGLRU &&
	    table_at(l->s, table)->level == 1)
		look_around(l, table, slot, addr, v);
	/* Who said that it reads once has no claim (vma_has_recency()). */
	if (v->flags & (VM_RAND_READ | VM_SEQ_READ) || l->last_vma == vma)
		return true;
	l->last_vma = vma;
	l->found.vmas++;
	l->found.flags |= v->flags;
	return true;
}

struct referenced folio_referenced(struct space *s, pfn_t folio,
				   const struct rmap_spot *at, uint32_t group)
{
	struct look l = { .s = s, .group = group, .folio = folio };
	unsigned n = 1u << frame_order(frame_at(s->phys, folio));

	for (unsigned i = 0; i < n; i++)
		if (frame_mapcount(frame_at(s->phys, folio + i)))
			rmap_walk_at(s, folio + i, at, look_one, &l);
	return l.found;
}

struct unmap {
	struct space *s;
	struct ctx *ctx;
	pfn_t page, folio;
	bool stopped; /* the folio stays */
};

/* The entry that stands for an anonymous page from now on. */
static uint64_t anon_entry(struct unmap *u, uint32_t mm, bool *ret_keep)
{
	struct frame *h = frame_at(u->s->phys, u->folio);
	uint32_t swp;

	*ret_keep = false;
	if (!(h->word & PG_SWAPBACKED)) {
		/* Lazily freed, but written since: it is memory again. */
		if (h->word & PG_DIRTY) {
			h->word |= PG_SWAPBACKED;
			*ret_keep = true;
		}
		return 0;
	}
	(void)mm;
	swp = h->private + (u->page - u->folio);
	swap_dup(u->s->cache, swp);
	return pte_of_swap(swp) |
	       (frame_at(u->s->phys, u->page)->word & PG_EXCLUSIVE
			? PTE_SWP_EXCLUSIVE
			: 0);
}

/* try_to_unmap_one() */
static bool unmap_one(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		      uint32_t table, unsigned slot)
{
	struct unmap *u = arg;
	struct space *s = u->s;
	struct frame *h = frame_at(s->phys, u->folio);
	uint64_t pte = table_at(s, table)->entry[slot], entry = 0;
	bool keep = false;

	(void)addr;
	if (vma_at(s, vma)->flags & VM_LOCKED) {
		if (!(h->word & PG_MLOCKED))
			lru_mlock(s->control, u->folio);
		u->stopped = true;
		return false;
	}
	if (frame_type(h) == FRAME_FILE) {
		if (pte & PTE_DIRTY)
			folio_mark_dirty(s->cache, u->ctx, u->folio);
	} else {
		if (pte & PTE_DIRTY)
			h->word |= PG_DIRTY;
		entry = anon_entry(u, mm, &keep);
		u->stopped = keep;
		if (keep)
			return false;
	}
	pte_set(s, table, slot, entry);
	rmap_drop(s, u->page);
	return true;
}

void folio_unmap(struct space *s, struct ctx *ctx, pfn_t folio,
		 const struct rmap_spot *at)
{
	unsigned n = 1u << frame_order(frame_at(s->phys, folio));
	struct unmap u = { .s = s, .ctx = ctx, .folio = folio };

	folio_split_pmds(s, ctx, folio);
	for (unsigned i = 0; i < n && !u.stopped; i++) {
		u.page = folio + i;
		if (frame_mapcount(frame_at(s->phys, folio + i)))
			rmap_walk_at(s, folio + i, at, unmap_one, &u);
	}
}
