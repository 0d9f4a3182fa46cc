// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/hugetlb.h"
#include "vmcore/space/unmap.h"
#include "vmcore/space/vma.h"

/* nr_anon_pages or nr_mapped */
static void count_mapped(struct space *s, pfn_t folio, int64_t pages)
{
	const struct frame *f = frame_at(s->phys, folio);

	group_stat(s->control, frame_group(f), pfn_node(s->phys, folio),
		   frame_type(f) == FRAME_ANON ? NR_ANON_MAPPED
					       : NR_FILE_MAPPED,
		   pages);
}

void rmap_add(struct space *s, pfn_t page)
{
	struct frame *f = frame_at(s->phys, page);
	pfn_t folio = folio_head(s->phys, page);
	struct frame *head = frame_at(s->phys, folio);

	frame_map_add(f, 1);
	if (frame_mapcount(f) > 1)
		return;
	if (frame_order(head))
		++*folio_nr_mapped(head);
	count_mapped(s, folio, 1);
}

/* The PMDs of a folio are counted when the first comes and the last goes. */
static void count_pmd(struct space *s, pfn_t folio, int64_t pages)
{
	const struct frame *f = frame_at(s->phys, folio);
	enum node_stat item = NR_ANON_THPS;

	if (frame_type(f) != FRAME_ANON)
		item = f->word & PG_SWAPBACKED ? NR_SHMEM_PMDMAPPED
					       : NR_FILE_PMDMAPPED;
	group_stat(s->control, frame_group(f), pfn_node(s->phys, folio), item,
		   pages);
}

void rmap_add_pmd(struct space *s, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);
	unsigned first = 0;

	for (unsigned i = 0; i < HPAGE_PAGES; i++) {
		frame_map_add(f + i, 1);
		first += frame_mapcount(f + i) == 1;
	}
	*folio_nr_mapped(f) += first;
	count_mapped(s, folio, first);
	if ((*folio_nr_pmds(f))++)
		return;
	f->word |= PG_PMDMAPPED;
	count_pmd(s, folio, HPAGE_PAGES);
}

void rmap_split_pmd(struct space *s, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);

	if (--*folio_nr_pmds(f))
		return;
	f->word &= ~PG_PMDMAPPED;
	count_pmd(s, folio, -(int64_t)HPAGE_PAGES);
}

void rmap_remove_pmd(struct space *s, struct ctx *ctx, pfn_t folio)
{
	rmap_split_pmd(s, folio);
	rmap_remove_run(s, ctx, folio, HPAGE_PAGES);
}

/* The last mapping of an anonymous folio is gone: so is the folio, unless
 * swap still needs it (free_swap_cache()). */
static void anon_release(struct space *s, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);
	unsigned order = frame_order(f);

	if (order ? *folio_nr_mapped(f) : frame_mapcount(f))
		return;
	if ((f->word & PG_SWAPCACHE) && !swap_free_folio(s->cache, ctx, folio))
		return;
	thp_undefer(s, folio);
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

/* __folio_remove_rmap(): how many of the pages nobody maps any more. */
static unsigned drop_run(struct space *s, pfn_t page, unsigned nr)
{
	struct frame *f = frame_at(s->phys, page);
	pfn_t folio = folio_head(s->phys, page);
	struct frame *head = frame_at(s->phys, folio);
	unsigned last = 0;

	for (unsigned i = 0; i < nr; i++) {
		frame_map_add(f + i, -1);
		last += !frame_mapcount(f + i);
	}
	if (!last)
		return 0;
	count_mapped(s, folio, -(int64_t)last);
	if (frame_order(head))
		*folio_nr_mapped(head) -= last;
	return last;
}

void rmap_drop(struct space *s, pfn_t page)
{
	drop_run(s, page, 1);
}

void rmap_remove_run(struct space *s, struct ctx *ctx, pfn_t page, unsigned nr)
{
	pfn_t folio = folio_head(s->phys, page);
	struct frame *head = frame_at(s->phys, folio);

	if (!drop_run(s, page, nr) || frame_type(head) != FRAME_ANON)
		return;
	if (frame_order(head) && *folio_nr_mapped(head) &&
	    !(head->word & PG_PARTIAL))
		thp_defer(s, folio, true);
	anon_release(s, ctx, folio);
}

void rmap_remove(struct space *s, struct ctx *ctx, pfn_t page)
{
	rmap_remove_run(s, ctx, page, 1);
}

static bool has_index(const struct vma *v, uint64_t index)
{
	return v->pgoff <= index && index < v->pgoff + vma_pages(v);
}

static uint64_t index_addr(const struct vma *v, uint64_t index)
{
	return v->start + ((index - v->pgoff) << PAGE_SHIFT);
}

