// SPDX-License-Identifier: Apache-2.0
#include "vmcore/memory/collapse.h"

#include <errno.h>

#include "vmcore/memory/fault.h"

struct job {
	struct memory *m;
	struct ctx *ctx;
	struct vma *vma;
	uint32_t vma_id;
	uint64_t addr;
	bool daemon;
	uint32_t leaf;
	uint32_t none, swapped, shared, young;
	uint32_t load[MAX_NODES]; /* pages by node */
	pfn_t last_folio; /* a large one, and whether it is shared */
	bool last_shared;
};

static enum collapse exceeds(const struct job *j, enum event item)
{
	vmstat_event(&j->m->space->phys->stat, item, 1);
	return COLLAPSE_EXCEEDS;
}

/* folio_maybe_mapped_shared(), once for all pages of a folio in a row */
static bool is_shared(struct job *j, pfn_t page, pfn_t folio, unsigned slot)
{
	const struct space *s = j->m->space;
	uint64_t first = j->addr + ((uint64_t)slot << PAGE_SHIFT) -
			 ((uint64_t)(page - folio) << PAGE_SHIFT);

	if (!frame_order(frame_at(s->phys, folio)))
		return frame_mapcount(frame_at(s->phys, page)) > 1;
	if (folio != j->last_folio) {
		j->last_folio = folio;
		j->last_shared =
			folio_maybe_shared(s, folio, j->vma->mm, first);
	}
	return j->last_shared;
}

static enum collapse look_page(struct job *j, uint64_t pte, unsigned slot)
{
	struct space *s = j->m->space;
	const struct khugepaged *k = &s->thp.khugepaged;
	pfn_t page = PTE_PFN(pte), folio = folio_head(s->phys, page);
	const struct frame *f = frame_at(s->phys, folio);

	if (frame_type(f) != FRAME_ANON)
		return COLLAPSE_NOT_ANON;
	if (is_shared(j, page, folio, slot) &&
	    ++j->shared > k->max_ptes_shared && j->daemon)
		return exceeds(j, THP_SCAN_EXCEED_SHARED_PTE);
	j->load[pfn_node(s->phys, folio)]++;
	if (!(f->word & PG_LRU) || (f->word & PG_LOCKED))
		return COLLAPSE_PAGE_BUSY;
	j->young += (pte & PTE_ACCESSED) || (f->word & PG_REFERENCED);
	return COLLAPSE_DONE;
}

static enum collapse look_entry(struct job *j, unsigned slot)
{
	struct space *s = j->m->space;
	const struct khugepaged *k = &s->thp.khugepaged;
	uint64_t pte = table_at(s, j->leaf)->entry[slot];

	if (pte && !(pte & PTE_PRESENT)) {
		if (++j->swapped > k->max_ptes_swap && j->daemon)
			return exceeds(j, THP_SCAN_EXCEED_SWAP_PTE);
		return COLLAPSE_DONE;
	}
	if (!pte || PTE_PFN(pte) == s->phys->zero_pfn) {
		if (++j->none > k->max_ptes_none && j->daemon)
			return exceeds(j, THP_SCAN_EXCEED_NONE_PTE);
		return COLLAPSE_DONE;
	}
	return look_page(j, pte, slot);
}

/* hpage_collapse_scan_pmd() */
static enum collapse look(struct job *j)
{
	struct space *s = j->m->space;
	const struct mm *mm = mm_at(s, j->vma->mm);
	enum collapse r = COLLAPSE_DONE;

	if (pmd_huge(pmd_get(s, mm, j->addr)))
		return COLLAPSE_PMD_MAPPED;
	j->leaf = pt_find(s, mm, j->addr, 1);
	if (!j->leaf)
		return COLLAPSE_PMD_NULL;
	j->last_folio = PFN_NONE;
	for (unsigned i = 0; i < 512 && r == COLLAPSE_DONE; i++)
		r = look_entry(j, i);
	ctx_pay(j->ctx, COST_SCAN_PAGE, 512);
	if (r == COLLAPSE_DONE && j->daemon &&
	    (!j->young || (j->swapped && j->young < HPAGE_PAGES / 2)))
		return COLLAPSE_NOT_USED;
	return r;
}

