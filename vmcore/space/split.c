// SPDX-License-Identifier: Apache-2.0
/* Folios that become single pages, at once or when memory is short
 * (mm/huge_memory.c). */
#include "vmcore/space/pgtable.h"

/* --- the deferred split queue ----------------------------------------------
 */
void thp_defer(struct space *s, pfn_t folio, bool partial)
{
	struct frame *f = frame_at(s->phys, folio);
	unsigned order = frame_order(f);

	if (order <= 1 || (!partial && !s->thp.shrink_underused) ||
	    f->word & PG_SWAPCACHE)
		return;
	if (partial && !(f->word & PG_PARTIAL)) {
		f->word |= PG_PARTIAL;
		if (order == HPAGE_ORDER)
			vmstat_event(&s->phys->stat, THP_DEFERRED_SPLIT_PAGE,
				     1);
		thp_count(s, order, THP_STAT_SPLIT_DEFERRED);
	}
	deferred_add(s->control, folio);
}

void thp_unmapping(struct space *s, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);

	if (frame_type(f) == FRAME_ANON && frame_order(f) > 1 &&
	    !(f->word & (PG_PARTIAL | PG_PMDMAPPED)) && *folio_nr_mapped(f) > 1)
		thp_defer(s, folio, true);
}

void thp_undefer(struct space *s, pfn_t folio)
{
	deferred_del(s->control, folio);
	frame_at(s->phys, folio)->word &= ~PG_PARTIAL;
}

/* --- whose is it? -----------------------------------------------------------
 */
struct owner {
	uint32_t mm;
	bool other;
};

static bool find_other(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		       uint32_t table, unsigned slot)
{
	struct owner *o = arg;

	(void)vma;
	(void)addr;
	(void)table;
	(void)slot;
	o->other = mm != o->mm;
	return !o->other;
}

/* Does the entry of @mm at @addr map @page? */
static bool maps(const struct space *s, uint32_t mm, uint64_t addr, pfn_t page)
{
	uint64_t pte = pte_get(s, mm_at(s, mm), addr);

	return (pte & PTE_PRESENT) && PTE_PFN(pte) == page;
}

bool folio_maybe_shared(const struct space *s, pfn_t folio, uint32_t mm,
			uint64_t addr)
{
	const struct frame *f = frame_at(s->phys, folio);
	struct owner o = { .mm = mm };

	for (unsigned i = 0; i < 1u << frame_order(f); i++) {
		if (frame_mapcount(f + i) > 1)
			return true;
		if (!frame_mapcount(f + i) ||
		    maps(s, mm, addr + ((uint64_t)i << PAGE_SHIFT), folio + i))
			continue;
		rmap_walk(s, folio + i, find_other, &o);
		if (o.other)
			return true;
	}
	return false;
}

/* --- splitting a folio ------------------------------------------------------
 */
struct pmds {
	const struct space *s;
	uint32_t vma;
	uint64_t addr;
};

static bool find_pmd(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		     uint32_t table, unsigned slot)
{
	struct pmds *p = arg;

	(void)mm;
	(void)slot;
	p->vma = vma;
	p->addr = addr;
	return table_at(p->s, table)->level == 1;
}

/* unmap_folio(): no PMD maps it any more. */
void folio_split_pmds(struct space *s, struct ctx *ctx, pfn_t folio)
{
	while (frame_at(s->phys, folio)->word & PG_PMDMAPPED) {
		struct pmds p = { .s = s };

		rmap_walk(s, folio, find_pmd, &p);
		pmd_split(s, ctx, p.vma, p.addr);
	}
}

/* What the single pages have of the folio (__split_folio_to_order()). */
#define SPLIT_FLAGS                                                           \
	(PG_REFERENCED | PG_UPTODATE | PG_DIRTY | PG_ACTIVE | PG_WORKINGSET | \
	 PG_SWAPBACKED | PG_UNEVICTABLE | PG_MLOCKED | FRAME_GEN_MASK |       \
	 FRAME_REFS_MASK)

static void make_pages(struct space *s, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);
	uint32_t pages = 1u << frame_order(f), word = f->word & SPLIT_FLAGS;

	for (unsigned i = 0; i < pages; i++) {
		uint32_t own = f[i].word & (PG_EXCLUSIVE | PG_SWAPCACHE);

		if (!i)
			own |= f->word & (PG_LRU | PG_READAHEAD);
		frame_set(f + i, frame_type(f), 0, word | own);
		if (!i)
			continue;
		f[i].next = f[i].prev = 0;
		if (!(own & PG_SWAPCACHE))
			f[i].private = 0;
		f[i].owner = f->owner;
		f[i].index = f->index + i;
		frame_set_group(f + i, frame_group(f));
	}
	if (f->word & PG_LRU)
		lru_split(s->control, folio, pages);
}

/* remap_page(): pages of zeroes are not kept (try_to_map_unused_to_zeropage());
 * those nobody maps go. */
struct zero {
	struct space *s;
	struct ctx *ctx;
	pfn_t page;
};

