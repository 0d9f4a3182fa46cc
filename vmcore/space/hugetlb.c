// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/hugetlb.h"
#include "vmcore/space/vma.h"

enum huge_size vma_huge_size(const struct space *s, const struct vma *v)
{
	return (enum huge_size)inode_at(s->cache, vma_huge_inode(s, v))
		->huge_size;
}

uint64_t vma_huge_index(const struct space *s, const struct vma *v,
			uint64_t addr)
{
	return vma_index(v, addr) >> huge_order(vma_huge_size(s, v));
}

/* hugetlb_count_add(), hugetlb_count_sub() */
void huge_set(struct space *s, uint32_t table, unsigned slot, uint64_t entry)
{
	struct table *t = table_at(s, table);
	struct mm *mm = mm_at(s, t->mm);
	uint64_t pages = level_bytes(s, t->level) >> PAGE_SHIFT;

	if (s->tlb.on)
		pte_changed(s, t, slot, entry);
	if (t->entry[slot]) {
		t->nr_used--;
		mm->hugetlb_pages -= pages;
	}
	if (entry) {
		t->nr_used++;
		mm->hugetlb_pages += pages;
	}
	t->entry[slot] = entry & ~s->paging.no_bits;
}

void huge_map(struct space *s, pfn_t pfn)
{
	frame_map_add(frame_at(s->phys, pfn), 1);
}

void huge_unmap(struct space *s, struct ctx *ctx, const struct vma *v,
		pfn_t pfn, bool restore)
{
	struct frame *f = frame_at(s->phys, pfn);

	frame_map_add(f, -1);
	if (!frame_mapcount(f) && !(v->flags & VM_SHARED))
		hugetlb_put(s->cache, ctx, pfn, restore);
}

/* The table and slot of @addr, false if there is no table. */
static bool find(const struct space *s, const struct mm *mm, uint64_t addr,
		 unsigned level, uint32_t *ret_table, unsigned *ret_slot)
{
	*ret_table = pt_find(s, mm, addr, level);
	*ret_slot = pt_slot(s, addr, level);
	return *ret_table && table_at(s, *ret_table)->entry[*ret_slot];
}

/* A private page of the owner is reserved for it again, unless the pool has
 * more than it shall. */
static bool restores(const struct space *s, const struct vma *v)
{
	return (v->hugetlb & VMA_RESV_OWNER) &&
	       !s->cache->huge[vma_huge_size(s, v)].surplus;
}

uint64_t huge_zap(struct space *s, struct ctx *ctx, const struct vma *v,
		  uint64_t start, uint64_t end)
{
	uint64_t bytes = vma_huge_bytes(s, v), pages = 0;
	unsigned level = huge_level(vma_huge_size(s, v)), slot;
	uint32_t table;

	for (; start < end; start += bytes) {
		pfn_t pfn;

		if (!find(s, mm_at(s, v->mm), start, level, &table, &slot))
			continue;
		pfn = PTE_PFN(table_at(s, table)->entry[slot]);
		huge_set(s, table, slot, 0);
		huge_unmap(s, ctx, v, pfn, restores(s, v));
		pages += bytes >> PAGE_SHIFT;
	}
	return pages;
}

void huge_close(struct space *s, struct ctx *ctx, const struct vma *v)
{
	if (v->hugetlb & VMA_RESV_OWNER)
		hugetlb_unreserve(s->cache, ctx, vma_huge_inode(s, v),
				  vma_huge_index(s, v, v->start),
				  vma_huge_index(s, v, v->end));
}

int huge_fork_step(struct space *s, struct ctx *ctx, uint32_t dst,
		   const struct vma *v, uint64_t *cursor)
{
	uint64_t bytes = vma_huge_bytes(s, v), at = *cursor & ~(bytes - 1);
	unsigned level = huge_level(vma_huge_size(s, v)), slot;
	uint32_t from, to;

	if (find(s, mm_at(s, v->mm), at, level, &from, &slot)) {
		uint64_t entry;
		int r = pt_make(s, ctx, dst, at, level, &to);

		if (r)
			return r;
		entry = table_at(s, from)->entry[slot] & ~PTE_WRITE;
		huge_set(s, from, slot, entry);
		huge_set(s, to, slot, entry);
		huge_map(s, PTE_PFN(entry));
		ctx_pay(ctx, COST_SCAN_PAGE, 1);
	}
	*cursor = at + bytes < v->end ? at + bytes + 1 : v->end;
	return STEP_MORE;
}

