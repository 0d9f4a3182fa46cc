// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/space/hugetlb.h"
#include "vmcore/space/vma.h"

/* A private mapping that may be written: its pages become copy-on-write. */
static bool is_cow(const struct vma *v)
{
	return (v->flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

/* copy_present_pte(): the child's entry, with the parent's made read-only. */
static void copy_present(struct space *s, const struct vma *v, uint32_t from,
			 uint32_t to, unsigned slot)
{
	uint64_t pte = table_at(s, from)->entry[slot];
	pfn_t page = PTE_PFN(pte);
	struct frame *f = frame_at(s->phys, page);

	bool counted = frame_type(f) != FRAME_ZERO && !(pte & PTE_SPECIAL);

	if (is_cow(v) && (pte & PTE_WRITE))
		pte &= ~PTE_WRITE;
	if (counted)
		pte |= PTE_SHARED;
	pte_set(s, from, slot, pte);
	if (v->flags & VM_SHARED)
		pte &= ~PTE_DIRTY;
	pte_set(s, to, slot, pte & ~PTE_ACCESSED);
	if (!counted)
		return;
	f->word &= ~PG_EXCLUSIVE;
	rmap_add(s, page);
}

/* copy_nonpresent_pte(): the slot has one user more, none alone. */
static void copy_swap(struct space *s, uint32_t from, uint32_t to,
		      unsigned slot)
{
	uint64_t pte = table_at(s, from)->entry[slot] & ~PTE_SWP_EXCLUSIVE;

	swap_dup(s->cache, pte_swap(pte));
	pte_set(s, from, slot, pte);
	pte_set(s, to, slot, pte);
}

/*
 * copy_huge_pmd(): the child shares the huge page, with a page table of its
 * own deposited. What has a file is faulted in again.
 */
static int copy_huge(struct space *s, struct ctx *ctx, uint32_t dst,
		     const struct vma *v, uint32_t from, uint64_t base)
{
	unsigned slot = pmd_slot(s, base);
	uint64_t pmd = table_at(s, from)->entry[slot];
	struct frame *f = frame_at(s->phys, PTE_PFN(pmd));
	uint32_t to, leaf;
	int r;

	if (v->file)
		return 0;
	r = pt_make(s, ctx, dst, base, 2, &to);
	if (!r && frame_type(f) == FRAME_ZERO)
		r = thp_zero_get(s, ctx, dst);
	if (!r)
		r = pt_new_leaf(s, ctx, dst, &leaf);
	if (r)
		return r;
	pt_deposit(s, to, leaf);
	pmd &= ~PTE_WRITE;
	if (frame_type(f) != FRAME_ZERO) {
		pmd |= PTE_SHARED;
		f->word &= ~PG_EXCLUSIVE;
		rmap_add_pmd(s, PTE_PFN(pmd));
	}
	pte_set(s, from, slot, pmd);
	pte_set(s, to, slot, pmd & ~PTE_ACCESSED);
	ctx_pay(ctx, COST_SCAN_PAGE, 1);
	return 0;
}

/* All of one PTE table that @src maps. */
static int copy_table(struct space *s, struct ctx *ctx, uint32_t dst,
		      const struct vma *v, uint32_t from, uint64_t base,
		      uint64_t start)
{
	uint64_t end = v->end < base + table_bytes(s) ? v->end
						      : base + table_bytes(s);
	const struct table *f = table_at(s, from);
	unsigned i, first = start > base ? pte_slot(s, start) : 0;
	unsigned last = end == base + table_bytes(s) ? table_slots(s)
						     : pte_slot(s, end);
	uint32_t to;
	int r;

	for (i = first; i < last && !f->entry[i]; i++)
		;
	if (i == last)
		return 0;
	r = pt_make(s, ctx, dst, base, 1, &to);
	if (r)
		return r;
	for (; i < last; i++) {
		if (is_cow(v))
			i += pte_share_run(s, from, to, i, last);
		if (i == last)
			break;
		if (f->entry[i] & PTE_PRESENT)
			copy_present(s, v, from, to, i);
		else if (f->entry[i])
			copy_swap(s, from, to, i);
	}
	ctx_pay(ctx, COST_SCAN_PAGE, last - first);
	return 0;
}

/* The child's copy of @src_vma, empty: charged, linked, with chains. */
static int copy_vma(struct space *s, struct ctx *ctx, uint32_t dst,
		    uint32_t src_vma, uint32_t *ret_vma)
{
	const struct vma *v = vma_at(s, src_vma);
	struct vma *n;
	uint32_t id;
	int r = 0;

	if (v->flags & VM_ACCOUNT)
		r = commit_charge(s->control, vma_pages(v),
				  mm_at(s, v->mm)->total_vm, true);
	if (r)
		return r;
	r = vma_new(s, ctx, &id);
	if (r)
		goto uncharge;
	n = vma_at(s, id);
	n->start = v->start;
	n->end = v->end;
	n->pgoff = v->pgoff;
	n->flags = v->flags & ~(uint32_t)(VM_LOCKED | VM_LOCKONFAULT);
	n->file = v->file;
	n->name = v->name;
	n->policy = v->policy;
	n->swap_ra = v->swap_ra;
	if (!(v->flags & VM_WIPEONFORK))
		r = anon_vma_fork(s, ctx, id, src_vma);
	if (r)
		goto free_vma;
	if (n->file)
		file_get(s->cache, n->file);
	vma_link(s, dst, id, vma_last(s, dst), 0);
	*ret_vma = id;
	return 0;
free_vma:
	vma_delete(s, ctx, id);
uncharge:
	if (v->flags & VM_ACCOUNT)
		commit_uncharge(s->control, vma_pages(v));
	return r;
}

/* vma_needs_copy(): only private pages must come along, the rest is faulted
 * in again from its file. */
static bool needs_copy(const struct vma *v)
{
	if (v->flags & VM_WIPEONFORK)
		return false;
	return v->anon_vma || (v->flags & (VM_PFNMAP | VM_MIXEDMAP));
}

int mm_fork_step(struct space *s, struct ctx *ctx, uint32_t dst, uint32_t src,
		 uint64_t *cursor)
{
	uint32_t vma = vma_find(s, src, *cursor), copy, t;
	const struct vma *v;
	uint64_t start, base = 0;
	int r;

	/* khugepaged_fork() */
	if (!*cursor && mm_at(s, src)->scanned)
		thp_scan_enter(s, ctx, dst);
	if (!vma)
		return 0;
	v = vma_at(s, vma);
	if (*cursor <= v->start) {
		if (v->flags & VM_DONTCOPY) {
			*cursor = v->end;
			return STEP_MORE;
		}
		r = copy_vma(s, ctx, dst, vma, &copy);
		if (r)
			return r;
		/* From here on the cursor is inside: the VMA is there. */
		*cursor = needs_copy(v) ? v->start + 1 : v->end;
		return STEP_MORE;
	}
	if (v->flags & VM_HUGETLB)
		return huge_fork_step(s, ctx, dst, v, cursor);
	start = *cursor & PAGE_MASK;
	t = pt_next(s, mm_at(s, src), start, v->end, &base);
	if (!t) {
		*cursor = v->end;
		return STEP_MORE;
	}
	if (base > start)
		start = base;
	if (table_at(s, t)->level > 1)
		r = copy_huge(s, ctx, dst, v, t, base);
	else
		r = copy_table(s, ctx, dst, v, t, base, start);
	if (r)
		return r;
	*cursor = base + table_bytes(s) < v->end ? base + table_bytes(s) + 1
						 : v->end;
	return STEP_MORE;
}
