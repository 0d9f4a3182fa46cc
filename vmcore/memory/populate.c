// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "vmcore/memory/memory.h"
#include "vmcore/space/vma.h"

/* How a VMA is faulted in: writable private memory is written, the rest is
 * read (populate_vma_page_range()). */
static bool writes(const struct vma *v, int write)
{
	if (write)
		return write == 2;
	return (v->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
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
	if (!(v->flags & VM_ACCESS)) {
		*cursor = v->end;
		return write ? FAULT_SIGSEGV : STEP_MORE;
	}
	r = memory_access(m, ctx, mm, *cursor,
			  FAULT_FLAG_POPULATE |
				  (writes(v, write) ? FAULT_FLAG_WRITE : 0),
			  CONTENT_OWN, &fault);
	if (r)
		return r;
	*ret_fault = fault;
	*cursor += PAGE_SIZE;
	return STEP_MORE;
}
