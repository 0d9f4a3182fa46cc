// SPDX-License-Identifier: Apache-2.0
/* Faults in mappings of huge pages (mm/hugetlb.c, hugetlb_fault()). */
#include "vmcore/memory/fault.h"
#include "vmcore/space/hugetlb.h"

struct huge_fault {
	struct fault *f;
	struct space *s;
	uint64_t base; /* address of the huge page */
	uint64_t index; /* in its file */
	uint32_t inode, table;
	unsigned level, slot;
	enum huge_size size;
};

static struct huge_fault begin(struct fault *f)
{
	struct space *s = f->m->space;
	struct huge_fault h = { .f = f,
				.s = s,
				.inode = vma_huge_inode(s, f->vma),
				.size = vma_huge_size(s, f->vma) };

	h.level = huge_level(h.size);
	h.base = f->addr & ~(level_bytes(s, h.level) - 1);
	h.index = vma_huge_index(s, f->vma, h.base);
	h.slot = pt_slot(s, h.base, h.level);
	return h;
}

static uint64_t *entry_of(const struct huge_fault *h)
{
	return &table_at(h->s, h->table)->entry[h->slot];
}

/* What the access leaves in the one 4 KiB page it goes to. */
static void set_content(const struct huge_fault *h)
{
	pfn_t page = PTE_PFN(*entry_of(h)) +
		     (pfn_t)((h->f->addr - h->base) >> PAGE_SHIFT);

	if (h->f->flags & FAULT_FLAG_WRITE)
		fault_set_content(h->f->m, page, h->f->content);
}

bool fault_hugetlb_hit(struct fault *f)
{
	struct huge_fault h = begin(f);
	uint64_t entry;

	h.table = pt_find(h.s, mm_at(h.s, f->vma->mm), h.base, h.level);
	if (!h.table)
		return false;
	entry = *entry_of(&h);
	if (!entry || ((f->flags & FAULT_FLAG_WRITE) && !(entry & PTE_WRITE)))
		return false;
	if (f->flags & FAULT_FLAG_WRITE)
		entry |= PTE_DIRTY;
	huge_set(h.s, h.table, h.slot, entry | PTE_ACCESSED);
	set_content(&h);
	return true;
}

/* clear_huge_page(), copy_user_large_folio() */
static void fill(const struct huge_fault *h, pfn_t page, pfn_t from)
{
	uint32_t nr = 1u << huge_order(h->size);

	for (uint32_t i = 0; i < nr; i++)
		frame_at(h->s->phys, page + i)->content =
			from == PFN_NONE
				? 0
				: frame_at(h->s->phys, from + i)->content;
	ctx_pay(h->f->ctx, from == PFN_NONE ? COST_ZERO_PAGE : COST_COPY_PAGE,
		nr);
}

/* make_huge_pte() */
static void set_entry(struct huge_fault *h, pfn_t page)
{
	uint64_t bits = fault_pte_bits(h->f->vma) | PTE_HUGE;
	bool write = h->f->flags & FAULT_FLAG_WRITE;

	if ((h->f->vma->flags & VM_WRITE) &&
	    ((h->f->vma->flags & VM_SHARED) || write))
		bits |= PTE_WRITE | PTE_DIRTY;
	huge_set(h->s, h->table, h->slot, PTE_OF(page) | bits);
}

static unsigned owner(const struct huge_fault *h)
{
	return h->f->vma->hugetlb & VMA_RESV_OWNER ? HUGE_OWNER : 0;
}

/* From the pool, as policies have it (huge_node()). */
static int take(struct huge_fault *h, unsigned how, pfn_t *ret_page)
{
	struct ctx *ctx = h->f->ctx;
	uint32_t own =
		policy_enter(ctx, h->f->vma, h->f->addr, huge_order(h->size));
	int r = hugetlb_take(h->s->cache, ctx, h->inode, h->index, how,
			     ret_page);

	policy_leave(ctx, own);
	return r;
}

/* hugetlb_no_page() */
static int no_page(struct huge_fault *h)
{
	struct fault *f = h->f;
	bool shared = f->vma->flags & VM_SHARED;
	pfn_t page = hugetlb_find(h->s->cache, h->inode, h->index);
	int r = 0;

	/* Its page was taken away: zeroes would be a lie. */
	if (f->vma->hugetlb & VMA_RESV_UNMAPPED)
		return FAULT_SIGBUS;
	if (page == PFN_NONE) {
		if (!shared)
			r = anon_vma_prepare(h->s, f->ctx, f->vma_id);
		if (!r)
			r = take(h, owner(h), &page);
		if (r)
			return r;
		fill(h, page, PFN_NONE);
	}
	huge_map(h->s, page);
	set_entry(h, page);
	return 0;
}

/* hugetlb_wp() */
static int write_protected(struct huge_fault *h)
{
	struct fault *f = h->f;
	struct space *s = h->s;
	pfn_t old = PTE_PFN(*entry_of(h)), page;
	int r;

	if ((f->vma->flags & VM_SHARED) ||
	    frame_mapcount(frame_at(s->phys, old)) == 1) {
		set_entry(h, old);
		return 0;
	}
	r = anon_vma_prepare(s, f->ctx, f->vma_id);
	if (!r)
		r = take(h, owner(h) | HUGE_COW, &page);
	if (r == FAULT_SIGBUS && owner(h)) {
		huge_steal(s, f->ctx, f->vma_id, old);
		set_entry(h, old);
		return 0;
	}
	if (r)
		return r;
	fill(h, page, old);
	huge_set(s, h->table, h->slot, 0);
	huge_unmap(s, f->ctx, f->vma, old, false);
	huge_map(s, page);
	set_entry(h, page);
	return 0;
}

int fault_hugetlb(struct fault *f)
{
	struct huge_fault h = begin(f);
	int r = pt_make(h.s, f->ctx, f->vma->mm, h.base, h.level, &h.table);

	if (r)
		return r;
	r = *entry_of(&h) ? write_protected(&h) : no_page(&h);
	if (!r)
		set_content(&h);
	return r;
}