static bool map_zero(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		     uint32_t table, unsigned slot)
{
	struct zero *z = arg;
	struct space *s = z->s;
	uint64_t pte = table_at(s, table)->entry[slot];

	(void)mm;
	(void)addr;
	if (vma_at(s, vma)->flags & VM_LOCKED)
		return true;
	pte_set(s, table, slot,
		(pte & PTE_NX) | PTE_OF(s->phys->zero_pfn) | PTE_PRESENT |
			PTE_USER | PTE_ACCESSED);
	rmap_remove(s, z->ctx, z->page);
	return false;
}

static void drop_zero(struct space *s, struct ctx *ctx, pfn_t page)
{
	struct frame *f = frame_at(s->phys, page);
	struct zero z = { .s = s, .ctx = ctx, .page = page };
	uint32_t before;

	/* An address space more each time, until the page is freed. */
	do {
		before = frame_mapcount(f);
		rmap_walk(s, page, map_zero, &z);
	} while (frame_mapcount(f) && frame_mapcount(f) < before);
}

/* Of a file only what lies behind its end is not kept. */
static void settle_file(struct space *s, struct ctx *ctx, pfn_t page)
{
	const struct frame *f = frame_at(s->phys, page);
	const struct inode *inode = inode_at(s->cache, f->owner);

	if (!frame_mapcount(f) &&
	    (uint64_t)f->index << PAGE_SHIFT >= inode->size &&
	    (inode->kind == INODE_SHMEM || !(f->word & PG_DIRTY)))
		cache_remove(s->cache, ctx, page, false);
}

static void settle(struct space *s, struct ctx *ctx, pfn_t page)
{
	struct frame *f = frame_at(s->phys, page);

	if (frame_type(f) == FRAME_FILE && f->owner) {
		settle_file(s, ctx, page);
		return;
	}
	if (frame_mapcount(f)) {
		if (!f->content && !(f->word & PG_MLOCKED))
			drop_zero(s, ctx, page);
		return;
	}
	/* free_folio_and_swap_cache() */
	if (f->word & PG_SWAPCACHE && !swap_free_folio(s->cache, ctx, page))
		return;
	lru_release(s->control, page);
	group_uncharge(s->control, frame_group(f), 1);
	page_free(s->phys, ctx, page, 0);
}

static bool splittable(const struct space *s, const struct frame *f)
{
	if (f->word & (PG_WRITEBACK | PG_LOCKED))
		return false;
	if (frame_type(f) == FRAME_ANON || f->word & PG_SWAPCACHE)
		return true;
	if (frame_type(f) != FRAME_FILE || !f->owner)
		return false;
	/* filemap_release_folio(): not buffers that are dirty. */
	return inode_at(s->cache, f->owner)->kind == INODE_SHMEM ||
	       (f->word & (PG_DIRTY | PG_PRIVATE)) != (PG_DIRTY | PG_PRIVATE);
}

bool folio_split(struct space *s, struct ctx *ctx, pfn_t folio)
{
	struct frame *f = frame_at(s->phys, folio);
	unsigned order = frame_order(f);

	if (!order)
		return true;
	if (!splittable(s, f))
		return false;
	thp_unmapping(s, folio);
	folio_split_pmds(s, ctx, folio);
	thp_undefer(s, folio);
	if (f->word & PG_SWAPCACHE)
		swap_split(s->cache, folio);
	else if (frame_type(f) == FRAME_FILE)
		file_split(s->cache, ctx, folio);
	make_pages(s, folio);
	for (pfn_t i = 0; i < 1u << order; i++)
		settle(s, ctx, folio + i);
	if (order == HPAGE_ORDER)
		vmstat_event(&s->phys->stat, THP_SPLIT_PAGE, 1);
	thp_count(s, order, THP_STAT_SPLIT);
	ctx_pay(ctx, COST_SCAN_PAGE, 1ull << order);
	return true;
}

/* --- a file that ends in a folio ---------------------------------------------
 */
/* The part at @x of a folio that is cut down to page @at: as large as one that
 * does not hold the page can be. */
static unsigned part_order(unsigned x, unsigned at)
{
	unsigned o = 0;

	while (x != at && !(x >> o & 1) && at >> (o + 1) != x >> (o + 1))
		o++;
	return o;
}

static void make_part(struct space *s, const struct frame *whole, pfn_t pfn,
		      unsigned x, unsigned order)
{
	uint32_t word = whole->word & SPLIT_FLAGS, mapped = 0;
	struct frame *f = frame_at(s->phys, pfn + x);

	if (!x)
		word |= whole->word & (PG_LRU | PG_READAHEAD);
	for (unsigned i = 0; i < 1u << order; i++) {
		mapped += frame_mapcount(f + i) > 0;
		if (!i && !x)
			continue;
		frame_set(f + i, FRAME_TAIL, 0, 0);
		f[i].next = f[i].prev = f[i].private = 0;
		f[i].owner = pfn + x;
	}
	frame_set(f, FRAME_FILE, order, word | (order ? PG_HEAD : 0));
	f->owner = whole->owner;
	f->index = whole->index + x;
	frame_set_group(f, frame_group(whole));
	if (order)
		*folio_nr_mapped(f) = mapped;
	if (x && whole->word & PG_LRU)
		lru_split_off(s->control, pfn, pfn + x);
}

