// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma.h"

void rmap_add(struct space *s, pfn_t page)
{
	struct frame *f = frame_at(s->phys, page);
	pfn_t folio = folio_head(s->phys, page);
	const struct frame *head = frame_at(s->phys, folio);

	frame_map_add(f, 1);
	if (frame_mapcount(f) > 1)
		return;
	group_stat(s->control, frame_group(head), pfn_node(s->phys, page),
		   frame_type(head) == FRAME_ANON ? NR_ANON_MAPPED
						  : NR_FILE_MAPPED,
		   1);
}

/* The last mapping of an anonymous folio is gone: so is the folio, unless
 * swap still needs it (free_swap_cache()). */
static void anon_release(struct space *s, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);
	unsigned order = frame_order(f);

	if (folio_mapped(s->phys, folio))
		return;
	if ((f->word & PG_SWAPCACHE) && !swap_free_folio(s->cache, ctx, folio))
		return;
	if (f->word & PG_MLOCKED) {
		vmstat_event(&s->phys->stat, UNEVICTABLE_PGCLEARED,
			     1ull << order);
		vmstat_zone(&s->phys->stat, pfn_zone(s->phys, folio), NR_MLOCK,
			    -(int64_t)(1u << order));
		f->word &= ~PG_MLOCKED;
	}
	if (f->word & PG_LRU)
		lru_del(s->control, folio);
	group_uncharge(s->control, frame_group(f), 1u << order);
	page_free(s->phys, ctx, folio, order);
}

void rmap_drop(struct space *s, pfn_t page)
{
	struct frame *f = frame_at(s->phys, page);
	const struct frame *head = frame_at(s->phys, folio_head(s->phys, page));

	frame_map_add(f, -1);
	if (frame_mapcount(f))
		return;
	group_stat(s->control, frame_group(head), pfn_node(s->phys, page),
		   frame_type(head) == FRAME_ANON ? NR_ANON_MAPPED
						  : NR_FILE_MAPPED,
		   -1);
}

void rmap_remove(struct space *s, struct ctx *ctx, pfn_t page)
{
	pfn_t folio = folio_head(s->phys, page);

	rmap_drop(s, page);
	if (frame_type(frame_at(s->phys, folio)) == FRAME_ANON &&
	    !frame_mapcount(frame_at(s->phys, page)))
		anon_release(s, ctx, folio);
}

/* Where in @vma page @index of its object is mapped, if it maps @page. */
static bool visit_vma(const struct space *s, uint32_t vma, uint64_t index,
		      pfn_t page, rmap_visit *visit, void *arg)
{
	const struct vma *v = vma_at(s, vma);
	uint64_t addr = v->start + ((index - v->pgoff) << PAGE_SHIFT);
	uint32_t table = pt_find(s, mm_at(s, v->mm), addr, 1);
	uint64_t pte;

	if (!table)
		return true;
	pte = table_at(s, table)->entry[pt_slot(addr, 1)];
	if (!(pte & PTE_PRESENT) || PTE_PFN(pte) != page)
		return true;
	return visit(arg, v->mm, vma, addr, table, pt_slot(addr, 1));
}

static bool walk_chains(const struct space *s, uint32_t id, uint64_t index,
			pfn_t page, rmap_visit *visit, void *arg)
{
	while (id) {
		const struct anon_vma_chain *c = pool_at(&s->chains, id);
		const struct vma *v = vma_at(s, c->vma);

		if (c->max_last < index)
			return true;
		if (!walk_chains(s, c->node.left, index, page, visit, arg))
			return false;
		if (v->pgoff > index)
			return true;
		if (index < v->pgoff + vma_pages(v) &&
		    !visit_vma(s, c->vma, index, page, visit, arg))
			return false;
		id = c->node.right;
	}
	return true;
}

static bool walk_file(const struct space *s, uint32_t id, uint64_t index,
		      pfn_t page, rmap_visit *visit, void *arg)
{
	while (id) {
		const struct vma *v = vma_at(s, id);

		if (v->max_last < index)
			return true;
		if (!walk_file(s, v->by_pgoff.left, index, page, visit, arg))
			return false;
		if (v->pgoff > index)
			return true;
		if (index < v->pgoff + vma_pages(v) &&
		    !visit_vma(s, id, index, page, visit, arg))
			return false;
		id = v->by_pgoff.right;
	}
	return true;
}

void rmap_walk(const struct space *s, pfn_t page, rmap_visit *visit, void *arg)
{
	pfn_t folio = folio_head(s->phys, page);
	const struct frame *f = frame_at(s->phys, folio);
	uint64_t index;

	if (frame_type(f) == FRAME_ANON) {
		const struct anon_vma *av = anon_vma_at(s, f->owner);

		index = av->base + (uint64_t)(int64_t)(int32_t)f->index +
			(page - folio);
		walk_chains(s, av->chains, index, page, visit, arg);
	} else if (frame_type(f) == FRAME_FILE && f->owner) {
		index = (uint64_t)f->index + (page - folio);
		walk_file(s, inode_at(s->cache, f->owner)->mmap_root, index,
			  page, visit, arg);
	}
}

struct clean {
	struct space *s;
	bool dirty;
};

static bool clean_one(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		      uint32_t table, unsigned slot)
{
	struct clean *c = arg;
	uint64_t pte = table_at(c->s, table)->entry[slot];

	(void)mm;
	(void)addr;
	if (!(vma_at(c->s, vma)->flags & VM_SHARED))
		return true;
	if (pte & PTE_DIRTY)
		c->dirty = true;
	pte_set(c->s, table, slot, pte & ~(PTE_DIRTY | PTE_WRITE));
	return true;
}

bool rmap_clean(struct space *s, pfn_t folio)
{
	struct clean c = { .s = s };
	unsigned n = 1u << frame_order(frame_at(s->phys, folio));

	for (unsigned i = 0; i < n; i++)
		if (frame_mapcount(frame_at(s->phys, folio + i)))
			rmap_walk(s, folio + i, clean_one, &c);
	return c.dirty;
}
