// SPDX-License-Identifier: Apache-2.0
/* mbind(2): do_mbind(), mbind_range() of mm/mempolicy.c. */
#include "vmcore/memory/memory.h"
#include "vmcore/space/vma.h"

#include <errno.h>

/* queue_pages_test_walk(): a hole anywhere refuses the whole. */
static bool mapped_throughout(const struct space *s, uint32_t mm,
			      uint64_t start, uint64_t end)
{
	uint32_t id = vma_find(s, mm, start);

	for (; id && vma_at(s, id)->start <= start; id = vma_next(s, id)) {
		start = vma_at(s, id)->end;
		if (start >= end)
			return true;
	}
	return start >= end;
}

int memory_mbind(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t start,
		 uint64_t len, uint32_t policy)
{
	struct space *s = m->space;
	uint64_t end = start + ((len + PAGE_SIZE - 1) & PAGE_MASK);

	if ((start & ~PAGE_MASK) || end < start)
		return EINVAL;
	if (!mapped_throughout(s, mm, start, end))
		return EFAULT;
	while (start < end) {
		uint32_t id = vma_find(s, mm, start), now;
		uint64_t stop = vma_at(s, id)->end;
		int r;

		if (stop > end)
			stop = end;
		r = vma_modify(s, ctx, id, start, stop, vma_at(s, id)->flags,
			       policy, &now);
		if (r)
			return r;
		start = stop;
	}
	return 0;
}
