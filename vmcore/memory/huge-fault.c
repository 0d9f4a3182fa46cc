// SPDX-License-Identifier: Apache-2.0
/* Faults that map 2 MiB (mm/huge_memory.c). */
#include <errno.h>

#include "vmcore/memory/numab.h"

/*
 * The charge comes first, as where it fails its step is repeated; one that is
 * refused for good takes its pages and gives them back, as the kernel does
 * that asks for them first.
 */
int fault_new_large(struct fault *f, unsigned order, pfn_t *ret_folio)
{
	struct space *s = f->m->space;
	uint64_t first = f->addr & ~(((uint64_t)PAGE_SIZE << order) - 1);
	uint32_t gfp = thp_gfp(s, f->vma->flags), high = f->ctx->over_high;
	struct frame *head;
	pfn_t pfn;
	int r, refused = group_charge_folio(s->control, f->ctx, order, gfp);

	if (refused == NEED_CHARGE)
		return refused;
	r = fault_alloc(f, order, gfp, &pfn);
	if (r && !refused) {
		group_uncharge(s->control, f->ctx->group, 1u << order);
		f->ctx->over_high = high;
	}
	if (r == NEED_MEMORY && !ctx_may_wait(f->ctx, gfp, order))
		return FAULT_FALLBACK;
	if (r)
		return r;
	if (refused) {
		page_free(s->phys, f->ctx, pfn, order);
		thp_count(s, order, THP_STAT_ANON_FALLBACK_CHARGE);
		if (order == HPAGE_ORDER)
			vmstat_event(&s->phys->stat, THP_FAULT_FALLBACK_CHARGE,
				     1);
		return FAULT_FALLBACK;
	}
	head = frame_at(s->phys, pfn);
	frame_set(head, FRAME_ANON, order,
		  PG_HEAD | PG_UPTODATE | PG_SWAPBACKED);
	frame_set_group(head, f->ctx->group ? f->ctx->group : GROUP_ROOT);
	head->owner = f->vma->anon_vma;
	head->index = (uint32_t)(vma_index(f->vma, first) -
				 anon_vma_at(s, head->owner)->base);
	*ret_folio = pfn;
	return 0;
}

/* vma_alloc_anon_folio_pmd(); FAULT_FALLBACK: there is none. */
static int alloc_huge(struct fault *f, pfn_t *ret_folio)
{
	struct space *s = f->m->space;
	int r;

	if (fault_gave_up(f, HPAGE_ORDER))
		return FAULT_FALLBACK;
	r = fault_new_large(f, HPAGE_ORDER, ret_folio);
	if (!r) {
		frame_at(s->phys, *ret_folio)->word |= PG_EXCLUSIVE;
	} else if (r == FAULT_FALLBACK) {
		vmstat_event(&s->phys->stat, THP_FAULT_FALLBACK, 1);
		thp_count(s, HPAGE_ORDER, THP_STAT_ANON_FALLBACK);
		f->ctx->huge_counted = HPAGE_ORDER;
	}
	return r;
}

/* map_anon_folio_pmd() */
static void map_huge(struct fault *f, uint32_t table, pfn_t folio)
{
	struct space *s = f->m->space;
	uint64_t bits = fault_pte_bits(f->vma) | PTE_HUGE | PTE_DIRTY;

	if (f->vma->flags & VM_WRITE)
		bits |= PTE_WRITE;
	rmap_add_pmd(s, folio);
	lru_add(s->control, folio);
	fault_mlock(f, folio, HPAGE_PAGES);
	pte_set(s, table, pmd_slot(s, f->addr), PTE_OF(folio) | bits);
	vmstat_event(&s->phys->stat, THP_FAULT_ALLOC, 1);
	group_event(s->control, f->ctx->group, THP_FAULT_ALLOC, 1);
	thp_count(s, HPAGE_ORDER, THP_STAT_ANON_ALLOC);
	thp_defer(s, folio, false);
	ctx_pay(f->ctx, COST_ZERO_PAGE, HPAGE_PAGES);
	fault_set_content(f->m, folio + pte_slot(s, f->addr), f->content);
}

