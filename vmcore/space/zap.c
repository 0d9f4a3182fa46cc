// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/hugetlb.h"
#include "vmcore/space/vma.h"

struct zap {
	struct space *s;
	struct ctx *ctx;
	const struct vma *vma;
	unsigned what;
	uint64_t pages;
};

/* Does zap->what name this kind of page? */
static bool wanted(const struct zap *z, const struct frame *head)
{
	if (frame_type(head) == FRAME_FILE || frame_type(head) == FRAME_VMALLOC)
		return z->what & ZAP_FILE;
	return z->what & ZAP_ANON;
}

/* What the PTE knew goes to the page of a file (zap_present_folio_ptes()). */
static void keep_file_bits(struct zap *z, pfn_t folio, uint64_t pte)
{
	if (pte & PTE_DIRTY)
		folio_mark_dirty(z->s->cache, z->ctx, folio);
	if ((pte & PTE_ACCESSED) &&
	    !(z->vma->flags & (VM_RAND_READ | VM_SEQ_READ)))
		lru_mark_accessed(z->s->control, folio);
}

/* The same of a driver's page, which is on no list. */
static void keep_device_bits(struct frame *f, uint64_t pte)
{
	if (pte & PTE_DIRTY)
		f->word |= PG_DIRTY;
	if (pte & PTE_ACCESSED)
		f->word |= PG_REFERENCED;
}

/* How many entries from @slot on map pages of @folio in a row
 * (folio_pte_batch()). */
static unsigned batch(const struct zap *z, const struct table *t, unsigned slot,
		      unsigned last, pfn_t folio)
{
	pfn_t page = PTE_PFN(t->entry[slot]);
	pfn_t end = folio + (1u << frame_order(frame_at(z->s->phys, folio)));
	unsigned nr = 1;

	while (slot + nr < last && page + nr < end &&
	       (t->entry[slot + nr] & PTE_PRESENT) &&
	       PTE_PFN(t->entry[slot + nr]) == page + nr)
		nr++;
	return nr;
}

/* Entries of one folio in a row go at once: one access, one lock. How many
 * that were from @slot on. */
static unsigned zap_present(struct zap *z, uint32_t table, unsigned slot,
			    unsigned last)
{
	struct space *s = z->s;
	const struct table *t = table_at(s, table);
	pfn_t page = PTE_PFN(t->entry[slot]);
	pfn_t folio = folio_head(s->phys, page);
	struct frame *head = frame_at(s->phys, folio);
	unsigned nr;

	if (!wanted(z, head))
		return 1;
	if (frame_type(head) == FRAME_ZERO || t->entry[slot] & PTE_SPECIAL) {
		pte_set(s, table, slot, 0);
		return 1;
	}
	nr = batch(z, t, slot, last, folio);
	for (unsigned i = 0; i < nr; i++) {
		uint64_t pte = t->entry[slot + i];

		pte_set(s, table, slot + i, 0);
		if (frame_type(head) == FRAME_FILE)
			keep_file_bits(z, folio, i ? pte & ~PTE_ACCESSED : pte);
		else if (frame_type(head) == FRAME_VMALLOC)
			keep_device_bits(head, pte);
	}
	z->pages += nr;
	if (z->vma->flags & VM_LOCKED)
		lru_munlock(s->control, folio);
	rmap_remove_run(s, z->ctx, page, nr);
	return nr;
}

/* zap_huge_pmd() */
static void zap_huge(struct zap *z, uint32_t table, unsigned slot)
{
	struct space *s = z->s;
	uint64_t pmd = table_at(s, table)->entry[slot];
	pfn_t folio = PTE_PFN(pmd);
	const struct frame *head = frame_at(s->phys, folio);

	if (!wanted(z, head))
		return;
	pte_set(s, table, slot, 0);
	if (frame_type(head) != FRAME_FILE)
		pt_drop_leaf(s, z->ctx, pt_withdraw(s, table));
	if (frame_type(head) == FRAME_ZERO)
		return;
	z->pages += HPAGE_PAGES;
	if (frame_type(head) == FRAME_FILE)
		keep_file_bits(z, folio, pmd);
	if (z->vma->flags & VM_LOCKED)
		lru_munlock(s->control, folio);
	rmap_remove_pmd(s, z->ctx, folio);
}