/* __collapse_huge_page_swapin() */
static int swap_all_in(struct job *j)
{
	struct space *s = j->m->space;
	int r = 0;

	for (unsigned i = 0; i < 512 && !r && j->swapped; i++) {
		struct fault f = { .m = j->m,
				   .ctx = j->ctx,
				   .vma = j->vma,
				   .vma_id = j->vma_id,
				   .addr = j->addr +
					   ((uint64_t)i << PAGE_SHIFT),
				   .table = j->leaf,
				   .slot = i };
		uint64_t pte = table_at(s, j->leaf)->entry[i];

		if (pte && !(pte & PTE_PRESENT))
			r = fault_swap(&f, pte);
	}
	return r;
}

/* hpage_collapse_find_target_node() */
static uint16_t target_node(const struct job *j)
{
	uint16_t best = 0;

	for (uint16_t n = 1; n < MAX_NODES; n++)
		if (j->load[n] > j->load[best])
			best = n;
	return best;
}

/* alloc_charge_folio() */
int collapse_alloc(struct memory *m, struct ctx *ctx, uint16_t node,
		   bool daemon, enum frame_type type, pfn_t *ret_folio,
		   enum collapse *ret)
{
	struct space *s = m->space;
	struct vmstat *stat = &s->phys->stat;
	uint32_t gfp = thp_collapse_gfp(s, daemon);
	uint16_t own = ctx->node;
	struct frame *f;
	pfn_t pfn;
	int r, refused = group_charge_folio(s->control, ctx, HPAGE_ORDER, gfp);

	if (refused == NEED_CHARGE)
		return refused;
	ctx->node = node;
	r = page_alloc_near(s->phys, ctx, HPAGE_ORDER, gfp, &pfn);
	ctx->node = own;
	if (r && !refused)
		group_uncharge(s->control, ctx->group, HPAGE_PAGES);
	if (r == NEED_MEMORY && !ctx_may_wait(ctx, gfp, HPAGE_ORDER)) {
		vmstat_event(stat, THP_COLLAPSE_ALLOC_FAILED, 1);
		*ret = COLLAPSE_NO_PAGE;
		return 0;
	}
	if (r)
		return r;
	vmstat_event(stat, THP_COLLAPSE_ALLOC, 1);
	if (refused) {
		page_free(s->phys, ctx, pfn, HPAGE_ORDER);
		*ret = COLLAPSE_NO_CHARGE;
		return 0;
	}
	group_event(s->control, ctx->group, THP_COLLAPSE_ALLOC, 1);
	f = frame_at(s->phys, pfn);
	frame_set(f, type, HPAGE_ORDER, PG_HEAD | PG_UPTODATE | PG_SWAPBACKED);
	frame_set_group(f, ctx->group ? ctx->group : GROUP_ROOT);
	*ret_folio = pfn;
	return 0;
}

static int alloc(struct job *j, pfn_t *ret_folio, enum collapse *ret)
{
	struct space *s = j->m->space;
	struct frame *f;
	int r = collapse_alloc(j->m, j->ctx, target_node(j), j->daemon,
			       FRAME_ANON, ret_folio, ret);

	if (r || *ret != COLLAPSE_DONE)
		return r;
	f = frame_at(s->phys, *ret_folio);
	f->word |= PG_EXCLUSIVE;
	f->owner = j->vma->anon_vma;
	f->index = (uint32_t)(vma_index(j->vma, j->addr) -
			      anon_vma_at(s, f->owner)->base);
	return 0;
}

/* __collapse_huge_page_copy_succeeded(): entries of one folio in a row go at
 * once. How many that were from @slot on. */
static unsigned move_out(struct job *j, unsigned slot, struct frame *to)
{
	struct space *s = j->m->space;
	const struct table *t = table_at(s, j->leaf);
	uint64_t pte = t->entry[slot];
	pfn_t page = PTE_PFN(pte), folio, end;
	unsigned nr = 1;

	if (!pte || page == s->phys->zero_pfn) {
		pte_set(s, j->leaf, slot, 0);
		return 1;
	}
	folio = folio_head(s->phys, page);
	end = folio + (1u << frame_order(frame_at(s->phys, folio)));
	while (slot + nr < 512 && page + nr < end &&
	       PTE_PFN(t->entry[slot + nr]) == page + nr)
		nr++;
	for (unsigned i = 0; i < nr; i++) {
		to[slot + i].content = frame_at(s->phys, page + i)->content;
		pte_set(s, j->leaf, slot + i, 0);
	}
	if (frame_at(s->phys, folio)->word & PG_SWAPCACHE)
		swap_free_folio(s->cache, j->ctx, folio);
	rmap_remove_run(s, j->ctx, page, nr);
	return nr;
}

