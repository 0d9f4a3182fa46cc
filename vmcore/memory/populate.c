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
	if (frame_type(frame_at(s->phys, folio)) == FRAME_VMALLOC) {
		frame_at(s->phys, folio)->word |= PG_REFERENCED;
		return;
	}
	lru_mark_accessed(s->control, folio);
}

/* follow_page_mask(): a huge page is passed at once. */
static uint64_t passed_to(const struct space *s, const struct mm *mm,
			  uint64_t addr)
{
	if (pmd_huge(pmd_get(s, mm, addr)))
		return (addr | (table_bytes(s) - 1)) + 1;
	return addr + PAGE_SIZE;
}

/* check_vma_flags() */
static bool permitted(const struct vma *v, bool write)
{
	return v->flags & (write ? VM_WRITE : VM_READ) &&
	       !(v->flags & (VM_IO | VM_PFNMAP));
}

static int passed(uint64_t *cursor, uint64_t to, int r)
{
	*cursor = to;
	return r;
}

int memory_populate(struct memory *m, struct ctx *ctx, uint32_t mm,
		    uint64_t *cursor, uint64_t end, int write,
		    struct fault_result *ret_fault)
{
	struct space *s = m->space;
	struct fault_result fault = { false, false, false };
	uint32_t id = *cursor < end ? vma_find(s, mm, *cursor) : 0;
	const struct vma *v = id ? vma_at(s, id) : NULL;
	uint32_t flags = FAULT_FLAG_POPULATE;
	int r;

	*ret_fault = fault;
	if (*cursor >= end)
		return 0;
	if (!v || v->start >= end)
		return passed(cursor, end, ENOMEM);
	if (*cursor < v->start)
		return passed(cursor, v->start, ENOMEM);
	/* __mm_populate() passes them over. */
	if (!write && v->flags & (VM_IO | VM_PFNMAP))
		return passed(cursor, v->end, STEP_MORE);
	if (writes(v, write))
		flags |= FAULT_FLAG_WRITE;
	if (!permitted(v, flags & FAULT_FLAG_WRITE))
		return passed(cursor, v->end, EACCES);
	r = memory_access(m, ctx, mm, *cursor, flags, CONTENT_OWN, &fault);
	if (r == FAULT_SIGSEGV || r == FAULT_SIGBUS)
		return passed(cursor, v->end, r);
	if (r)
		return r;
	touched(s, mm_at(s, mm), *cursor);
	/* Without FOLL_UNLOCKABLE the attempt after reading is taken for a
	 * first one, and only the last counts; with it all are TRIED. */
	fault.major = write && (fault.major || fault.restarted);
	*ret_fault = fault;
	*cursor = passed_to(s, mm_at(s, mm), *cursor);
	return STEP_MORE;
}
