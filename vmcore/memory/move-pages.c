// SPDX-License-Identifier: Apache-2.0
/* Pages of an address space go to other nodes: queue_folios_pte_range(),
 * migrate_to_node() of mm/mempolicy.c, do_pages_move() of mm/migrate.c. */
#include "vmcore/memory/move-pages.h"
#include "vmcore/memory/fault.h"
#include "vmcore/reclaim/compact.h"

/* Both syscalls allocate with GFP_HIGHUSER_MOVABLE; here what is free must do,
 * as a folio that finds no place stays where it is. */
#define GFP_MOVE (GFP_HIGHUSER_MOVABLE & ~GFP_BIT_DIRECT_RECLAIM)

struct walk_at {
	struct memory *m;
	struct ctx *ctx;
	struct move_job *job;
	const struct vma *v;
};

/* A free block for @folio of @addr: of the one node, or as policies say. */
static int find_place(const struct walk_at *w, pfn_t folio, uint64_t addr,
		      pfn_t *ret_to)
{
	struct phys *p = w->m->space->phys;
	unsigned order = frame_order(frame_at(p, folio));
	uint16_t home = w->ctx->node;
	uint32_t own;
	int r;

	if (w->job->to == MAX_NODES) {
		own = policy_enter(w->ctx, w->v, addr, order);
		r = page_alloc_policy(p, w->ctx, order, GFP_MOVE, ret_to);
		policy_leave(w->ctx, own);
		return r;
	}
	w->ctx->node = (uint16_t)w->job->to;
	r = page_alloc_near(p, w->ctx, order, GFP_MOVE | GFP_BIT_THISNODE,
			    ret_to);
	w->ctx->node = home;
	return r;
}

/* folio_maybe_mapped_shared(), sharply. */
static bool shared(const struct phys *p, pfn_t folio)
{
	const struct frame *f = frame_at(p, folio);

	for (unsigned i = 0; i < 1u << frame_order(f); i++)
		if (frame_mapcount(f + i) > 1)
			return true;
	return false;
}

static int move(const struct walk_at *w, pfn_t page, uint64_t addr)
{
	struct space *s = w->m->space;
	pfn_t folio = folio_head(s->phys, page), to;
	const struct frame *f = frame_at(s->phys, folio);
	unsigned pages = 1u << frame_order(f);
	int r = NEED_MEMORY;

	if ((frame_type(f) != FRAME_ANON && frame_type(f) != FRAME_FILE) ||
	    !(w->job->from >> pfn_node(s->phys, folio) & 1) ||
	    (!w->job->all && shared(s->phys, folio)))
		return 0;
	if (folio_migratable(s, folio))
		r = find_place(w, folio, addr, &to);
	if (r < 0)
		return r;
	if (r) {
		w->job->failed += pages;
		vmstat_event(&s->phys->stat, PGMIGRATE_FAIL, pages);
		return 0;
	}
	folio_move(s, w->ctx, folio, to);
	w->job->moved += pages;
	vmstat_event(&s->phys->stat, PGMIGRATE_SUCCESS, pages);
	if (pages == HPAGE_PAGES)
		vmstat_event(&s->phys->stat, THP_MIGRATION_SUCCESS, 1);
	return 0;
}

/* What the entries of one table map, from job->at on. */
static int move_table(const struct walk_at *w, uint32_t table, uint64_t base,
		      uint64_t end)
{
	const struct space *s = w->m->space;
	const struct table *t = table_at(s, table);
	struct move_job *job = w->job;
	int r = 0;

	if (t->level > 1) {
		job->at = base + table_bytes(s);
		return move(w, PTE_PFN(t->entry[pmd_slot(s, base)]), base);
	}
	if (job->at < base)
		job->at = base;
	for (; !r && job->at < end && job->at < base + table_bytes(s);
	     job->at += PAGE_SIZE) {
		uint64_t pte = t->entry[pte_slot(s, job->at)];

		if (pte & PTE_PRESENT)
			r = move(w, PTE_PFN(pte), job->at);
	}
	ctx_pay(w->ctx, COST_SCAN_PAGE, t->nr_present);
	return r;
}

int memory_move_step(struct memory *m, struct ctx *ctx, uint32_t mm,
		     struct move_job *job)
{
	struct space *s = m->space;
	struct walk_at w = { .m = m, .ctx = ctx, .job = job };
	uint32_t id = job->at < job->end ? vma_find(s, mm, job->at) : 0, table;
	uint64_t base, end;
	int r;

	if (!id || vma_at(s, id)->start >= job->end)
		return 0;
	w.v = vma_at(s, id);
	if (job->at < w.v->start)
		job->at = w.v->start;
	end = w.v->end < job->end ? w.v->end : job->end;
	table = w.v->flags & (VM_IO | VM_PFNMAP | VM_HUGETLB)
			? 0
			: pt_next(s, mm_at(s, mm), job->at, end, &base);
	if (!table) {
		job->at = end;
		return STEP_MORE;
	}
	r = move_table(&w, table, base, end);
	return r ? r : STEP_MORE;
}
