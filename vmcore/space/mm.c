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

	unmap_range(s, ctx, mm, 0, s->paging.task_size);
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

/* Addresses in the tables that a small static program leaves behind. */
static const uint64_t bare_image[] = { 0x400000, 0xffff000, 0x7ffffffde000 };

int mm_make_bare(struct space *s, struct ctx *ctx, uint32_t mm)
{
	struct mm *m = mm_at(s, mm);
	uint32_t t;

	for (unsigned i = 0; i < sizeof(bare_image) / sizeof(*bare_image);
	     i++) {
		int r = pt_make(s, ctx, mm, bare_image[i], 1, &t);

		if (r)
			return r;
		for (; t && table_at(s, t)->level < s->paging.levels;
		     t = table_at(s, t)->parent)
			table_at(s, t)->pinned = 1;
	}
	m->bare = 1;
	m->mmap_base = 0x7ffff7fff000;
	m->start_brk = m->brk = 0x10000000;
	m->start_stack = 0x7fffffffe000;
	return 0;
}
