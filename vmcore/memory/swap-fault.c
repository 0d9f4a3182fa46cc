// SPDX-License-Identifier: Apache-2.0
/* Faults on slots of swap: do_swap_page() (mm/memory.c), and which pages are
 * read along with one by address (swap_vma_readahead(), mm/swap_state.c). */
#include "vmcore/memory/fault.h"

static int swap_in_place(struct memory *m, struct ctx *ctx, uint32_t vma,
			 uint64_t addr, bool hit, pfn_t *ret_folio,
			 bool *ret_major)
{
	struct space *s = m->space;
	struct vma *v = vma_at(s, vma);
	const uint64_t range[2] = { v->start, v->end };
	const struct mm *mm = mm_at(s, v->mm);
	swp_t swp = pte_swap(pte_get(s, mm, addr)), around[SWAP_RA_MOST];
	struct swap_near near = { .swp = around };
	uint64_t window[2];

	if (!swap_missing(s->cache, swp)) {
		if (hit)
			swap_hit(s->cache, swap_find(s->cache, swp),
				 &v->swap_ra, addr);
		return swap_in(s->cache, ctx, swp, NULL, ret_folio, ret_major);
	}
	if (!swap_in_window(s->cache, swp, &v->swap_ra, addr, range, window))
		return swap_in(s->cache, ctx, swp, NULL, ret_folio, ret_major);
	for (; window[0] < window[1]; window[0] += PAGE_SIZE)
		around[near.nr++] = pte_swap(pte_get(s, mm, window[0]));
	return swap_in(s->cache, ctx, swp, &near, ret_folio, ret_major);
}

int fault_swap_in(struct memory *m, struct ctx *ctx, uint32_t vma,
		  uint64_t addr, bool hit, pfn_t *ret_folio, bool *ret_major)
{
	const struct vma *v = vma_at(m->space, vma);
	uint32_t own = ctx->policy;
	int r;

	if (v->policy | own)
		policy_enter(ctx, v, addr, 0);
	r = swap_in_place(m, ctx, vma, addr, hit, ret_folio, ret_major);
	policy_leave(ctx, own);
	return r;
}

/* Entries in a row that a fault fills from a folio: of one page, or of a large
 * one all of them. */
struct fill {
	struct fault *f;
	pfn_t folio, page; /* @page: of the first entry */
	unsigned slot, nr;
};

/* should_try_to_free_swap() */
static bool slot_not_wanted(const struct fill *l)
{
	const struct fault *f = l->f;
	struct space *s = f->m->space;
	const struct frame *p = frame_at(s->phys, l->folio);

	if (swap_full(s->cache, frame_group(p)) || f->vma->flags & VM_LOCKED ||
	    p->word & PG_MLOCKED)
		return true;
	return f->flags & FAULT_FLAG_WRITE && !folio_mapped(s->phys, l->folio);
}

/* A folio without a mapping becomes this VMA's (__folio_set_anon()): its own
 * anon_vma's if it has it alone, else that of the oldest ancestor. */
static void make_anon(struct fault *f, pfn_t folio, bool exclusive)
{
	struct space *s = f->m->space;
	struct frame *p = frame_at(s->phys, folio);
	uint32_t owner = f->vma->anon_vma;

	if (!exclusive)
		owner = anon_vma_at(s, owner)->root;
	p->word = (p->word & ~FRAME_TYPE_MASK) | FRAME_ANON;
	p->owner = owner;
	p->index = (uint32_t)(vma_index(f->vma, f->addr) -
			      anon_vma_at(s, owner)->base);
}

void fault_map_swapped(struct fault *f, unsigned slot, pfn_t page,
		       uint64_t bits, bool exclusive)
{
	struct space *s = f->m->space;
	pfn_t folio = folio_head(s->phys, page);
	struct frame *p = frame_at(s->phys, page);

	/* A large one always was somebody's. */
	if (frame_type(frame_at(s->phys, folio)) != FRAME_ANON)
		make_anon(f, folio, exclusive);
	p->word &= ~PG_EXCLUSIVE;
	if (exclusive)
		p->word |= PG_EXCLUSIVE;
	else
		bits |= PTE_SHARED;
	rmap_add(s, page);
	pte_set(s, f->table, slot, PTE_OF(page) | bits);
}

/* do_swap_page(): a large folio that is still there comes back whole, if all
 * entries around are its slots, and alike. */
static struct fill find_fill(struct fault *f, uint64_t pte, pfn_t folio)
{
	struct space *s = f->m->space;
	pfn_t page = swap_page(s->phys, folio, pte_swap(pte));
	unsigned idx = page - folio;
	unsigned nr = 1u << frame_order(frame_at(s->phys, folio));
	uint64_t bytes = (uint64_t)nr << PAGE_SHIFT;
	uint64_t start = f->addr - ((uint64_t)idx << PAGE_SHIFT);
	const uint64_t *entry = table_at(s, f->table)->entry;
	struct fill one = { f, folio, page, f->slot, 1 };

	if (nr == 1 || f->slot < idx || f->slot - idx + nr > table_slots(s) ||
	    start < f->vma->start || start + bytes > f->vma->end)
		return one;
	entry += f->slot - idx;
	for (unsigned i = 0; i < nr; i++)
		if (entry[i] + pte_of_swap(idx) != pte + pte_of_swap(i))
			return one;
	return (struct fill){ f, folio, folio, f->slot - idx, nr };
}

/* The entries give their slots up for the folio. */
static int map_folio(struct fault *f, uint64_t pte, pfn_t folio)
{
	struct space *s = f->m->space;
	const struct fill l = find_fill(f, pte, folio);
	const struct frame *p = frame_at(s->phys, folio);
	swp_t first = p->private + (l.page - folio);
	uint64_t bits = fault_pte_bits(f->vma);
	bool exclusive = pte & PTE_SWP_EXCLUSIVE, done = false;

	for (unsigned i = 0; i < l.nr; i++)
		swap_put(s->cache, f->ctx, first + i);
	if (slot_not_wanted(&l))
		swap_free_folio(s->cache, f->ctx, folio);
	if (!(p->word & PG_SWAPCACHE) && !folio_mapped(s->phys, folio))
		exclusive = true;
	if (exclusive && f->vma->flags & VM_WRITE) {
		bits |= PTE_WRITE;
		done = f->flags & FAULT_FLAG_WRITE;
	}
	if (done)
		bits |= PTE_DIRTY;
	for (unsigned i = 0; i < l.nr; i++)
		fault_map_swapped(f, l.slot + i, l.page + i, bits, exclusive);
	fault_mlock(f, folio, l.nr);
	if (done)
		fault_set_content(f->m, l.page + (f->slot - l.slot),
				  f->content);
	if (done || !(f->flags & FAULT_FLAG_WRITE))
		return 0;
	return fault_write_protected(f, table_at(s, f->table)->entry[f->slot]);
}

int fault_swap(struct fault *f, uint64_t pte)
{
	struct vmstat *stat = &f->m->space->phys->stat;
	bool major = false;
	pfn_t folio;
	int r = fault_swap_in(f->m, f->ctx, f->vma_id, f->addr, true, &folio,
			      &major);

	if (major) {
		vmstat_event(stat, PGMAJFAULT, 1);
		group_event(f->m->space->control, f->ctx->group, PGMAJFAULT, 1);
		f->major = true;
	}
	if (r == WAIT_IO)
		f->ctx->wait_major = major;
	if (r)
		return r;
	return map_folio(f, pte, folio);
}
