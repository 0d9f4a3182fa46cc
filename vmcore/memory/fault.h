/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_FAULT_H
#define VMCORE_FAULT_H

#include "vmcore/memory/memory.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

/*
 * DOC: one page fault under way.
 *
 * Models:  struct vm_fault, mm/memory.c of 6.18.
 * Owns:    nothing; lives as long as one memory_access().
 * Units:   addr in bytes, page aligned.
 * Order:   allocations first, then entries: a repeat starts clean.
 * Omits:   userfaultfd, hardware poison.
 */
struct fault {
	struct memory *m;
	struct ctx *ctx;
	struct vma *vma;
	uint32_t vma_id;
	uint32_t flags; /* FAULT_FLAG_* */
	uint64_t addr;
	uint32_t content;
	uint32_t table; /* the PTE table of addr */
	unsigned slot;
	bool major;
	bool restarted; /* begun anew after starting to read */
};

uint64_t fault_pte_bits(const struct vma *v);
/* What a store of @content leaves in a page. */
static inline uint32_t fault_content(struct memory *m, uint32_t content)
{
	if (content != CONTENT_OWN)
		return content;
	/* Own contents count up with the top bit set, apart from the hashes
	 * that value=N gives. */
	m->next_content = (m->next_content + 1) & INT32_MAX;
	return 0x80000000u | m->next_content;
}
static inline void fault_set_content(struct memory *m, pfn_t page,
				     uint32_t content)
{
	frame_at(m->space->phys, page)->content = fault_content(m, content);
}
int fault_new_anon(struct fault *f, pfn_t *ret_page);
/*
 * ctx shall allocate 2^@order pages for @addr of @v as its policy, or the
 * task's, has it (get_vma_policy()). Return: what policy_leave() puts back.
 */
uint32_t policy_enter(struct ctx *ctx, const struct vma *v, uint64_t addr,
		      unsigned order);
static inline void policy_leave(struct ctx *ctx, uint32_t own)
{
	ctx->policy = own;
	ctx->il_index = 0;
}
/* 2^@order pages for the VMA that @f is in. As page_alloc(). */
int fault_alloc_policy(struct fault *f, unsigned order, uint32_t gfp,
		       pfn_t *ret_pfn);
static inline int fault_alloc(struct fault *f, unsigned order, uint32_t gfp,
			      pfn_t *ret_pfn)
{
	if (f->vma->policy | f->ctx->policy | order)
		return fault_alloc_policy(f, order, gfp, ret_pfn);
	return page_alloc_near(f->m->space->phys, f->ctx, 0, gfp, ret_pfn);
}
void fault_map_anon(struct fault *f, pfn_t page, uint64_t dirty);
/* @nr pages of @folio were mapped at once. */
void fault_mlock(struct fault *f, pfn_t folio, unsigned nr);

/*
 * fault-run.c: only plain private anonymous memory, and nobody who looks at
 * each page: its faults may be taken many at a time.
 */
bool fault_plain(const struct fault *f, bool write);
/* Up to @want charged pages for it, from @ret_first on by frame.next; each is
 * to be dressed. Return: how many. */
unsigned fault_take_pages(struct fault *f, unsigned want, pfn_t *ret_first);
/* A new charged page becomes page @index of f->vma's memory. */
static inline void fault_dress(struct fault *f, struct frame *page,
			       uint32_t index)
{
	frame_set(page, FRAME_ANON, 0,
		  PG_UPTODATE | PG_SWAPBACKED | PG_EXCLUSIVE);
	frame_set_group(page, f->ctx->group ? f->ctx->group : GROUP_ROOT);
	page->owner = f->vma->anon_vma;
	page->index = index;
}
/* @nr dressed pages are in their tables: they go on the LRU. */
void fault_list_run(struct fault *f, pfn_t first, unsigned nr);
/* @nr faults were taken, which cost @price each. */
void fault_count_run(struct fault *f, unsigned nr, uint64_t price);

/* A write to a page whose entry is read-only. */
int fault_write_protected(struct fault *f, uint64_t pte);

/* swap-fault.c: an entry that is a slot of swap. */
int fault_swap(struct fault *f, uint64_t pte);
/* The folio of a slot, read with those near it if it is missing; as
 * swap_in(). @hit: count it if it had been read ahead. */
int fault_swap_in(struct memory *m, struct ctx *ctx, uint32_t vma,
		  uint64_t addr, bool hit, pfn_t *ret_folio, bool *ret_major);

/* The @page of a slot gets the entry @slot of f->table, with @bits;
 * @exclusive: nobody else has it. */
void fault_map_swapped(struct fault *f, unsigned slot, pfn_t page,
		       uint64_t bits, bool exclusive);
/*
 * huge-fault.c: the PMD is empty, or huge and not writable. 0: done;
 * FAULT_FALLBACK: a fault of a single page, where no PMD is huge any more.
 */
#define FAULT_FALLBACK (OUTCOME_BASE + 100)
int fault_huge(struct fault *f);
/* Its step is repeated for something smaller: it gave up on folios of @order
 * already, and counted that. */
static inline bool fault_gave_up(const struct fault *f, unsigned order)
{
	return (f->ctx->huge_counted && order >= f->ctx->huge_counted) ||
	       (f->ctx->no_huge && order > f->ctx->no_huge);
}
/* A charged anonymous folio of 2^@order pages for the fault's VMA, in no table
 * yet. 0, FAULT_FALLBACK (there is none), NEED_*, host errno. */
int fault_new_large(struct fault *f, unsigned order, pfn_t *ret_folio);
/* The huge page of shared memory at the fault's address gets a PMD of @table,
 * of level 2, which is empty. */
void fault_set_pmd(struct fault *f, uint32_t table, pfn_t folio);
/* A huge PMD that permits the access; true if so. */
bool fault_huge_hit(struct fault *f, uint32_t mm);

/* mthp-fault.c: an anonymous folio of more than a page for an empty entry,
 * where a size is enabled (thp.small). As fault_huge(). */
int fault_anon_large(struct fault *f);

/* file-fault.c: an empty entry of a file mapping. */
int fault_file(struct fault *f);
/* device.c: the same of /dev/mapdrv. */
int fault_device(struct fault *f);
/* hugetlb-fault.c: the walker serves the access; or it faults. */
bool fault_hugetlb_hit(struct fault *f);
int fault_hugetlb(struct fault *f);
bool fault_is_shmem(const struct fault *f);

#endif
