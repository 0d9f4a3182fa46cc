// SPDX-License-Identifier: Apache-2.0
/* Shared memory becomes huge: hpage_collapse_scan_file(), collapse_file(),
 * collapse_pte_mapped_thp() of mm/khugepaged.c. */
#include <errno.h>

#include "vmcore/memory/collapse.h"
#include "vmcore/memory/fault.h"

struct job {
	struct memory *m;
	struct ctx *ctx;
	uint32_t inode;
	uint64_t index; /* first page of the block */
	bool daemon;
	uint32_t load[MAX_NODES]; /* pages by node */
};

static enum collapse exceeds(const struct job *j, enum event item)
{
	vmstat_event(&j->m->space->phys->stat, item, 1);
	return COLLAPSE_EXCEEDS;
}

/* hpage_collapse_scan_file() */
static enum collapse look(struct job *j)
{
	struct space *s = j->m->space;
	const struct khugepaged *k = &s->thp.khugepaged;
	uint64_t i = j->index, end = i + HPAGE_PAGES, present = 0;
	pfn_t folio;

	if (shmem_swapped(s->cache, j->inode, i, end) > k->max_ptes_swap &&
	    j->daemon)
		return exceeds(j, THP_SCAN_EXCEED_SWAP_PTE);
	while ((i = cache_next(s->cache, j->inode, i, end, &folio)) !=
	       UINT64_MAX) {
		const struct frame *f = frame_at(s->phys, folio);
		uint32_t nr = 1u << frame_order(f);

		if (nr == HPAGE_PAGES)
			return COLLAPSE_PMD_MAPPED;
		if (!(f->word & PG_LRU) || f->word & (PG_LOCKED | PG_WRITEBACK))
			return COLLAPSE_PAGE_BUSY;
		j->load[pfn_node(s->phys, folio)] += nr;
		present += nr;
		i = f->index + nr;
	}
	ctx_pay(j->ctx, COST_SCAN_PAGE, HPAGE_PAGES);
	if (j->daemon && present < HPAGE_PAGES - k->max_ptes_none)
		return exceeds(j, THP_SCAN_EXCEED_NONE_PTE);
	return COLLAPSE_DONE;
}

/* shmem_get_folio() of each page that is in swap. */
static int swap_all_in(struct job *j)
{
	struct space *s = j->m->space;
	uint64_t i = j->index;
	bool major = false;
	pfn_t folio;
	swp_t swp;
	int r = 0;

	while (!r && (i = shmem_next_swap(s->cache, j->inode, i,
					  j->index + HPAGE_PAGES, &swp)) !=
			     UINT64_MAX)
		r = shmem_swap_in(s->cache, j->ctx, j->inode, i, &folio,
				  &major);
	if (major)
		vmstat_event(&s->phys->stat, PGMAJFAULT, 1);
	return r;
}

/* Did the block come back from swap as one, which collapse_file() leaves? */
static bool came_whole(const struct job *j)
{
	const struct space *s = j->m->space;
	pfn_t folio = cache_find(s->cache, j->inode, j->index);

	return folio != PFN_NONE &&
	       frame_order(frame_at(s->phys, folio)) == HPAGE_ORDER;
}

static uint16_t target_node(const struct job *j)
{
	uint16_t best = 0;

	for (uint16_t n = 1; n < MAX_NODES; n++)
		if (j->load[n] > j->load[best])
			best = n;
	return best;
}

/* retract_page_tables(): where nothing else can be mapped in between, tables
 * go; so the next fault maps all at once. */
static void retract(struct job *j, uint32_t id)
{
	struct space *s = j->m->space;

	while (id) {
		const struct vma *v = vma_at(s, id);
		uint64_t addr =
			v->start + ((j->index - v->pgoff) << PAGE_SHIFT);
		uint32_t leaf;

		retract(j, v->by_pgoff.left);
		if (v->pgoff <= j->index && !v->anon_vma &&
		    j->index + HPAGE_PAGES <= v->pgoff + vma_pages(v) &&
		    thp_fits(v, addr, HPAGE_ORDER)) {
			leaf = pt_find(s, mm_at(s, v->mm), addr, 1);
			if (leaf)
				pt_free_leaf(s, j->ctx, leaf);
		}
		id = v->by_pgoff.right;
	}
}

/* collapse_file() */
static int collapse(struct job *j, enum collapse *ret)
{
	struct space *s = j->m->space;
	pfn_t folio;
	int r = collapse_alloc(j->m, j->ctx, target_node(j), j->daemon,
			       FRAME_FILE, &folio, ret);

	if (r || *ret != COLLAPSE_DONE)
		return r;
	frame_at(s->phys, folio)->word |= PG_DIRTY;
	unmap_file(s, j->ctx, j->inode, j->index, j->index + HPAGE_PAGES);
	r = shmem_collapse(s->cache, j->ctx, j->inode, j->index, folio);
	if (r) {
		group_uncharge(s->control, j->ctx->group, HPAGE_PAGES);
		page_free(s->phys, j->ctx, folio, HPAGE_ORDER);
		*ret = COLLAPSE_TRUNCATED;
		return r == EEXIST || r == ENOSPC ? 0 : r;
	}
	retract(j, inode_at(s->cache, j->inode)->mmap_root);
	ctx_pay(j->ctx, COST_COPY_PAGE, HPAGE_PAGES);
	return 0;
}

/* collapse_pte_mapped_thp(): the next fault maps all of it; who asked for it
 * has it mapped. */
static int install(struct job *j, uint32_t vma, uint64_t addr)
{
	struct space *s = j->m->space;
	struct fault f = { .m = j->m,
			   .ctx = j->ctx,
			   .vma = vma_at(s, vma),
			   .vma_id = vma,
			   .addr = addr };
	pfn_t folio = cache_find(s->cache, j->inode, j->index);
	uint32_t leaf = pt_find(s, mm_at(s, f.vma->mm), addr, 1), table;
	int r;

	if (leaf && !f.vma->anon_vma) {
		zap_range(s, j->ctx, vma, addr, addr + HPAGE_SIZE, ZAP_FILE);
		pt_free_leaf(s, j->ctx, leaf);
	}
	if (j->daemon)
		return 0;
	r = pt_make(s, j->ctx, f.vma->mm, addr, 2, &table);
	if (!r && !table_at(s, table)->entry[pmd_slot(s, addr)])
		fault_set_pmd(&f, table, folio);
	return r;
}

int collapse_shmem(struct memory *m, struct ctx *ctx, uint32_t vma,
		   uint64_t addr, bool daemon, enum collapse *ret)
{
	struct space *s = m->space;
	const struct vma *v = vma_at(s, vma);
	struct job j = { .m = m,
			 .ctx = ctx,
			 .inode = file_at(s->cache, v->file)->inode,
			 .index = vma_index(v, addr),
			 .daemon = daemon };
	int r;

	*ret = COLLAPSE_PAGE_BUSY;
	if (!thp_fits(v, addr, HPAGE_ORDER))
		return 0;
	*ret = look(&j);
	if (*ret == COLLAPSE_DONE) {
		r = swap_all_in(&j);
		if (!r && came_whole(&j))
			*ret = COLLAPSE_PMD_MAPPED;
		else if (!r)
			r = collapse(&j, ret);
		if (r)
			return r;
	}
	if (*ret > COLLAPSE_PMD_MAPPED)
		return 0;
	return install(&j, vma, addr);
}
