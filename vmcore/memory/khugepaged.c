// SPDX-License-Identifier: Apache-2.0
/* One look through an address space: khugepaged_scan_mm_slot(). */
#include "vmcore/memory/collapse.h"
#include "vmcore/space/pgtable.h"

struct look {
	struct memory *m;
	struct ctx *ctx;
	uint32_t pages; /* to look at */
	uint32_t *progress;
	enum collapse *last;
};

/* Blocks of one VMA from k->address on. 0: all are done; STEP_MORE: enough
 * for now; else as collapse_block(). */
static int look_vma(struct look *l, uint32_t vma)
{
	struct khugepaged *k = &l->m->space->thp.khugepaged;
	const struct vma *v = vma_at(l->m->space, vma);
	uint64_t bytes = table_bytes(l->m->space);
	uint64_t first = (v->start + bytes - 1) & ~(bytes - 1);
	uint64_t end = v->end & ~(bytes - 1);

	if (k->address < first)
		k->address = first;
	while (k->address < end) {
		int r = collapse_block(l->m, l->ctx, vma, k->address, true,
				       l->last);

		if (r)
			return r;
		k->pages_collapsed += *l->last == COLLAPSE_DONE;
		k->address += bytes;
		*l->progress += HPAGE_PAGES;
		/* Who allocated has let go of the address space. */
		if (*l->last == COLLAPSE_DONE || *l->last >= COLLAPSE_NO_PAGE ||
		    *l->progress >= l->pages)
			return STEP_MORE;
	}
	return 0;
}

/* Is there anything for khugepaged in it from k->address on? */
static bool worth_it(const struct space *s, uint32_t vma)
{
	const struct vma *v = vma_at(s, vma);

	return thp_orders(s, v, v->flags, THP_FOR_DAEMON) &&
	       s->thp.khugepaged.address <= (v->end & ~(table_bytes(s) - 1));
}

int khugepaged_scan(struct memory *m, struct ctx *ctx, uint32_t pages,
		    uint32_t *progress, enum collapse *last)
{
	struct look l = { m, ctx, pages, progress, last };
	struct space *s = m->space;
	struct khugepaged *k = &s->thp.khugepaged;
	uint32_t vma;
	int r = 0;

	if (!k->mm) {
		k->mm = k->first;
		k->address = 0;
	}
	++*progress;
	for (vma = vma_find(s, k->mm, k->address); vma && !r;
	     vma = r ? vma : vma_next(s, vma)) {
		if (worth_it(s, vma))
			r = look_vma(&l, vma);
		else
			++*progress;
	}
	ctx_pay(ctx, COST_SCAN_PAGE, 1);
	if (!vma)
		thp_scan_next(s);
	return r == STEP_MORE ? 0 : r;
}