/* __do_huge_pmd_anonymous_page() */
static int new_huge(struct fault *f, uint32_t table)
{
	struct space *s = f->m->space;
	uint32_t leaf;
	pfn_t folio;
	int r = alloc_huge(f, &folio);

	if (r)
		return r;
	r = pt_new_leaf(s, f->ctx, f->vma->mm, &leaf);
	if (r) {
		group_uncharge(s->control, f->ctx->group, HPAGE_PAGES);
		page_free(s->phys, f->ctx, folio, HPAGE_ORDER);
		return r;
	}
	pt_deposit(s, table, leaf);
	map_huge(f, table, folio);
	return 0;
}

/* set_huge_zero_folio() */
static int map_zero(struct fault *f, uint32_t table)
{
	struct space *s = f->m->space;
	uint32_t leaf;
	int r = thp_zero_get(s, f->ctx, f->vma->mm);

	if (r == NEED_MEMORY && f->ctx->no_huge) {
		vmstat_event(&s->phys->stat, THP_FAULT_FALLBACK, 1);
		return FAULT_FALLBACK;
	}
	if (!r)
		r = pt_new_leaf(s, f->ctx, f->vma->mm, &leaf);
	if (r)
		return r;
	pt_deposit(s, table, leaf);
	pte_set(s, table, pmd_slot(s, f->addr),
		PTE_OF(s->thp.zero_pfn) | PTE_HUGE | fault_pte_bits(f->vma));
	return 0;
}

/* do_huge_pmd_anonymous_page() */
static int anonymous(struct fault *f)
{
	struct space *s = f->m->space;
	uint32_t table;
	int r;

	if (!thp_fits(f->vma, f->addr, HPAGE_ORDER))
		return FAULT_FALLBACK;
	r = anon_vma_prepare(s, f->ctx, f->vma_id);
	if (!r)
		r = pt_make(s, f->ctx, f->vma->mm, f->addr, 2, &table);
	if (r)
		return r;
	thp_scan_vma(s, f->ctx, f->vma_id, f->vma->flags);
	if (!(f->flags & FAULT_FLAG_WRITE) && s->thp.zero_page)
		return map_zero(f, table);
	return new_huge(f, table);
}

/* do_huge_zero_wp_pmd(): the deposited table stays. */
static int zero_write(struct fault *f, uint32_t table)
{
	struct space *s = f->m->space;
	pfn_t folio;
	int r = alloc_huge(f, &folio);

	if (r)
		return r;
	pte_set(s, table, pmd_slot(s, f->addr), 0);
	map_huge(f, table, folio);
	return 0;
}

/* The folio is this address space's alone now: one PMD and no more. */
static bool reusable(struct space *s, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);

	if (f->word & PG_EXCLUSIVE)
		return true;
	if (*folio_nr_pmds(f) != 1)
		return false;
	for (unsigned i = 0; i < HPAGE_PAGES; i++)
		if (frame_mapcount(f + i) != 1)
			return false;
	return !(f->word & PG_SWAPCACHE) ||
	       swap_free_folio(s->cache, ctx, folio);
}

/* do_huge_pmd_wp_page() */
static int write_protected(struct fault *f, uint32_t table, uint64_t pmd)
{
	struct space *s = f->m->space;
	pfn_t folio = PTE_PFN(pmd);
	struct frame *head = frame_at(s->phys, folio);
	int r;

	if (frame_type(head) == FRAME_ZERO) {
		r = zero_write(f, table);
		if (r != FAULT_FALLBACK)
			return r;
	} else if (frame_type(head) == FRAME_ANON &&
		   reusable(s, f->ctx, folio)) {
		if (!(head->word & PG_EXCLUSIVE)) {
			head->word |= PG_EXCLUSIVE;
			head->owner = f->vma->anon_vma;
			head->index =
				(uint32_t)(vma_index(f->vma,
						     f->addr &
							     ~(table_bytes(s) -
							       1)) -
					   anon_vma_at(s, head->owner)->base);
		}
		pte_set(s, table, pmd_slot(s, f->addr),
			(pmd & ~PTE_SHARED) | PTE_WRITE | PTE_DIRTY |
				PTE_ACCESSED);
		fault_set_content(f->m, folio + pte_slot(s, f->addr),
				  f->content);
		return 0;
	}
	pmd_split(s, f->ctx, f->vma_id, f->addr);
	return FAULT_FALLBACK;
}