/* folio_split() down to page @at (__split_unmapped_folio()). */
static bool split_at(struct space *s, struct ctx *ctx, pfn_t folio, unsigned at)
{
	const struct frame *f = frame_at(s->phys, folio);
	unsigned order = frame_order(f), part;
	bool can = splittable(s, f);
	struct frame whole;

	thp_count(s, order, can ? THP_STAT_SPLIT : THP_STAT_SPLIT_FAILED);
	if (order == HPAGE_ORDER)
		vmstat_event(&s->phys->stat,
			     can ? THP_SPLIT_PAGE : THP_SPLIT_PAGE_FAILED, 1);
	if (!can)
		return false;
	folio_split_pmds(s, ctx, folio);
	thp_undefer(s, folio);
	file_split(s->cache, ctx, folio);
	whole = *f;
	for (unsigned x = 0; x < 1u << order; x += 1u << part) {
		part = part_order(x, at);
		make_part(s, &whole, folio, x, part);
		file_rejoin(s->cache, ctx, folio + x);
	}
	ctx_pay(ctx, COST_SCAN_PAGE, 1ull << order);
	return true;
}

int folio_truncate(struct space *s, struct ctx *ctx, uint32_t inode,
		   uint64_t size)
{
	uint64_t index = size >> PAGE_SHIFT;
	pfn_t folio = cache_find(s->cache, inode, index);
	const struct frame *f;

	if (folio == PFN_NONE)
		return 0;
	f = frame_at(s->phys, folio);
	if (!frame_order(f) || (uint64_t)f->index << PAGE_SHIFT == size ||
	    f->word & PG_SWAPCACHE)
		return 0;
	ctx->wait_io = folio_io(s->cache, folio);
	if (ctx->wait_io)
		return WAIT_IO;
	split_at(s, ctx, folio, (unsigned)(index - f->index));
	return 0;
}

/* thp_underused(): more of it is zeroes than max_ptes_none allows. */
static bool underused(const struct space *s, pfn_t folio)
{
	const struct frame *f = frame_at(s->phys, folio);
	uint32_t most = s->thp.khugepaged.max_ptes_none, zeroes = 0;

	if (most == HPAGE_PAGES - 1)
		return false;
	for (unsigned i = 0; i < 1u << frame_order(f); i++)
		zeroes += !f[i].content;
	return zeroes > most;
}

uint32_t thp_split_deferred(struct space *s, struct ctx *ctx, uint32_t group,
			    unsigned node, uint32_t nr)
{
	struct lruvec *v = &group_at(s->control, group)->lruvec[node];
	uint32_t split = 0, look = nr < v->nr_deferred ? nr : v->nr_deferred;

	for (; look; look--) {
		pfn_t folio = v->deferred_head;
		bool partial = frame_at(s->phys, folio)->word & PG_PARTIAL;
		bool under = !partial && underused(s, folio);

		deferred_del(s->control, folio);
		if (!partial && !under)
			continue;
		if (folio_split(s, ctx, folio)) {
			split++;
			if (under)
				vmstat_event(&s->phys->stat,
					     THP_UNDERUSED_SPLIT_PAGE, 1);
		} else if (partial) {
			deferred_add(s->control, folio);
		}
	}
	return split;
}

/* --- shrinkers ---------------------------------------------------------------
 */
#define SHRINK_BATCH 128u /* objects at a time */

/* do_shrink_slab(), with DEFAULT_SEEKS: of @freeable objects so many. */
static uint64_t to_scan(uint64_t freeable, int32_t priority)
{
	uint64_t nr = (freeable >> priority) * 2;

	if (nr > 2 * freeable)
		nr = 2 * freeable;
	if (nr >= freeable)
		return nr;
	return nr / SHRINK_BATCH * SHRINK_BATCH;
}

void thp_shrink(struct space *s, struct ctx *ctx, uint32_t group, unsigned node,
		int32_t priority)
{
	uint64_t queued = group_at(s->control, group)->lruvec[node].nr_deferred;

	if (queued)
		thp_split_deferred(s, ctx, group, node,
				   (uint32_t)to_scan(queued, priority));
	if (s->thp.zero_pfn && !s->thp.zero_users &&
	    to_scan(HPAGE_PAGES, priority))
		thp_zero_shrink(s, ctx);
}

void thp_shrink_all(struct space *s, struct ctx *ctx)
{
	for (uint32_t g = group_next(s->control, GROUP_ROOT, ID_NONE); g;
	     g = group_next(s->control, GROUP_ROOT, g))
		for (unsigned n = 0; n < s->phys->nr_nodes; n++)
			thp_shrink(s, ctx, g, n, 0);
}
