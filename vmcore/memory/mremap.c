// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/ksm.h"
#include "vmcore/memory/memory.h"
#include "vmcore/space/hugetlb.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

struct move {
	struct memory *m;
	struct ctx *ctx;
	uint32_t mm, vma;
	uint64_t from, old_len, to, new_len;
};

/* move_huge_pmd(): whole, and to where it may be one again. */
static bool stays_huge(const struct move *v, uint32_t table, uint64_t base)
{
	const struct space *s = v->m->space;

	return table_at(s, table)->level > 1 && base >= v->from &&
	       base + table_bytes(s) <= v->from + v->old_len &&
	       !((v->to - v->from) & (table_bytes(s) - 1));
}

static void move_huge(const struct move *v, uint32_t table, uint64_t base)
{
	struct space *s = v->m->space;
	uint64_t pmd = table_at(s, table)->entry[pmd_slot(s, base)];
	uint64_t at = base - v->from + v->to;
	uint32_t to = pt_find(s, mm_at(s, v->mm), at, 2);

	pte_set(s, table, pmd_slot(s, base), 0);
	if (frame_type(frame_at(s->phys, PTE_PFN(pmd))) != FRAME_FILE)
		pt_deposit(s, to, pt_withdraw(s, table));
	pte_set(s, to, pmd_slot(s, at), pmd);
}

/* Tables for all that is mapped, so that the move itself cannot fail. */
static int make_tables(const struct move *v)
{
	struct space *s = v->m->space;
	const struct mm *mm = mm_at(s, v->mm);
	uint64_t at = v->from, end = v->from + v->old_len, base = 0;
	uint32_t t, to;

	for (; (t = pt_next(s, mm, at, end, &base)) != 0;
	     at = base + table_bytes(s)) {
		uint64_t first = base > v->from ? base : v->from;
		uint64_t last = base + table_bytes(s) < end
					? base + table_bytes(s)
					: end;
		int r;

		if (stays_huge(v, t, base)) {
			r = pt_make(s, v->ctx, v->mm, base - v->from + v->to, 2,
				    &to);
			if (r)
				return r;
			continue;
		}
		if (!table_at(s, t)->nr_used)
			continue;
		r = pt_make(s, v->ctx, v->mm, first - v->from + v->to, 1, &to);
		if (!r)
			r = pt_make(s, v->ctx, v->mm,
				    last - 1 - v->from + v->to, 1, &to);
		if (r)
			return r;
	}
	return 0;
}

/* Entries of a PTE table change place, pages do not notice. */
static void move_table(const struct move *v, uint32_t table, uint64_t at,
		       uint64_t base)
{
	struct space *s = v->m->space;
	const struct mm *mm = mm_at(s, v->mm);
	uint64_t end = v->from + v->old_len;
	unsigned i = at > base ? pte_slot(s, at) : 0;
	unsigned last = end >= base + table_bytes(s) ? table_slots(s)
						     : pte_slot(s, end);

	for (; i < last; i++) {
		uint64_t pte = table_at(s, table)->entry[i], to;

		if (!pte)
			continue;
		to = base + ((uint64_t)i << PAGE_SHIFT) - v->from + v->to;
		pte_set(s, table, i, 0);
		pte_set(s, pt_find(s, mm, to, 1), pte_slot(s, to), pte);
	}
}

/* move_page_tables() */
static void move_entries(const struct move *v)
{
	struct space *s = v->m->space;
	const struct mm *mm = mm_at(s, v->mm);
	uint64_t at = v->from, end = v->from + v->old_len, base = 0;
	uint32_t t;

	for (; (t = pt_next(s, mm, at, end, &base)) != 0;
	     at = base + table_bytes(s)) {
		if (stays_huge(v, t, base)) {
			move_huge(v, t, base);
			continue;
		}
		if (table_at(s, t)->level > 1) {
			pmd_split(s, v->ctx, v->vma, base);
			t = pt_find(s, mm, base, 1);
		}
		if (t)
			move_table(v, t, at, base);
	}
}

static int map_new(struct move *v, uint32_t *ret_vma)
{
	struct space *s = v->m->space;
	const struct vma *old = vma_at(s, v->vma);
	struct vma_spec spec = {
		.start = v->to,
		.end = v->to + v->new_len,
		.pgoff = vma_index(old, v->from),
		.flags = old->flags,
		.file = old->file,
		.anon_vma = old->anon_vma,
		.policy = old->policy,
		.name = old->name,
		.copied_from = v->vma,
	};

	/* Never written: its pages have no place yet (copy_vma()). */
	if (!old->file && !old->anon_vma)
		spec.pgoff = v->to >> PAGE_SHIFT;
	return vma_map(s, v->ctx, v->mm, &spec, ret_vma);
}

/* The old range goes, with the old VMA as far as it lay in it. */
static int drop_old(struct move *v)
{
	return memory_munmap(v->m, v->ctx, v->mm, v->from, v->old_len);
}

