// SPDX-License-Identifier: Apache-2.0
/*
 * Faults of neighbours at once: what a process that goes through new memory,
 * or through what fork shared, takes one after the other. Nothing that
 * a fault could meet is in the way of any of them, so that each counter moves
 * once, by their number; memory_access() is what is repeated here.
 */
#include "vmcore/memory/fault.h"

bool fault_plain(const struct fault *f, bool write)
{
	const struct space *s = f->m->space;
	const struct vma *v = f->vma;

	if (s->tlb.on || s->thp.small || f->ctx->policy || v->policy ||
	    v->file || v->flags & (VM_SHARED | VM_HUGETLB | VM_LOCKED) ||
	    s->control->policy == POLICY_CLASSIC)
		return false;
	return write ? v->anon_vma && v->flags & VM_WRITE
		     : v->flags & VM_ACCESS;
}

/* An entry that copy_on_write() is certain to copy, and another keeps. */
static bool shared(const struct space *s, uint64_t pte)
{
	const struct frame *o;

	/* Where there is no page, no frame may be looked for. */
	if ((pte & (PTE_PRESENT | PTE_WRITE | PTE_HINT | PTE_SPECIAL)) !=
	    PTE_PRESENT)
		return false;
	o = frame_at(s->phys, PTE_PFN(pte));
	return frame_type(o) == FRAME_ANON && !frame_order(o) &&
	       !(o->word & (PG_KSM | PG_EXCLUSIVE)) && frame_mapcount(o) > 1;
}

/* How many entries from f->slot on, @want at most, are like the first. */
static unsigned alike(const struct fault *f, unsigned want)
{
	const struct space *s = f->m->space;
	const uint64_t *e = &table_at(s, f->table)->entry[f->slot];
	uint64_t left = (f->vma->end - f->addr) >> PAGE_SHIFT;
	unsigned n = 0;

	if (want > table_slots(s) - f->slot)
		want = table_slots(s) - f->slot;
	if (want > left)
		want = (unsigned)left;
	if (!want || !*e) {
		while (n < want && !e[n])
			n++;
		return n;
	}
	while (n < want && e[n] && shared(s, e[n]))
		n++;
	return n;
}

/* How many fit in before @until, the last one may end later. */
static unsigned in_time(const struct ctx *ctx, vtime_t until, uint64_t each,
			unsigned want)
{
	vtime_t end = ctx->now + ctx->cost_ns + ctx->user_ns;
	uint64_t n = end < until ? (until - end - 1) / each + 1 : 0;

	return n < want ? (unsigned)n : want;
}

unsigned fault_take_pages(struct fault *f, unsigned want, pfn_t *ret_first)
{
	struct space *s = f->m->space;
	unsigned n = group_room_run(s->control, f->ctx, want);

	n = n ? page_alloc_run(s->phys, f->ctx, GFP_ANON_FAULT, n, ret_first)
	      : 0;
	if (n)
		group_charge_run(s->control, f->ctx, n);
	return n;
}

void fault_list_run(struct fault *f, pfn_t first, unsigned nr)
{
	struct control *c = f->m->space->control;

	c->in_fault = !(f->vma->flags & (VM_RAND_READ | VM_SEQ_READ));
	lru_add_run(c, first, nr);
	c->in_fault = 0;
}

void fault_count_run(struct fault *f, unsigned nr, uint64_t price)
{
	struct space *s = f->m->space;

	vmstat_event(&s->phys->stat, PGFAULT, nr);
	group_event(s->control, mm_at(s, f->vma->mm)->group, PGFAULT, nr);
	f->ctx->cost_ns += price * nr;
}

/* New pages for those from f->addr on. */
static unsigned new_pages(struct fault *f, unsigned want, pfn_t *ret_first)
{
	struct space *s = f->m->space;
	uint32_t index = (uint32_t)(vma_index(f->vma, f->addr) -
				    anon_vma_at(s, f->vma->anon_vma)->base);
	unsigned n = fault_take_pages(f, want, ret_first);
	pfn_t pfn = *ret_first;

	for (unsigned i = 0; i < n; i++) {
		struct frame *page = frame_at(s->phys, pfn);

		fault_dress(f, page, index + i);
		page->content = fault_content(f->m, f->content);
		pfn = page->next;
	}
	return n;
}

/* What the run of @write faults at f->slot costs each in the kernel. */
static uint64_t price_of(const struct fault *f, bool write, bool copy)
{
	const uint64_t *prices = f->ctx->prices;

	if (!write)
		return prices[COST_MINOR_FAULT];
	return prices[COST_MINOR_FAULT] +
	       prices[copy ? COST_COPY_PAGE : COST_ZERO_PAGE];
}

/* Pages of their own, for nothing or for what others have too. */
static unsigned fill(struct fault *f, unsigned want, bool copy)
{
	struct space *s = f->m->space;
	uint64_t bits = fault_pte_bits(f->vma) | PTE_DIRTY | PTE_WRITE;
	pfn_t first = PFN_NONE;
	unsigned n = new_pages(f, want, &first);

	if (!n)
		return 0;
	if (copy)
		pte_clear_shared(s, f->table, f->slot, n);
	pte_fill_anon(s, f->table, f->slot, first, n, bits);
	fault_list_run(f, first, n);
	return n;
}

/* The VMA and the table of @f, if the access is of the plain kind. */
static bool find(struct fault *f, uint32_t mm, bool write)
{
	struct space *s = f->m->space;

	f->vma_id = mm_at(s, mm)->last_vma;
	f->vma = f->vma_id ? vma_at(s, f->vma_id) : NULL;
	if (!f->vma || f->vma->mm != mm || f->addr < f->vma->start ||
	    f->addr >= f->vma->end || !fault_plain(f, write))
		return false;
	f->table = pt_find(s, mm_at(s, mm), f->addr, 1);
	f->slot = pte_slot(s, f->addr);
	return f->table;
}

unsigned memory_touch_run(struct memory *m, struct ctx *ctx, uint32_t mm,
			  uint64_t addr, const struct touch_run *run)
{
	struct space *s = m->space;
	struct fault f = { .m = m,
			   .ctx = ctx,
			   .addr = addr & PAGE_MASK,
			   .content = run->content };
	uint64_t price;
	unsigned n;
	bool copy;

	if (!find(&f, mm, run->write))
		return 0;
	copy = table_at(s, f.table)->entry[f.slot] != 0;
	if (copy && !run->write)
		return 0;
	price = price_of(&f, run->write, copy);
	n = alike(&f, in_time(ctx, run->until, price + run->user_ns, run->max));
	if (n && run->write)
		n = fill(&f, n, copy);
	else if (n)
		pte_fill_zero(s, f.table, f.slot, n, fault_pte_bits(f.vma));
	fault_count_run(&f, n, price);
	ctx->user_ns += run->user_ns * n;
	return n;
}
