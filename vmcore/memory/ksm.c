// SPDX-License-Identifier: Apache-2.0
/* One page against the others: cmp_and_merge_page(), break_ksm()
 * (mm/ksm.c). */
#include "vmcore/memory/ksm.h"

#include "vmcore/memory/fault.h"

/* A page of an item, where it is mapped now. */
struct spot {
	uint32_t vma, table;
	unsigned slot;
	uint64_t addr;
};

/* find_mergeable_vma() and the entry of @page; false: it is not there. */
static bool find_spot(const struct space *s, uint32_t item, pfn_t page,
		      struct spot *at)
{
	const struct ksm_item *i = ksm_item_at(&s->ksm_items, item);
	const struct ksm_slot *p = pool_at(&s->ksm_slots, i->slot);
	uint64_t pte;

	at->addr = i->addr;
	at->vma = vma_find(s, p->mm, i->addr);
	if (!at->vma || vma_at(s, at->vma)->start > i->addr ||
	    !(vma_at(s, at->vma)->flags & VM_MERGEABLE) ||
	    !vma_at(s, at->vma)->anon_vma)
		return false;
	at->table = pt_find(s, mm_at(s, p->mm), i->addr, 1);
	at->slot = pte_slot(s, i->addr);
	if (!at->table)
		return false;
	pte = table_at(s, at->table)->entry[at->slot];
	return (pte & PTE_PRESENT) && PTE_PFN(pte) == page;
}

/* Out of its huge page, and nowhere else than in tables. */
static bool single(struct space *s, struct ctx *ctx, pfn_t page)
{
	pfn_t folio = folio_head(s->phys, page);
	struct frame *f = frame_at(s->phys, folio);

	if (f->word & (PG_WRITEBACK | PG_LOCKED))
		return false;
	if (frame_order(f) && !folio_split(s, ctx, folio))
		return false;
	f = frame_at(s->phys, page);
	return frame_type(f) == FRAME_ANON &&
	       (!(f->word & PG_SWAPCACHE) ||
		swap_free_folio(s->cache, ctx, page));
}

/* Entry @at leads to @page no more but to @to (replace_page()). */
static void replace(struct space *s, struct ctx *ctx, const struct spot *at,
		    pfn_t page, pfn_t to, uint64_t bits)
{
	const struct vma *v = vma_at(s, at->vma);
	bool zero = to == s->phys->zero_pfn;

	pte_set(s, at->table, at->slot, 0);
	if (v->flags & VM_LOCKED)
		lru_munlock(s->control, page);
	rmap_remove(s, ctx, page);
	if (!zero)
		rmap_add(s, to);
	if (!zero && (v->flags & VM_LOCKED))
		lru_mlock(s->control, to);
	pte_set(s, at->table, at->slot, PTE_OF(to) | fault_pte_bits(v) | bits);
}

/* try_to_merge_one_page() with a KSM page. */
static bool merge(struct space *s, struct ctx *ctx, uint32_t item, pfn_t page,
		  pfn_t ksm)
{
	struct spot at;

	/* A KSM page forked: it is there already. */
	if (page == ksm)
		return true;
	if (!single(s, ctx, page) || !find_spot(s, item, page, &at) ||
	    frame_at(s->phys, page)->content != frame_at(s->phys, ksm)->content)
		return false;
	replace(s, ctx, &at, page, ksm, PTE_SHARED);
	return true;
}

/* try_to_merge_with_zero_page() */
static bool merge_zero(struct space *s, struct ctx *ctx, uint32_t item,
		       pfn_t page)
{
	struct spot at;

	if (!s->ksm.use_zero_pages || frame_at(s->phys, page)->content ||
	    !single(s, ctx, page) || !find_spot(s, item, page, &at))
		return false;
	/* A dirty entry tells it from zeroes that were read. */
	replace(s, ctx, &at, page, s->phys->zero_pfn, PTE_DIRTY);
	return true;
}

/* The page of an item in the unstable tree, as it is now. */
static pfn_t page_of(const struct space *s, uint32_t item)
{
	const struct ksm_item *i = ksm_item_at(&s->ksm_items, item);
	const struct ksm_slot *p = pool_at(&s->ksm_slots, i->slot);
	uint32_t id = vma_find(s, p->mm, i->addr);
	uint64_t addr = i->addr;
	pfn_t page;

	if (!id || vma_at(s, id)->start > addr ||
	    !(vma_at(s, id)->flags & VM_MERGEABLE) ||
	    !ksm_next_page(s, vma_at(s, id), &addr, &page) || addr != i->addr)
		return PFN_NONE;
	return page;
}

/* The entry of the first of two pages becomes one of a KSM page
 * (write_protect_page()). */
static void protect(struct space *s, const struct spot *at)
{
	uint64_t pte = table_at(s, at->table)->entry[at->slot];

	pte_set(s, at->table, at->slot,
		(pte & ~(PTE_WRITE | PTE_DIRTY)) | PTE_SHARED);
}