static int move_vma(struct move *v)
{
	struct space *s = v->m->space;
	const struct vma *old = vma_at(s, v->vma);
	uint64_t pages = v->new_len >> PAGE_SHIFT;
	uint64_t peak = mm_at(s, v->mm)->hiwater_vm;
	bool account = old->flags & VM_ACCOUNT;
	uint32_t now;
	int r = 0;

	/* Items know pages by address: none may move. */
	if (old->flags & VM_MERGEABLE)
		r = ksm_break(v->m, v->ctx, v->vma, v->from,
			      v->from + v->old_len);
	if (r)
		return r;
	if (account)
		r = commit_charge(s->control, pages, mm_at(s, v->mm)->total_vm,
				  true);
	if (r)
		return r;
	r = make_tables(v);
	if (!r)
		r = map_new(v, &now);
	if (r) {
		pt_free_range(s, v->ctx, v->mm, v->to, v->to + v->new_len,
			      v->to & ~(table_bytes(s) - 1),
			      (v->to + v->new_len + table_bytes(s) - 1) &
				      ~(table_bytes(s) - 1));
		if (account)
			commit_uncharge(s->control, pages);
		return r;
	}
	move_entries(v);
	r = drop_old(v);
	/* Both were never wanted at once: no peak. */
	mm_at(s, v->mm)->hiwater_vm = peak;
	return r;
}

/* vma_expandable() and vma_merge_extend(): the next gap has room. */
static bool grows_in_place(const struct move *v)
{
	const struct space *s = v->m->space;
	const struct vma *a = vma_at(s, v->vma);
	uint64_t end = v->from + v->new_len;
	uint32_t next = vma_next(s, v->vma);

	if (a->end != v->from + v->old_len || end > s->paging.task_size ||
	    end < a->end)
		return false;
	if (!next)
		return true;
	return vma_at(s, next)->start >=
	       end + (vma_at(s, next)->flags & VM_GROWSDOWN ? STACK_GUARD_GAP
							    : 0);
}

static int grow(struct move *v, uint64_t *ret_addr)
{
	struct space *s = v->m->space;
	const struct vma *a = vma_at(s, v->vma);
	uint64_t pages = (v->new_len - v->old_len) >> PAGE_SHIFT;
	uint64_t at;
	int r = 0;

	if (a->flags & (VM_DONTEXPAND | VM_PFNMAP))
		return EFAULT;
	if (mm_at(s, v->mm)->total_vm + pages > mm_at(s, v->mm)->rlimit_as >>
	    PAGE_SHIFT)
		return ENOMEM;
	if (grows_in_place(v)) {
		if (a->flags & VM_ACCOUNT)
			r = commit_charge(s->control, pages,
					  mm_at(s, v->mm)->total_vm, true);
		if (r)
			return r;
		vma_set_range(s, v->vma, a->start, v->from + v->new_len,
			      a->pgoff);
		*ret_addr = v->from;
		return 0;
	}
	at = memory_unmapped_area(v->m, v->mm, a->file, a->flags & VM_SHARED,
				  vma_index(a, v->from), v->new_len);
	if (at == UINT64_MAX)
		return ENOMEM;
	v->to = at;
	r = move_vma(v);
	if (!r)
		*ret_addr = at;
	return r;
}

/* check_prep_vma(): pages of a pool move whole, and their reservation does
 * not grow. */
static int huge_lengths(struct move *v)
{
	const struct vma *a = vma_at(v->m->space, v->vma);
	uint64_t bytes;

	if (!(a->flags & VM_HUGETLB))
		return 0;
	bytes = vma_huge_bytes(v->m->space, a);
	v->old_len = (v->old_len + bytes - 1) & ~(bytes - 1);
	v->new_len = (v->new_len + bytes - 1) & ~(bytes - 1);
	return v->from & (bytes - 1) || v->new_len > v->old_len ? EINVAL : 0;
}

int memory_mremap(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t addr,
		  uint64_t old_len, uint64_t new_len, uint64_t *ret_addr)
{
	struct move v = { .m = m, .ctx = ctx, .mm = mm, .from = addr };
	int r = 0;

	v.old_len = (old_len + PAGE_SIZE - 1) & PAGE_MASK;
	v.new_len = (new_len + PAGE_SIZE - 1) & PAGE_MASK;
	if ((addr & ~PAGE_MASK) || !v.new_len || !v.old_len)
		return EINVAL;
	v.vma = vma_find(m->space, mm, addr);
	if (!v.vma || vma_at(m->space, v.vma)->start > addr)
		return EFAULT;
	r = huge_lengths(&v);
	if (r)
		return r;
	if (v.new_len > v.old_len) {
		if (vma_at(m->space, v.vma)->end < addr + v.old_len)
			return EFAULT;
		return grow(&v, ret_addr);
	}
	if (v.new_len < v.old_len)
		r = memory_munmap(m, ctx, mm, addr + v.new_len,
				  v.old_len - v.new_len);
	if (!r)
		*ret_addr = addr;
	return r;
}
