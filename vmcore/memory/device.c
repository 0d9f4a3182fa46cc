// SPDX-License-Identifier: Apache-2.0
/* A driver's memory in a process: a page a fault (vm_ops->fault(), as
 * uio_vma_fault()), or all of it at once (remap_vmalloc_range(),
 * remap_pfn_range()). */
#include "vmcore/cache/device.h"

#include "vmcore/memory/fault.h"

#include <errno.h>

/* What its mmap() sets, by the way it maps. */
static const uint32_t way_flags[] = {
	[DEVICE_FAULT] = VM_DONTEXPAND | VM_DONTDUMP,
	[DEVICE_REMAP] = VM_DONTEXPAND | VM_DONTDUMP | VM_MIXEDMAP,
	[DEVICE_PFN] = VM_DONTEXPAND | VM_DONTDUMP | VM_IO | VM_PFNMAP,
};

uint32_t device_flags(enum device_way way)
{
	return way_flags[way];
}

/* vm_page_prot: who may write does so without telling anybody, as nothing is
 * ever written back (vma_wants_writenotify()). */
static uint64_t entry_bits(const struct vma *v)
{
	const uint32_t both = VM_SHARED | VM_WRITE;

	return fault_pte_bits(v) | ((v->flags & both) == both ? PTE_WRITE : 0);
}

/* do_cow_fault(): a copy of its own, of what the driver has. */
static int private_write(struct fault *f)
{
	pfn_t page;
	int r = anon_vma_prepare(f->m->space, f->ctx, f->vma_id);

	if (!r)
		r = fault_new_anon(f, &page);
	if (r)
		return r;
	ctx_pay(f->ctx, COST_COPY_PAGE, 1);
	fault_map_anon(f, page, PTE_DIRTY);
	fault_set_content(f->m, page, f->content);
	return 0;
}

int fault_device(struct fault *f)
{
	struct space *s = f->m->space;
	bool write = f->flags & FAULT_FLAG_WRITE;
	pfn_t page = PFN_NONE;

	/* What was mapped at once has no handler for what went since. */
	if (!(f->vma->flags & (VM_MIXEDMAP | VM_PFNMAP)))
		page = device_page(s->cache, f->vma->file,
				   vma_index(f->vma, f->addr));
	if (page == PFN_NONE)
		return FAULT_SIGBUS;
	if (write && !(f->vma->flags & VM_SHARED))
		return private_write(f);
	rmap_add(s, page);
	pte_set(s, f->table, f->slot,
		PTE_OF(page) | entry_bits(f->vma) | PTE_SHARED |
			(write ? PTE_DIRTY : 0));
	if (write)
		fault_set_content(f->m, page, f->content);
	return 0;
}

/* vm_insert_page() or remap_pfn_range() of what one table covers. */
static void fill_table(struct space *s, const struct vma *v, uint32_t table,
		       uint64_t at, uint64_t end)
{
	uint64_t bits = entry_bits(v);
	bool pfn = v->flags & VM_PFNMAP;

	for (; at < end; at += PAGE_SIZE) {
		pfn_t page = device_page(s->cache, v->file, vma_index(v, at));

		if (!pfn)
			rmap_add(s, page);
		pte_set(s, table, pte_slot(s, at),
			PTE_OF(page) | bits | (pfn ? PTE_SPECIAL : PTE_SHARED));
	}
}

int memory_remap(struct memory *m, struct ctx *ctx, uint32_t mm, uint64_t *at,
		 uint64_t end)
{
	struct space *s = m->space;
	uint64_t stop = (*at | (table_bytes(s) - 1)) + 1;
	uint32_t table;
	int r;

	if (*at >= end)
		return 0;
	r = pt_make(s, ctx, mm, *at, 1, &table);
	if (r)
		return r;
	if (stop > end)
		stop = end;
	fill_table(s, vma_at(s, vma_find(s, mm, *at)), table, *at, stop);
	ctx_pay(ctx, COST_SCAN_PAGE, (uint32_t)((stop - *at) >> PAGE_SHIFT));
	*at = stop;
	return STEP_MORE;
}
