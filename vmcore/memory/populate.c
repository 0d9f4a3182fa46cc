// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/memory.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

/* How a VMA is faulted in: writable private memory is written, the rest is
 * read (populate_vma_page_range()). */
static bool writes(const struct vma *v, int write)
{
	if (write)
		return write == 2;
	return (v->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
}

/* FOLL_TOUCH: each page that is passed counts as used once more. */
static void touched(struct space *s, const struct mm *mm, uint64_t addr)
{
	uint64_t pte = pte_get(s, mm, addr);
	pfn_t folio;

	if (!(pte & PTE_PRESENT) || PTE_PFN(pte) == s->phys->zero_pfn)
		return;
	folio = folio_head(s->phys, PTE_PFN(pte));
	lru_mark_accessed(s->control, folio);
}

int memory_populate(struct memory *m, struct ctx *ctx, uint32_t mm,
		    uint64_t *cursor, uint64_t end, int write,
		    struct fault_result *ret_fault)
{
	struct space *s = m->space;
	struct fault_result fault = { false, false };
	uint32_t id = *cursor < end ? vma_find(s, mm, *cursor) : 0;
	const struct vma *v;
	int r;

	*ret_fault = fault;
	if (!id || vma_at(s, id)->start >= end)
		return 0;
	v = vma_at(s, id);
	if (*cursor < v->start)
		*cursor = v->start;
	r = !(v->flags & VM_ACCESS)
		    ? FAULT_SIGSEGV
		    : memory_access(
			      m, ctx, mm, *cursor,
			      FAULT_FLAG_POPULATE |
				      (writes(v, write) ? FAULT_FLAG_WRITE : 0),
			      CONTENT_OWN, &fault);
	if (r == FAULT_SIGSEGV || r == FAULT_SIGBUS)
		*cursor = v->end;
	if (r)
		return r;
	touched(s, mm_at(s, mm), *cursor);
	/* The retry after reading is not told from a first attempt, and only
	 * the last one counts (faultin_page()). */
	fault.major = false;
	*ret_fault = fault;
	*cursor += PAGE_SIZE;
	return STEP_MORE;
}