/* try_to_merge_two_pages(), stable_tree_insert() */
static int merge_two(struct space *s, struct ctx *ctx, uint32_t item,
		     pfn_t page, uint32_t other, pfn_t other_page)
{
	struct spot at, there;
	uint32_t node;
	int r;

	if (!single(s, ctx, page) || !single(s, ctx, other_page) ||
	    !find_spot(s, item, page, &at) ||
	    !find_spot(s, other, other_page, &there))
		return 0;
	r = ksm_stable_insert(s, ctx, page, &node);
	if (r)
		return r < 0 ? r : 0;
	protect(s, &at);
	merge(s, ctx, other, other_page, page);
	ksm_item_out(s, ctx, other);
	ksm_append(s, other, node);
	ksm_append(s, item, node);
	return 0;
}

/* unstable_tree_search_insert() */
static int unstable(struct space *s, struct ctx *ctx, uint32_t item, pfn_t page)
{
	uint64_t key = ksm_key(s, page);
	uint32_t other = (uint32_t)xa_load(&s->ksm_tree, &s->ksm.unstable, key);
	pfn_t other_page;

	if (!other)
		return ksm_unstable_insert(s, item, key);
	other_page = page_of(s, other);
	/* It is gone, or the same one, forked. */
	if (other_page == PFN_NONE || other_page == page)
		return 0;
	if ((frame_at(s->phys, other_page)->word & PG_KSM) ||
	    ksm_key(s, other_page) != key)
		return ksm_unstable_insert(s, item, key);
	return merge_two(s, ctx, item, page, other, other_page);
}

/* A page that is none of KSM's: has it rested since the last look? */
static bool rested(struct ksm_item *i, uint32_t content)
{
	bool same = i->seen && i->checksum == content;

	i->seen = 1;
	i->checksum = content;
	return same;
}

int ksm_compare(struct memory *m, struct ctx *ctx, uint32_t item, pfn_t page)
{
	struct space *s = m->space;
	struct ksm_item *i = ksm_item_at(&s->ksm_items, item);
	const struct frame *f = frame_at(s->phys, page);
	uint32_t node;

	if (f->word & PG_KSM) {
		node = f->owner;
		if (i->place == KSM_STABLE && i->node == node)
			return 0;
	} else {
		ksm_item_out(s, ctx, item);
		if (!rested(i, f->content) || merge_zero(s, ctx, item, page))
			return 0;
		node = ksm_stable_find(s, ctx, ksm_key(s, page));
	}
	ksm_item_out(s, ctx, item);
	if (!node)
		return unstable(s, ctx, item, page);
	if (merge(s, ctx, item, page, ksm_node_page(s, node)))
		ksm_append(s, item, node);
	return 0;
}

/* --- and back
 * ------------------------------------------------------------------- */
/* wp_page_copy() for FAULT_FLAG_UNSHARE: its own, clean and read-only. */
static int unshare(struct fault *f, uint64_t pte)
{
	struct space *s = f->m->space;
	pfn_t old = PTE_PFN(pte), page;
	bool zero = old == s->phys->zero_pfn;
	int r = fault_new_anon(f, &page);

	if (r)
		return r;
	if (!zero)
		vmstat_event(&s->phys->stat, COW_KSM, 1);
	frame_at(s->phys, page)->content = frame_at(s->phys, old)->content;
	pte_set(s, f->table, f->slot, 0);
	if (!zero && (f->vma->flags & VM_LOCKED))
		lru_munlock(s->control, old);
	if (!zero)
		rmap_remove(s, f->ctx, old);
	rmap_add(s, page);
	lru_add(s->control, page);
	fault_mlock(f, page, 1);
	pte_set(s, f->table, f->slot, PTE_OF(page) | fault_pte_bits(f->vma));
	vmstat_event(&s->phys->stat, PGFAULT, 1);
	group_event(s->control, f->ctx->group, PGFAULT, 1);
	ctx_pay(f->ctx, COST_MINOR_FAULT, 1);
	ctx_pay(f->ctx, COST_COPY_PAGE, 1);
	f->ctx->minor_faults++;
	return 0;
}

static bool is_ksm(const struct space *s, uint64_t pte)
{
	const struct frame *f = frame_at(s->phys, PTE_PFN(pte));

	if (!(pte & PTE_PRESENT))
		return false;
	if (frame_type(f) == FRAME_ZERO)
		return pte & PTE_DIRTY;
	return frame_type(f) == FRAME_ANON && (f->word & PG_KSM);
}

int ksm_break(struct memory *m, struct ctx *ctx, uint32_t vma, uint64_t start,
	      uint64_t end)
{
	struct space *s = m->space;
	struct fault f = {
		.m = m, .ctx = ctx, .vma = vma_at(s, vma), .vma_id = vma
	};
	const struct mm *mm = mm_at(s, f.vma->mm);
	uint64_t base = 0;
	int r = 0;

	if (!f.vma->anon_vma)
		return 0;
	for (; !r && (f.table = pt_next_leaf(s, mm, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		uint64_t stop = base + table_bytes(s) < end
					? base + table_bytes(s)
					: end;

		f.addr = start > base ? start : base;
		for (; f.addr < stop && !r; f.addr += PAGE_SIZE) {
			uint64_t pte;

			f.slot = pte_slot(s, f.addr);
			pte = table_at(s, f.table)->entry[f.slot];
			if (is_ksm(s, pte))
				r = unshare(&f, pte);
		}
	}
	return r;
}