/* --- shared memory ----------------------------------------------------------
 */
/* shmem_alloc_and_add_folio(): the largest order that may be and can. Small
 * pages are no matter of this. */
static int new_shmem(struct fault *f, uint32_t inode, uint64_t index,
		     pfn_t *ret_folio)
{
	struct space *s = f->m->space;
	struct vmstat *stat = &s->phys->stat;
	uint32_t gfp = thp_gfp(s, f->vma->flags);
	uint32_t orders =
		thp_shmem_orders(s, inode, f->vma, f->vma->flags, index, false);

	for (unsigned o = HPAGE_ORDER; o && orders; o--) {
		int r;

		if (!(orders >> o & 1) || !thp_fits(f->vma, f->addr, o) ||
		    fault_gave_up(f, o))
			continue;
		r = shmem_new_large(s->cache, f->ctx, inode, index, o, gfp,
				    ret_folio);
		if (!r && o == HPAGE_ORDER)
			vmstat_event(stat, THP_FILE_ALLOC, 1);
		if (!r)
			thp_count(s, o, THP_STAT_SHMEM_ALLOC);
		if (r <= 0)
			return r;
		if (r == EEXIST || r == ENOSPC)
			continue;
		if (r == NEED_CHARGE || (r == NEED_MEMORY && o == HPAGE_ORDER &&
					 ctx_may_wait(f->ctx, gfp, o)))
			return r;
		if (o == HPAGE_ORDER)
			vmstat_event(stat, THP_FILE_FALLBACK, 1);
		thp_count(s, o, THP_STAT_SHMEM_FALLBACK);
		f->ctx->huge_counted = o;
		if (r != ENOMEM)
			continue;
		if (o == HPAGE_ORDER)
			vmstat_event(stat, THP_FILE_FALLBACK_CHARGE, 1);
		thp_count(s, o, THP_STAT_SHMEM_FALLBACK_CHARGE);
	}
	return FAULT_FALLBACK;
}

/* do_set_pmd() */
void fault_set_pmd(struct fault *f, uint32_t table, pfn_t folio)
{
	struct space *s = f->m->space;
	bool write = f->flags & FAULT_FLAG_WRITE;
	uint64_t bits = fault_pte_bits(f->vma) | PTE_SHARED | PTE_HUGE;

	if (write)
		bits |= PTE_DIRTY;
	if ((f->vma->flags & (VM_SHARED | VM_WRITE)) == (VM_SHARED | VM_WRITE))
		bits |= PTE_WRITE;
	if (write)
		folio_mark_dirty(s->cache, f->ctx, folio);
	rmap_add_pmd(s, folio);
	pte_set(s, table, pmd_slot(s, f->addr), PTE_OF(folio) | bits);
	vmstat_event(&s->phys->stat, THP_FILE_MAPPED, 1);
	if (write)
		fault_set_content(f->m, folio + pte_slot(s, f->addr),
				  f->content);
}

/* A huge page that is still in the swap cache goes back to its file. */
static int back_from_swap(struct fault *f, uint32_t inode, uint64_t index,
			  pfn_t *ret_folio)
{
	struct space *s = f->m->space;
	swp_t swp = shmem_swap_at(s->cache, inode, index);
	pfn_t folio = swp ? swap_find(s->cache, swp) : PFN_NONE;
	bool major = false;

	if (!swp)
		return new_shmem(f, inode, index, ret_folio);
	if (folio == PFN_NONE ||
	    frame_order(frame_at(s->phys, folio)) != HPAGE_ORDER)
		return FAULT_FALLBACK;
	return shmem_swap_in(s->cache, f->ctx, inode, index, ret_folio, &major);
}