void huge_protect(struct space *s, const struct vma *v, uint64_t start,
		  uint64_t end)
{
	uint64_t bytes = vma_huge_bytes(s, v);
	unsigned level = huge_level(vma_huge_size(s, v)), slot;
	uint32_t table;

	for (; start < end; start += bytes) {
		uint64_t entry;

		if (!find(s, mm_at(s, v->mm), start, level, &table, &slot))
			continue;
		entry = table_at(s, table)->entry[slot] & ~(PTE_WRITE | PTE_NX);
		if (!(v->flags & VM_EXEC))
			entry |= PTE_NX;
		/* Private ones are found out by the next write. */
		if ((v->flags & VM_WRITE) && (v->flags & VM_SHARED))
			entry |= PTE_WRITE;
		huge_set(s, table, slot, entry);
	}
}

/* smaps_hugetlb_range() */
void huge_smaps(const struct space *s, const struct vma *v, struct smaps *sum)
{
	uint64_t bytes = vma_huge_bytes(s, v);
	unsigned level = huge_level(vma_huge_size(s, v)), slot;
	uint32_t table;

	for (uint64_t at = v->start; at < v->end; at += bytes) {
		pfn_t pfn;

		if (!find(s, mm_at(s, v->mm), at, level, &table, &slot))
			continue;
		pfn = PTE_PFN(table_at(s, table)->entry[slot]);
		if (frame_mapcount(frame_at(s->phys, pfn)) > 1)
			sum->shared_hugetlb += bytes >> PAGE_SHIFT;
		else
			sum->private_hugetlb += bytes >> PAGE_SHIFT;
	}
}

/* --- who maps a page -------------------------------------------------------
 */
struct look {
	const struct space *s;
	uint64_t index; /* in 4 KiB pages of the file */
	pfn_t pfn;
	rmap_visit *visit;
	void *arg;
};

static bool look_at(const struct look *l, uint32_t vma)
{
	const struct vma *v = vma_at(l->s, vma);
	uint64_t addr = v->start + ((l->index - v->pgoff) << PAGE_SHIFT);
	unsigned level = huge_level(vma_huge_size(l->s, v)), slot;
	uint32_t table;

	if (!find(l->s, mm_at(l->s, v->mm), addr, level, &table, &slot) ||
	    PTE_PFN(table_at(l->s, table)->entry[slot]) != l->pfn)
		return true;
	return l->visit(l->arg, v->mm, vma, addr, table, slot);
}

static bool look_below(const struct look *l, uint32_t id)
{
	while (id) {
		const struct vma *v = vma_at(l->s, id);

		if (v->max_last < l->index)
			return true;
		if (!look_below(l, v->by_pgoff.left))
			return false;
		if (v->pgoff > l->index)
			return true;
		if (l->index < v->pgoff + vma_pages(v) && !look_at(l, id))
			return false;
		id = v->by_pgoff.right;
	}
	return true;
}

void huge_rmap_walk(const struct space *s, pfn_t pfn, rmap_visit *visit,
		    void *arg)
{
	const struct frame *f = frame_at(s->phys, pfn);
	struct look l = { s, f->index, pfn, visit, arg };

	if (f->owner)
		look_below(&l, inode_at(s->cache, f->owner)->mmap_root);
}

struct thief {
	uint32_t owner, victim;
	uint64_t addr;
	const struct space *s;
};

static bool find_victim(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
			uint32_t table, unsigned slot)
{
	struct thief *t = arg;

	(void)mm;
	(void)table;
	(void)slot;
	if (vma == t->owner || (vma_at(t->s, vma)->hugetlb & VMA_RESV_OWNER))
		return true;
	t->victim = vma;
	t->addr = addr;
	return false;
}

void huge_steal(struct space *s, struct ctx *ctx, uint32_t owner, pfn_t pfn)
{
	for (;;) {
		struct thief t = { .owner = owner, .s = s };
		struct vma *v;

		huge_rmap_walk(s, pfn, find_victim, &t);
		if (!t.victim)
			return;
		v = vma_at(s, t.victim);
		v->hugetlb |= VMA_RESV_UNMAPPED;
		huge_zap(s, ctx, v, t.addr, t.addr + vma_huge_bytes(s, v));
	}
}
