// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/memory.h"
#include "vmcore/space/hugetlb.h"
#include "vmcore/space/vma.h"

/* A page that was written may be written again at once
 * (can_change_pte_writable()): private ones that are exclusive, shared ones
 * whose entry is dirty or that nobody writes back. */
static bool may_write_at_once(const struct space *s, const struct vma *v,
			      uint64_t pte)
{
	const struct frame *f = frame_at(s->phys, PTE_PFN(pte));
	const struct frame *head =
		frame_at(s->phys, folio_head(s->phys, PTE_PFN(pte)));

	if (v->flags & VM_SHARED)
		return (pte & PTE_DIRTY) || (head->word & PG_SWAPBACKED) ||
		       frame_type(head) == FRAME_VMALLOC;
	return frame_type(head) == FRAME_ANON && (f->word & PG_EXCLUSIVE);
}

static void change_entry(struct space *s, const struct vma *v, uint32_t table,
			 unsigned slot)
{
	uint64_t pte = table_at(s, table)->entry[slot];

	if (!(pte & PTE_PRESENT))
		return;
	pte &= ~(PTE_WRITE | PTE_NX);
	if (!(v->flags & VM_EXEC))
		pte |= PTE_NX;
	if ((v->flags & VM_WRITE) && may_write_at_once(s, v, pte))
		pte |= PTE_WRITE;
	pte_set(s, table, slot, pte);
}

/* change_protection(): entries follow the VMA's new rights. */
static void change_entries(struct space *s, struct ctx *ctx, uint32_t vma,
			   uint64_t start, uint64_t end)
{
	const struct vma *v = vma_at(s, vma);
	uint64_t base = 0;
	uint32_t t;

	if (v->flags & VM_HUGETLB) {
		huge_protect(s, v, start, end);
		return;
	}
	for (; (t = pt_next_whole(s, ctx, vma, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		unsigned i = start > base ? pte_slot(s, start) : 0;
		unsigned last = end >= base + table_bytes(s) ? table_slots(s)
							     : pte_slot(s, end);

		if (table_at(s, t)->level > 1) {
			change_entry(s, v, t, pmd_slot(s, base));
			continue;
		}
		for (; i < last; i++)
			change_entry(s, v, t, i);
	}
}

/* Newly writable private memory is charged (mprotect_fixup()). */
static int charge(struct space *s, const struct vma *v, uint64_t pages,
		  uint32_t *flags)
{
	const uint32_t no = VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED |
			    VM_NORESERVE;
	int r;

	if (*flags & VM_WRITE) {
		if (v->flags & no)
			return 0;
		r = commit_charge(s->control, pages, mm_at(s, v->mm)->total_vm,
				  true);
		if (!r)
			*flags |= VM_ACCOUNT;
		return r;
	}
	/* Never written: nothing private can be in it any more. */
	if ((v->flags & VM_ACCOUNT) && !v->file && !v->anon_vma)
		*flags &= ~(uint32_t)VM_ACCOUNT;
	return 0;
}

static int fixup(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t start,
		 uint64_t end, uint32_t prot)
{
	const struct vma *v = vma_at(s, vma);
	uint64_t pages = (end - start) >> PAGE_SHIFT;
	uint32_t old = v->flags, flags, now;
	int r;

	flags = (old & ~(uint32_t)VM_ACCESS) | prot;
	if (flags == old)
		return 0;
	r = charge(s, v, pages, &flags);
	if (r)
		return r;
	r = vma_modify(s, ctx, vma, start, end, flags, v->policy, &now);
	if (r) {
		if (!(old & VM_ACCOUNT) && (flags & VM_ACCOUNT))
			commit_uncharge(s->control, pages);
		return r;
	}
	if ((old & VM_ACCOUNT) && !(flags & VM_ACCOUNT))
		commit_uncharge(s->control, pages);
	change_entries(s, ctx, now, start, end);
	return 0;
}

int memory_mprotect(struct memory *m, struct ctx *ctx, uint32_t mm,
		    uint64_t start, uint64_t len, uint32_t prot)
{
	struct space *s = m->space;
	uint64_t end = start + ((len + PAGE_SIZE - 1) & PAGE_MASK), at = start;

	if (start & ~PAGE_MASK)
		return EINVAL;
	if (!len)
		return 0;
	if (end <= start)
		return ENOMEM;
	while (at < end) {
		uint32_t id = vma_find(s, mm, at);
		uint64_t stop;
		int r;

		if (!id || vma_at(s, id)->start > at)
			return ENOMEM;
		if (prot & ~(vma_at(s, id)->flags >> 4) & VM_ACCESS)
			return EACCES;
		stop = vma_at(s, id)->end < end ? vma_at(s, id)->end : end;
		r = fixup(s, ctx, id, at, stop, prot);
		if (r)
			return r;
		at = stop;
	}
	return 0;
}
