// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/pagemap: fs/proc/task_mmu.c pagemap_read(). */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/space/pgtable.h"

#include <errno.h>

#define PM_EXCLUSIVE (1ull << 56)
#define PM_FILE	     (1ull << 61)
#define PM_SWAP	     (1ull << 62)
#define PM_PRESENT   (1ull << 63)

#define SWAP_TYPE_BITS 5 /* MAX_SWAPFILES_SHIFT */

/* Areas of the kernel count from 0. */
static uint64_t swap_entry(swp_t swp)
{
	return PM_SWAP | (swp_area(swp) - 1) |
	       (uint64_t)swp_slot(swp) << SWAP_TYPE_BITS;
}

/* pagemap_hugetlb_range(): a private mapping's are anonymous. */
static uint64_t huge_bits(const struct machine *m, pfn_t page)
{
	const struct phys *p = &m->phys;
	const struct frame *f = frame_at(p, huge_head(p, folio_head(p, page)));

	return (frame_mapcount(f) == 1 ? PM_EXCLUSIVE : 0) |
	       (inode_at(&m->cache, f->owner)->huge_shared ? PM_FILE : 0);
}

/* pte_to_pagemap_entry(): the zero page is present and nothing else. */
static uint64_t pagemap_entry(const struct machine *m, uint64_t entry,
			      pfn_t page)
{
	const struct phys *p = &m->phys;
	uint64_t value = PM_PRESENT | page;
	const struct frame *f;

	if (!entry)
		return 0;
	if (!(entry & PTE_PRESENT))
		return swap_entry(pte_swap(entry));
	f = frame_at(p, folio_head(p, page));
	if (frame_type(f) == FRAME_HUGETLB)
		return value | huge_bits(m, page);
	if (entry & PTE_SPECIAL ||
	    (frame_type(f) != FRAME_ANON && frame_type(f) != FRAME_FILE &&
	     frame_type(f) != FRAME_VMALLOC))
		return value;
	if (frame_mapcount(frame_at(p, page)) == 1)
		value |= PM_EXCLUSIVE;
	return frame_type(f) != FRAME_ANON ? value | PM_FILE : value;
}

static void put_entry(struct outbuf *out, uint64_t value)
{
	unsigned char bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	out_bytes(out, bytes, sizeof(bytes));
}

/* What one PMD covers, from @addr to @end at most. Returns where to go on. */
static uint64_t put_pmd(const struct machine *m, uint32_t mm, uint64_t addr,
			uint64_t end, struct outbuf *out)
{
	const struct paging *pg = &m->space.paging;
	unsigned down = pg->levels - 1; /* entries read down to the PMD */
	uint64_t next = (addr | (pg->table_bytes - 1)) + 1, huge = 0, mask = 0;
	const struct table *t = NULL;
	struct walk w;

	if (next < end)
		end = next;
	pt_walk(&m->space, mm, addr, &w);
	if (w.levels > down) {
		t = table_at(&m->space, w.table[down]);
	} else if (w.levels && w.entry[w.levels - 1] & PTE_HUGE) {
		huge = w.entry[w.levels - 1];
		mask = level_bytes(&m->space, pg->levels + 1 - w.levels) - 1;
	}
	for (; addr < end; addr += PAGE_SIZE) {
		uint64_t e = t ? t->entry[pte_slot(&m->space, addr)] : huge;

		put_entry(out,
			  pagemap_entry(m, e,
					PTE_PFN(e) + (pfn_t)((addr & mask) >>
							     PAGE_SHIFT)));
	}
	return end;
}

static int show_pagemap(const struct view *v, struct outbuf *out)
{
	uint64_t task_size = v->m->space.paging.task_size;
	uint64_t addr = v->off / 8 << PAGE_SHIFT, end;

	if (v->off % 8 || v->len % 8)
		return -EINVAL;
	if (!view_mm(v) || v->off / 8 >= task_size >> PAGE_SHIFT)
		return 0;
	end = addr + ((uint64_t)v->len / 8 << PAGE_SHIFT);
	if (end > task_size)
		end = task_size;
	while (addr < end && !out->error)
		addr = put_pmd(v->m, view_task(v)->mm, addr, end, out);
	return 0;
}

#define PAGEMAP(name)                                              \
	{                                                          \
		.path = name, .mode = 0400,                        \
		.flags = FSNODE_SIZE0 | FSNODE_OFFSET | FSNODE_MM, \
		.show = show_pagemap,                              \
	}
const struct fsnode pid_pagemap_nodes[] = {
	PAGEMAP("proc/$pid/pagemap"),
	PAGEMAP("proc/$pid/task/$tid/pagemap"),
};
const unsigned nr_pid_pagemap_nodes = ARRAY_SIZE(pid_pagemap_nodes);
