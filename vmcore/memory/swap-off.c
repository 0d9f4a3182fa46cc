// SPDX-License-Identifier: Apache-2.0
/* All that an area holds comes home: try_to_unuse() of mm/swapfile.c. */
#include "vmcore/memory/fault.h"

#include <errno.h>

#define BATCH 32u /* pages a step */

enum phase { UNUSE_SHMEM, UNUSE_MMS, UNUSE_CACHE };

struct unuse {
	struct memory *m;
	struct ctx *ctx;
	uint32_t area;
	struct swapoff *cur;
	unsigned left; /* pages of this step */
};

/* shmem_unuse(): one inode, from page cur->at on. */
static int unuse_inode(struct unuse *u)
{
	struct cache *c = u->m->space->cache;
	bool major = false;
	pfn_t folio;
	swp_t swp;

	while (u->left) {
		uint64_t i = shmem_next_swap(c, u->cur->id, u->cur->at,
					     UINT64_MAX, &swp);
		int r;

		if (i == UINT64_MAX)
			return 0;
		if (swp_area(swp) == u->area) {
			r = shmem_swap_in(c, u->ctx, u->cur->id, i, &folio,
					  &major);
			if (r)
				return r;
			u->left--;
		}
		u->cur->at = i + 1;
	}
	return STEP_MORE;
}

/* unuse_pte(): as a fault would, but old, clean and read-only. */
static int unuse_entry(struct unuse *u, uint32_t vma, uint64_t addr,
		       uint32_t table, unsigned slot)
{
	struct space *s = u->m->space;
	struct fault f = { .m = u->m,
			   .ctx = u->ctx,
			   .vma = vma_at(s, vma),
			   .vma_id = vma,
			   .addr = addr,
			   .table = table,
			   .slot = slot };
	uint64_t pte = table_at(s, table)->entry[slot];
	bool major = false;
	pfn_t folio;
	int r = fault_swap_in(u->m, u->ctx, vma, addr, false, &folio, &major);

	if (!r)
		r = swap_wait(s->cache, u->ctx, folio);
	if (r)
		return r;
	fault_map_swapped(&f, slot, swap_page(s->phys, folio, pte_swap(pte)),
			  fault_pte_bits(f.vma) & ~(uint64_t)PTE_ACCESSED,
			  pte & PTE_SWP_EXCLUSIVE);
	fault_mlock(&f, folio, 1);
	swap_put(s->cache, u->ctx, pte_swap(pte));
	swap_free_folio(s->cache, u->ctx, folio);
	u->left--;
	return 0;
}

/* unuse_mm(): one address space, from address cur->at on. */
static int unuse_mm(struct unuse *u)
{
	const struct space *s = u->m->space;
	const struct mm *mm = mm_at(s, u->cur->id);
	uint64_t base = 0;
	uint32_t t;

	while (mm->rss[RSS_SWAP] > 0 &&
	       (t = pt_next_leaf(s, mm, u->cur->at, s->paging.span, &base)) !=
		       0) {
		unsigned i = u->cur->at > base ? pte_slot(s, u->cur->at) : 0;

		for (; table_at(s, t)->nr_swap && i < table_slots(s); i++) {
			uint64_t addr = base + ((uint64_t)i << PAGE_SHIFT);
			swp_t swp = pte_swap(table_at(s, t)->entry[i]);
			int r;

			if (!swp || swp_area(swp) != u->area)
				continue;
			u->cur->at = addr;
			if (!u->left)
				return STEP_MORE;
			r = unuse_entry(u, vma_find(s, u->cur->id, addr), addr,
					t, i);
			if (r)
				return r;
		}
		u->cur->at = base + table_bytes(s);
	}
	return 0;
}

/* Slots that only the swap cache knows, from slot cur->at on. */
static int unuse_cache(struct unuse *u)
{
	struct cache *c = u->m->space->cache;
	uint32_t slot = (uint32_t)u->cur->at;

	while ((slot = swap_next_used(c, u->area, slot)) != 0) {
		int r = swap_forget(c, u->ctx, swp_of(u->area, slot));

		if (r)
			return r;
		u->cur->at = slot;
	}
	return 0;
}

static void next_phase(struct swapoff *cur)
{
	cur->phase++;
	cur->id = 0;
	cur->at = 0;
}

/* Inodes and address spaces by number: their next one, or phase. */
static int unuse_next(struct unuse *u)
{
	const struct space *s = u->m->space;
	struct swapoff *cur = u->cur;
	bool shmem = cur->phase == UNUSE_SHMEM;
	uint32_t top = shmem ? s->cache->inodes.top : s->mms.top;
	int r = 0;

	if (cur->id && shmem && inode_used(inode_at(s->cache, cur->id)))
		r = unuse_inode(u);
	else if (cur->id && !shmem && mm_at(s, cur->id)->pgd)
		r = unuse_mm(u);
	if (r)
		return r;
	cur->at = 0;
	if (++cur->id > top)
		next_phase(cur);
	return 0;
}

int memory_swapoff(struct memory *m, struct ctx *ctx, uint32_t area,
		   struct swapoff *cur)
{
	const struct swap_area *a = swap_area_at(&m->space->cache->swap, area);
	struct unuse u = { m, ctx, area, cur, BATCH };

	while (a->inuse && u.left) {
		bool last = cur->phase == UNUSE_CACHE;
		int r = last ? unuse_cache(&u) : unuse_next(&u);

		if (r)
			return r;
		if (last && a->inuse) {
			/* Somebody was faster: look again. */
			*cur = (struct swapoff){ 0 };
			return STEP_MORE;
		}
	}
	return a->inuse ? STEP_MORE : 0;
}
