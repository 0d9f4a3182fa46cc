// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

#define STACK_RLIMIT   (8ull << 20)
#define MEMLOCK_RLIMIT (8ull << 20)

int mm_new(struct space *s, struct ctx *ctx, uint32_t *ret_mm)
{
	struct mm *mm;
	uint32_t id;
	pfn_t slab;
	int r = kmem_alloc(s->kmem, ctx, KMEM_MM, &slab);

	if (r)
		return r;
	r = pool_new(&s->mms, &id);
	if (r)
		goto free_slab;
	mm = mm_at(s, id);
	mm->slab = slab;
	mm->users = 1;
	mm->group = ctx->group;
	mm->task_size = s->paging.task_size;
	mm->rlimit_as = mm->rlimit_data = UINT64_MAX;
	mm->rlimit_stack = STACK_RLIMIT;
	mm->rlimit_memlock = MEMLOCK_RLIMIT;
	r = pgd_new(s, ctx, id);
	if (!r) {
		*ret_mm = id;
		return 0;
	}
	pool_free(&s->mms, id);
free_slab:
	kmem_free(s->kmem, ctx, slab);
	return r;
}

void mm_free(struct space *s, struct ctx *ctx, uint32_t mm)
{
	bool known = ksm_exit(s, ctx, mm);

	unmap_range(s, ctx, vma_first(s, mm), 0, s->paging.task_size);
	thp_zero_put(s, mm);
	thp_scan_exit(s, ctx, mm);
	pgd_empty(s, ctx, mm);
	mm_at(s, mm)->users = 0;
	if (!known)
		mm_drop(s, ctx, mm);
}

void mm_drop(struct space *s, struct ctx *ctx, uint32_t mm)
{
	pfn_t slab = mm_at(s, mm)->slab;

	pgd_free(s, ctx, mm);
	pool_free(&s->mms, mm);
	kmem_free(s->kmem, ctx, slab);
}

#define BARE_HEAP  0x10000000ull
#define BARE_STACK (132ull << 10)
#define BARE_GAP   (128ull << 20) /* MIN_GAP of mmap_base() */

int mm_make_bare(struct space *s, struct ctx *ctx, uint32_t mm)
{
	uint64_t top = s->paging.window;
	/* In the tables that a small static program leaves behind: its text,
	 * below its heap, its stack. */
	const uint64_t image[] = { s->paging.static_load, BARE_HEAP - PAGE_SIZE,
				   top - BARE_STACK };
	struct mm *m = mm_at(s, mm);
	uint32_t t;

	for (unsigned i = 0; i < sizeof(image) / sizeof(*image); i++) {
		int r = pt_make(s, ctx, mm, image[i], 1, &t);

		if (r)
			return r;
		for (; t && table_at(s, t)->level < s->paging.levels;
		     t = table_at(s, t)->parent)
			table_at(s, t)->pinned = 1;
	}
	m->bare = 1;
	m->mmap_base = top - BARE_GAP;
	m->start_brk = m->brk = BARE_HEAP;
	m->start_stack = top - PAGE_SIZE;
	return 0;
}