/* zap_nonpresent_ptes(): private pages only are in swap by entry. */
static void zap_swap(struct zap *z, uint32_t table, unsigned slot)
{
	swp_t swp = pte_swap(table_at(z->s, table)->entry[slot]);

	if (!(z->what & ZAP_ANON))
		return;
	pte_set(z->s, table, slot, 0);
	swap_zap(z->s->cache, z->ctx, swp);
}

static void zap_table(struct zap *z, uint32_t table, uint64_t base,
		      uint64_t start, uint64_t end)
{
	const struct space *s = z->s;
	const struct table *t = table_at(s, table);
	unsigned i = start > base ? pte_slot(s, start) : 0;
	unsigned last = end >= base + table_bytes(s) ? table_slots(s)
						     : pte_slot(s, end);

	while (i < last && t->nr_used) {
		unsigned nr = 1;

		if (t->entry[i] & PTE_PRESENT)
			nr = zap_present(z, table, i, last);
		else if (t->entry[i])
			zap_swap(z, table, i);
		i += nr;
	}
	if ((z->what & ZAP_TABLES) && start <= base &&
	    end >= base + table_bytes(s))
		pt_free_leaf(z->s, z->ctx, table);
}

uint64_t zap_range(struct space *s, struct ctx *ctx, uint32_t vma,
		   uint64_t start, uint64_t end, unsigned what)
{
	struct zap z = {
		.s = s, .ctx = ctx, .vma = vma_at(s, vma), .what = what
	};
	uint64_t base = 0;
	uint32_t t;

	if (z.vma->flags & VM_HUGETLB)
		return huge_zap(s, ctx, z.vma, start, end);
	for (; (t = pt_next_whole(s, ctx, vma, start, end, &base)) != 0;
	     start = base + table_bytes(s)) {
		if (table_at(s, t)->level > 1)
			zap_huge(&z, t, pmd_slot(s, base));
		else
			zap_table(&z, t, base, start, end);
	}
	return z.pages;
}

void unmap_range(struct space *s, struct ctx *ctx, uint32_t first,
		 uint64_t start, uint64_t end)
{
	uint32_t v = first, next, mm;
	uint64_t floor, ceiling;

	if (!v || vma_at(s, v)->start >= end)
		return;
	mm = vma_at(s, v)->mm;
	floor = vma_prev(s, v) ? vma_at(s, vma_prev(s, v))->end : 0;
	for (; v && vma_at(s, v)->start < end; v = next) {
		const struct vma *a = vma_at(s, v);

		next = vma_next(s, v);
		zap_range(s, ctx, v, a->start, a->end, ZAP_ANON | ZAP_FILE);
		huge_close(s, ctx, a);
		if (a->flags & VM_ACCOUNT)
			commit_uncharge(s->control, vma_pages(a));
		vma_remove(s, ctx, v);
	}
	ceiling = v ? vma_at(s, v)->start : s->paging.task_size;
	pt_free_range(s, ctx, mm, start, end, floor, ceiling);
}

/* --- truncate ------------------------------------------------------------ */
struct unmap {
	struct space *s;
	struct ctx *ctx;
	uint32_t vma;
	uint64_t addr;
};

static bool find_one(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		     uint32_t table, unsigned slot)
{
	struct unmap *u = arg;

	(void)mm;
	(void)table;
	(void)slot;
	u->vma = vma;
	u->addr = addr;
	return false;
}

void unmap_file(struct space *s, struct ctx *ctx, uint32_t inode,
		uint64_t first, uint64_t last)
{
	struct unmap u = { .s = s, .ctx = ctx };
	pfn_t folio;

	while ((first = cache_next(s->cache, inode, first, last, &folio)) !=
	       UINT64_MAX) {
		pfn_t page = folio +
			     (pfn_t)(first - frame_at(s->phys, folio)->index);

		while (frame_mapcount(frame_at(s->phys, page))) {
			rmap_walk(s, page, find_one, &u);
			zap_range(s, ctx, u.vma, u.addr, u.addr + PAGE_SIZE,
				  ZAP_FILE);
		}
		first++;
	}
}
