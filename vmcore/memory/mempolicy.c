// SPDX-License-Identifier: Apache-2.0
/* mbind(2): do_mbind(), mbind_range() of mm/mempolicy.c. */
#include "vmcore/memory/memory.h"
#include "vmcore/space/pgtable.h"
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

static bool elsewhere(const struct space *s, uint64_t entry, uint32_t policy)
{
	pfn_t pfn = PTE_PFN(entry);

	return entry & PTE_PRESENT &&
	       frame_type(frame_at(s->phys, pfn)) != FRAME_ZERO &&
	       !(mpol_nodes(policy) >> pfn_node(s->phys, pfn) & 1);
}

/* Is there a page on a node that @policy does not name? */
static bool misplaced(const struct space *s, const struct mm *mm,
		      uint64_t start, uint64_t end, uint32_t policy)
{
	uint64_t base = 0;
	uint32_t id;

	for (; (id = pt_next(s, mm, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		const struct table *t = table_at(s, id);
		uint64_t at = start > base ? start : base;

		if (t->level > 1) {
			if (elsewhere(s, t->entry[pmd_slot(s, base)], policy))
				return true;
			continue;
		}
		for (; at < end && at < base + table_bytes(s); at += PAGE_SIZE)
			if (elsewhere(s, t->entry[pte_slot(s, at)], policy))
				return true;
	}
	return false;
}

/* vm_ops->set_policy(): shared memory keeps it for everybody. */
static int set_shared(struct space *s, const struct vma *v, uint64_t start,
		      uint64_t end, uint32_t policy)
{
	uint64_t first = vma_index(v, start);
	uint32_t inode = v->file ? file_at(s->cache, v->file)->inode : 0;

	if (!inode || inode_at(s->cache, inode)->kind != INODE_SHMEM)
		return 0;
	return shmem_policy_set(s->cache, inode, first,
				first + ((end - start) >> PAGE_SHIFT), policy);
}

int memory_mbind(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t start,
		 uint64_t len, uint32_t policy, bool strict)
{
	struct space *s = m->space;
	uint64_t end = start + ((len + PAGE_SIZE - 1) & PAGE_MASK);

	if ((start & ~PAGE_MASK) || end < start)
		return EINVAL;
	if (!mapped_throughout(s, mm, start, end))
		return EFAULT;
	if (strict && misplaced(s, mm_at(s, mm), start, end, policy))
		return EIO;
	while (start < end) {
		uint32_t id = vma_find(s, mm, start), now;
		uint64_t stop = vma_at(s, id)->end;
		int r;

		if (stop > end)
			stop = end;
		r = set_shared(s, vma_at(s, id), start, stop, policy);
		if (!r)
			r = vma_modify(s, ctx, id, start, stop,
				       vma_at(s, id)->flags, policy, &now);
		if (r)
			return r;
		start = stop;
	}
	return 0;
}