/* collapse_huge_page(), with everything at hand. */
static void put_in(struct job *j, pfn_t folio)
{
	struct space *s = j->m->space;
	uint64_t bits = fault_pte_bits(j->vma) | PTE_HUGE | PTE_DIRTY;
	uint32_t up = table_at(s, j->leaf)->parent;

	for (unsigned i = 0; i < 512;)
		i += move_out(j, i, frame_at(s->phys, folio));
	pt_unlink_leaf(s, j->leaf);
	pt_deposit(s, up, j->leaf);
	if (j->vma->flags & VM_WRITE)
		bits |= PTE_WRITE;
	rmap_add_pmd(s, folio);
	lru_add(s->control, folio);
	if (j->vma->flags & VM_LOCKED)
		lru_mlock(s->control, folio);
	pte_set(s, up, pmd_slot(s, j->addr), PTE_OF(folio) | bits);
	thp_defer(s, folio, false);
	ctx_pay(j->ctx, COST_COPY_PAGE, HPAGE_PAGES);
}

static int collapse(struct job *j, enum collapse *ret)
{
	pfn_t folio = PFN_NONE;
	int r;

	*ret = look(j);
	if (*ret != COLLAPSE_DONE)
		return 0;
	r = swap_all_in(j);
	if (!r)
		r = alloc(j, &folio, ret);
	if (!r && *ret == COLLAPSE_DONE)
		put_in(j, folio);
	return r;
}

int collapse_block(struct memory *m, struct ctx *ctx, uint32_t vma,
		   uint64_t addr, bool daemon, enum collapse *ret)
{
	struct job j = { .m = m,
			 .ctx = ctx,
			 .vma = vma_at(m->space, vma),
			 .vma_id = vma,
			 .addr = addr,
			 .daemon = daemon };
	uint32_t group = ctx->group;
	int r;

	ctx->group = mm_at(m->space, j.vma->mm)->group;
	r = j.vma->file ? collapse_shmem(m, ctx, vma, addr, daemon, ret)
			: collapse(&j, ret);
	ctx->group = group;
	return r;
}

/* madvise_collapse_errno() */
static int to_errno(enum collapse last)
{
	switch (last) {
	case COLLAPSE_NO_PAGE:
		return ENOMEM;
	case COLLAPSE_NO_CHARGE:
		return EBUSY;
	case COLLAPSE_PAGE_BUSY:
		return EAGAIN;
	default:
		return EINVAL;
	}
}

/* Does a range go on after this block failed? */
static bool goes_on(enum collapse last)
{
	return last <= COLLAPSE_PMD_NULL || last == COLLAPSE_NOT_USED ||
	       last == COLLAPSE_PAGE_BUSY;
}

/* madvise_collapse(): the next block before @stop, where its VMA or the range
 * ends; then what failed on the way tells. */
static int advise_block(struct memory *m, struct ctx *ctx, uint32_t vma,
			uint64_t *at, uint64_t stop, uint32_t *fail)
{
	uint64_t bytes = table_bytes(m->space);
	uint64_t first = (*at + bytes - 1) & ~(bytes - 1);
	enum collapse last;
	int r;

	if (first + bytes <= stop) {
		r = collapse_block(m, ctx, vma, first, false, &last);
		if (r)
			return r;
		*at = first + bytes;
		if (last > COLLAPSE_PMD_MAPPED)
			*fail = last;
		if (!goes_on(last))
			return to_errno(last);
		if (*at + bytes <= stop)
			return STEP_MORE;
	}
	*at = stop;
	return *fail ? to_errno((enum collapse) * fail) : STEP_MORE;
}

int memory_collapse(struct memory *m, struct ctx *ctx, uint32_t mm,
		    uint64_t *at, uint64_t end, uint32_t *fail)
{
	struct space *s = m->space;
	uint32_t id = *at < end ? vma_find(s, mm, *at) : 0;
	const struct vma *v = id ? vma_at(s, id) : NULL;

	if (*at & ~PAGE_MASK)
		return EINVAL;
	if (*at >= end)
		return 0;
	if (!v || v->start > *at)
		return ENOMEM;
	if (!thp_orders(s, v, v->flags, THP_FOR_COLLAPSE))
		return EINVAL;
	return advise_block(m, ctx, id, at, v->end < end ? v->end : end, fail);
}
