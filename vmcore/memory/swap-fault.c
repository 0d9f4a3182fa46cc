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

/* should_try_to_free_swap() */
static bool slot_not_wanted(const struct fault *f, pfn_t folio)
{
	const struct frame *p = frame_at(f->m->space->phys, folio);

	if (swap_full(f->m->space->cache, frame_group(p)) ||
	    f->vma->flags & VM_LOCKED || p->word & PG_MLOCKED)
		return true;
	return f->flags & FAULT_FLAG_WRITE && !frame_mapcount(p);
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

void fault_map_swapped(struct fault *f, pfn_t folio, uint64_t bits,
		       bool exclusive)
{
	struct space *s = f->m->space;
	struct frame *p = frame_at(s->phys, folio);

	if (frame_type(p) != FRAME_ANON)
		make_anon(f, folio, exclusive);
	p->word &= ~PG_EXCLUSIVE;
	if (exclusive)
		p->word |= PG_EXCLUSIVE;
	else
		bits |= PTE_SHARED;
	rmap_add(s, folio);
	fault_mlock(f, folio, 1);
	pte_set(s, f->table, f->slot, PTE_OF(folio) | bits);
}

/* The entry gives its slot up for the folio. */
static int map_folio(struct fault *f, uint64_t pte, pfn_t folio)
{
	struct space *s = f->m->space;
	const struct frame *p = frame_at(s->phys, folio);
	uint64_t bits = fault_pte_bits(f->vma);
	bool exclusive = pte & PTE_SWP_EXCLUSIVE, done = false;

	swap_put(s->cache, f->ctx, pte_swap(pte));
	if (slot_not_wanted(f, folio))
		swap_free_folio(s->cache, f->ctx, folio);
	if (!(p->word & PG_SWAPCACHE) && !frame_mapcount(p))
		exclusive = true;
	if (exclusive && f->vma->flags & VM_WRITE) {
		bits |= PTE_WRITE;
		done = f->flags & FAULT_FLAG_WRITE;
	}
	if (done)
		bits |= PTE_DIRTY;
	fault_map_swapped(f, folio, bits, exclusive);
	if (done)
		fault_set_content(f->m, folio, f->content);
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