/* No PMD yet: a folio of shared memory that may be large, mapped whole. */
static int shared(struct fault *f)
{
	struct space *s = f->m->space;
	uint32_t inode = file_at(s->cache, f->vma->file)->inode, table;
	bool copied = (f->flags & FAULT_FLAG_WRITE) &&
		      !(f->vma->flags & VM_SHARED);
	uint64_t index = vma_index(f->vma, f->addr);
	const struct inode *i = inode_at(s->cache, inode);
	pfn_t folio;
	int r = pt_make(s, f->ctx, f->vma->mm, f->addr, 2, &table);

	if (r)
		return r;
	if (index >= (i->size + PAGE_SIZE - 1) >> PAGE_SHIFT)
		return FAULT_FALLBACK;
	folio = cache_find(s->cache, inode, index);
	if (folio == PFN_NONE)
		r = back_from_swap(f, inode, index, &folio);
	if (r)
		return r;
	if (copied || f->vma->flags & VM_NOHUGEPAGE ||
	    frame_order(frame_at(s->phys, folio)) != HPAGE_ORDER ||
	    table_at(s, table)->entry[pmd_slot(s, f->addr)] ||
	    !thp_fits(f->vma, f->addr, HPAGE_ORDER))
		return FAULT_FALLBACK;
	fault_set_pmd(f, table, folio);
	return 0;
}

/* A hole or an unmapped page of shared memory that is not all small. */
static bool may_be_shared(const struct fault *f, uint64_t pmd)
{
	const struct space *s = f->m->space;

	if (!fault_is_shmem(f))
		return false;
	return !pmd || !pte_get(s, mm_at(s, f->vma->mm), f->addr);
}

/* No hint is in the way any more. */
static int used(struct fault *f, uint32_t table)
{
	struct space *s = f->m->space;
	uint64_t pmd = table_at(s, table)->entry[pmd_slot(s, f->addr)];

	return fault_huge_hit(f, f->vma->mm) ? 0
					     : write_protected(f, table, pmd);
}

int fault_huge(struct fault *f)
{
	struct space *s = f->m->space;
	uint32_t table = pt_find(s, mm_at(s, f->vma->mm), f->addr, 2);
	uint64_t pmd = table ? table_at(s, table)->entry[pmd_slot(s, f->addr)]
			     : 0;

	if (pmd_huge(pmd) && pmd & PTE_HINT) {
		int r = fault_hint(f, table, pmd_slot(s, f->addr));

		return r ? r : used(f, table);
	}
	if (pmd_huge(pmd))
		return write_protected(f, table, pmd);
	if (f->vma->file)
		return may_be_shared(f, pmd) ? shared(f) : FAULT_FALLBACK;
	if (pmd)
		return FAULT_FALLBACK;
	if (!(thp_orders(s, f->vma, f->vma->flags, THP_FOR_FAULT) >>
		      HPAGE_ORDER &
	      1))
		return FAULT_FALLBACK;
	return anonymous(f);
}

bool fault_huge_hit(struct fault *f, uint32_t mm)
{
	struct space *s = f->m->space;
	uint32_t table = pt_find(s, mm_at(s, mm), f->addr, 2);
	bool write = f->flags & FAULT_FLAG_WRITE;
	unsigned slot = pmd_slot(s, f->addr);
	uint64_t pmd = table ? table_at(s, table)->entry[slot] : 0;

	if (!pmd_huge(pmd) || pmd & PTE_HINT || (write && !(pmd & PTE_WRITE)))
		return false;
	pte_set(s, table, slot, pmd | PTE_ACCESSED | (write ? PTE_DIRTY : 0));
	if (write)
		fault_set_content(f->m, PTE_PFN(pmd) + pte_slot(s, f->addr),
				  f->content);
	return true;
}
