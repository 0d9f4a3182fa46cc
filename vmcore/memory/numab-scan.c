// SPDX-License-Identifier: Apache-2.0
/* Entries marked so that the next use of their pages is noticed:
 * task_numa_work() of kernel/sched/fair.c, change_prot_numa(),
 * prot_numa_skip() of mm/mprotect.c. */
#include "vmcore/memory/numab.h"
#include "vmcore/phys/tier.h"

#define SCAN_PAGES   65536 /* numa_balancing/scan_size_mb, 256 */
#define SCAN_VIRTUAL (8 * (int64_t)SCAN_PAGES)

struct marker {
	struct space *s;
	struct ctx *ctx;
	const struct vma *v;
	bool alone; /* its only task runs on this CPU */
};

/* vma_migratable(), vma_policy_mof() and what else is not worth it. */
static bool worth_it(const struct vma *v, uint32_t task_policy)
{
	uint32_t policy = v->policy ? v->policy : task_policy;

	if (v->flags & (VM_IO | VM_PFNMAP | VM_HUGETLB | VM_MIXEDMAP) ||
	    (policy && !(policy & MPOL_F_BALANCING)))
		return false;
	if (v->file && (v->flags & (VM_READ | VM_WRITE)) == VM_READ)
		return false;
	return v->flags & VM_ACCESS;
}

static bool skipped(const struct marker *k, pfn_t page)
{
	const struct phys *p = k->s->phys;
	const struct frame *f = frame_at(p, folio_head(p, page));
	bool cow = (k->v->flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;

	if ((frame_type(f) != FRAME_ANON && frame_type(f) != FRAME_FILE) ||
	    f->word & PG_KSM)
		return true;
	if (cow && frame_mapcount(frame_at(p, page)) > 1)
		return true;
	if (frame_type(f) == FRAME_FILE && !(f->word & PG_SWAPBACKED) &&
	    f->word & PG_DIRTY)
		return true;
	/* Only slow memory is watched for what should be in fast memory. */
	if (!(p->numa_balancing & NUMAB_NORMAL) &&
	    node_is_toptier(p, pfn_node(p, page)))
		return true;
	return k->alone && pfn_node(p, page) == k->ctx->node;
}

static uint64_t mark(const struct marker *k, uint32_t table, unsigned slot)
{
	const struct phys *p = k->s->phys;
	uint64_t entry = table_at(k->s, table)->entry[slot];
	struct frame *f;

	if (!(entry & PTE_PRESENT) || entry & PTE_HINT ||
	    skipped(k, PTE_PFN(entry)))
		return 0;
	pte_set(k->s, table, slot, entry | PTE_HINT);
	f = frame_at(p, folio_head(p, PTE_PFN(entry)));
	if (p->numa_balancing & NUMAB_TIERING && !numab_busy(f) &&
	    !node_is_toptier(p, pfn_node(p, PTE_PFN(entry))))
		f->private = NUMAB_MS(k->ctx->now);
	return 1;
}

/* change_prot_numa() of [@start, @end): entries marked, 512 a huge one. */
static uint64_t mark_range(const struct marker *k, uint64_t start, uint64_t end)
{
	const struct space *s = k->s;
	const struct mm *mm = mm_at(s, k->v->mm);
	struct vmstat *stat = &k->s->phys->stat;
	uint64_t base, nr = 0;
	uint32_t t;

	for (; (t = pt_next(k->s, mm, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		unsigned i = start > base ? pte_slot(s, start) : 0;
		unsigned stop = end < base + table_bytes(s) ? pte_slot(s, end)
							    : table_slots(s);

		if (table_at(k->s, t)->level > 1) {
			if (!mark(k, t, pmd_slot(s, base)))
				continue;
			vmstat_event(stat, NUMA_HUGE_PTE_UPDATES, 1);
			nr += HPAGE_PAGES;
			continue;
		}
		ctx_pay(k->ctx, COST_SCAN_PAGE, stop - i);
		for (; i < stop; i++)
			nr += mark(k, t, i);
	}
	vmstat_event(stat, NUMA_PTE_UPDATES, nr);
	group_event(k->s->control, mm->group, NUMA_PTE_UPDATES, nr);
	return nr;
}

/* Chunks of @v from @at on. Return: where it stopped. */
static uint64_t mark_vma(const struct marker *k, uint64_t at, int64_t *pages,
			 int64_t *virtual)
{
	if (at < k->v->start)
		at = k->v->start;
	while (at<k->v->end && * pages> 0 && *virtual > 0) {
		uint64_t end = at + ((uint64_t)*pages << PAGE_SHIFT);
		int64_t nr;

		end = (end + HPAGE_SIZE - 1) & ~(uint64_t)(HPAGE_SIZE - 1);
		if (end > k->v->end)
			end = k->v->end;
		nr = (int64_t)((end - at) >> PAGE_SHIFT);
		*pages -= mark_range(k, at, end) ? nr : 0;
		*virtual -= nr;
		at = end;
	}
	return at;
}

void memory_numa_scan(struct memory *m, struct ctx *ctx, uint32_t mm)
{
	struct space *s = m->space;
	struct mm *owner = mm_at(s, mm);
	int64_t pages = SCAN_PAGES, virtual = SCAN_VIRTUAL;
	uint64_t at = owner->numa_scan_offset;
	uint32_t id = vma_find(s, mm, at);

	if (!id) {
		owner->numa_scan_seq++;
		at = 0;
		id = vma_first(s, mm);
	}
	for (; id; id = vma_next(s, id)) {
		struct marker k = { .s = s,
				    .ctx = ctx,
				    .v = vma_at(s, id),
				    .alone = owner->users == 1 };

		if (!worth_it(k.v, ctx->policy))
			continue;
		at = mark_vma(&k, at, &pages, &virtual);
		if (pages <= 0 || virtual <= 0)
			break;
	}
	owner->numa_scan_offset = id ? at : 0;
	owner->numa_scan_seq += !id;
}