/* Where @f would be in the area that is asked first. */
static void first_spot(const struct space *s, const struct frame *f,
		       struct rmap_spot *at)
{
	const struct anon_vma *av = anon_vma_at(s, f->owner);
	uint64_t index = av->base + (uint64_t)(int64_t)(int32_t)f->index;
	const struct anon_vma_chain *c;
	const struct vma *v;

	if (!av->chains)
		return;
	c = pool_at(&s->chains, av->chains);
	v = vma_at(s, c->vma);
	if (!has_index(v, index))
		return;
	at->vma = c->vma;
	at->mm = v->mm;
	at->addr = index_addr(v, index);
	at->slot = pte_slot(s, at->addr);
	at->table = pt_find(s, mm_at(s, v->mm), at->addr, 1);
}

void rmap_look(const struct space *s, const pfn_t *pages, unsigned nr,
	       struct rmap_spot *at)
{
	for (; nr--; pages++, at++) {
		const struct frame *f = frame_at(s->phys, *pages);

		at->page = *pages;
		at->table = 0;
		if (frame_type(f) != FRAME_ANON || f->word & PG_KSM ||
		    frame_order(f) || frame_mapcount(f) != 1)
			continue;
		first_spot(s, f, at);
		if (at->table)
			pte_prefetch(table_at(s, at->table),
				     &table_at(s, at->table)->entry[at->slot]);
	}
}

/* An entry that maps @page. */
static bool maps_page(uint64_t pte, pfn_t page)
{
	return (pte & (PTE_PRESENT | PTE_SPECIAL)) == PTE_PRESENT &&
	       PTE_PFN(pte) == page;
}

/* Where in @vma page @index of its object is mapped, if it maps @page. */
static bool visit_vma(const struct space *s, uint32_t vma, uint64_t index,
		      pfn_t page, rmap_visit *visit, void *arg)
{
	const struct vma *v = vma_at(s, vma);
	uint64_t addr = index_addr(v, index);
	uint32_t table = pt_find(s, mm_at(s, v->mm), addr, 1);
	uint64_t pte;

	if (!table) {
		table = pt_find(s, mm_at(s, v->mm), addr, 2);
		pte = table ? table_at(s, table)->entry[pmd_slot(s, addr)] : 0;
		if (!pmd_huge(pte) || PTE_PFN(pte) + pte_slot(s, addr) != page)
			return true;
		return visit(arg, v->mm, vma, addr, table, pmd_slot(s, addr));
	}
	pte = table_at(s, table)->entry[pte_slot(s, addr)];
	return !maps_page(pte, page) ||
	       visit(arg, v->mm, vma, addr, table, pte_slot(s, addr));
}

static bool walk_chains(const struct space *s, uint32_t id, uint64_t index,
			pfn_t page, rmap_visit *visit, void *arg)
{
	while (id) {
		const struct anon_vma_chain *c = pool_at(&s->chains, id);
		const struct vma *v = vma_at(s, c->vma);

		if (c->max_last < index)
			return true;
		if (c->node.left &&
		    !walk_chains(s, c->node.left, index, page, visit, arg))
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
		if (v->by_pgoff.left &&
		    !walk_file(s, v->by_pgoff.left, index, page, visit, arg))
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

	if (frame_type(f) == FRAME_ANON && (f->word & PG_KSM)) {
		ksm_rmap_walk(s, page, visit, arg);
	} else if (frame_type(f) == FRAME_ANON) {
		const struct anon_vma *av = anon_vma_at(s, f->owner);

		index = av->base + (uint64_t)(int64_t)(int32_t)f->index +
			(page - folio);
		walk_chains(s, av->chains, index, page, visit, arg);
	} else if (frame_type(f) == FRAME_FILE && f->owner) {
		index = (uint64_t)f->index + (page - folio);
		walk_file(s, inode_at(s->cache, f->owner)->mmap_root, index,
			  page, visit, arg);
	} else if (frame_type(f) == FRAME_VMALLOC && s->cache->device) {
		/* Every open file has pages of its own at the same index. */
		walk_file(s, inode_at(s->cache, s->cache->device)->mmap_root,
			  f->index, page, visit, arg);
	} else if (frame_type(f) == FRAME_HUGETLB) {
		huge_rmap_walk(s, folio, visit, arg);
	}
}

/* The one entry there is needs no look at who else may have one. */
void rmap_walk_at(const struct space *s, pfn_t page, const struct rmap_spot *at,
		  rmap_visit *visit, void *arg)
{
	if (at && at->table && at->page == page &&
	    frame_mapcount(frame_at(s->phys, page)) == 1 &&
	    maps_page(table_at(s, at->table)->entry[at->slot], page))
		visit(arg, at->mm, at->vma, at->addr, at->table, at->slot);
	else
		rmap_walk(s, page, visit, arg);
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
