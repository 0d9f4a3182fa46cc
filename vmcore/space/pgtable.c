// SPDX-License-Identifier: Apache-2.0
#include "vmcore/space/pgtable.h"

#define LINK_BITS (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

/* --- table pages --------------------------------------------------------- */
static int table_new(struct space *s, struct ctx *ctx, uint32_t mm,
		     unsigned level, uint32_t *ret_table)
{
	struct table *t;
	uint32_t id;
	pfn_t pfn;
	int r = group_charge_kernel(s->control, ctx, 1);

	if (r)
		return r;
	r = page_alloc(s->phys, ctx, 0, GFP_PGTABLE, &pfn);
	if (r)
		goto uncharge;
	r = pool_new(&s->tables, &id);
	if (r)
		goto free_page;
	t = table_at(s, id);
	t->mm = mm;
	t->pfn = pfn;
	t->level = (uint16_t)level;
	frame_set(frame_at(s->phys, pfn), FRAME_TABLE, 0, 0);
	frame_at(s->phys, pfn)->owner = id;
	frame_set_group(frame_at(s->phys, pfn), ctx->group);
	group_stat(s->control, ctx->group, pfn_node(s->phys, pfn), NR_PAGETABLE,
		   1);
	if (level < s->paging.counted)
		mm_at(s, mm)->pgtables_bytes += PAGE_SIZE;
	ctx_pay(ctx, COST_ZERO_PAGE, 1);
	*ret_table = id;
	return 0;
free_page:
	page_free(s->phys, ctx, pfn, 0);
uncharge:
	group_uncharge_kernel(s->control, ctx->group, 1);
	return r;
}

/* Address of an entry of a table that is in its place. */
static uint64_t entry_addr(const struct space *s, const struct table *t,
			   unsigned slot)
{
	uint64_t addr = slot * level_bytes(s, t->level);

	for (; t->parent; t = table_at(s, t->parent))
		addr += t->slot * level_bytes(s, t->level + 1u);
	return addr;
}

/* A table leaves its place, with all it maps. */
static void table_shoot(struct space *s, const struct table *t)
{
	uint64_t base = entry_addr(s, t, 0);

	for (unsigned i = 0; t->level == 1 && i < table_slots(s); i++)
		if (!i || t->entry[i] & PTE_PRESENT)
			tlb_shoot(s, t->mm, base + ((uint64_t)i << PAGE_SHIFT),
				  1);
}

static void table_free(struct space *s, struct ctx *ctx, uint32_t id)
{
	struct table *t = table_at(s, id);
	struct mm *mm = mm_at(s, t->mm);
	struct frame *f = frame_at(s->phys, t->pfn);
	uint32_t group = frame_group(f);
	pfn_t pfn = t->pfn;

	if (t->level <= 2)
		pt_forget_one(s, mm, entry_addr(s, t, 0), t->level);
	if (t->parent) {
		struct table *up = table_at(s, t->parent);

		if (s->tlb.on)
			table_shoot(s, t);

		up->entry[t->slot] = 0;
		up->nr_used--;
	}
	if (t->level < s->paging.counted)
		mm->pgtables_bytes -= PAGE_SIZE;
	if (mm->last_leaf == id)
		mm->last_leaf = 0;
	group_stat(s->control, group, pfn_node(s->phys, pfn), NR_PAGETABLE, -1);
	group_uncharge_kernel(s->control, group, 1);
	/* The entries of an empty one are zero. */
	pool_free_head(&s->tables, id,
		       t->nr_used ? s->tables.size : sizeof(*t));
	page_free(s->phys, ctx, pfn, 0);
}

int pt_new_leaf(struct space *s, struct ctx *ctx, uint32_t mm,
		uint32_t *ret_table)
{
	return table_new(s, ctx, mm, 1, ret_table);
}

void pt_drop_leaf(struct space *s, struct ctx *ctx, uint32_t table)
{
	table_free(s, ctx, table);
}

/* pmd_populate(): an entry of @up leads to @low. */
static void link_table(struct space *s, uint32_t up, unsigned slot,
		       uint32_t low)
{
	struct table *t = table_at(s, up);
	bool top = t->level == s->paging.levels;

	t->entry[slot] = PTE_OF(table_at(s, low)->pfn) |
			 (top ? s->paging.top_link : LINK_BITS);
	t->nr_used++;
	table_at(s, low)->parent = up;
	table_at(s, low)->slot = (uint16_t)slot;
}

static void unlink_table(struct space *s, uint32_t id)
{
	struct table *t = table_at(s, id);
	struct table *up = table_at(s, t->parent);

	if (s->tlb.on)
		table_shoot(s, t);
	up->entry[t->slot] = 0;
	up->nr_used--;
	t->parent = 0;
	t->slot = 0;
}

void pt_link_leaf(struct space *s, uint32_t table, uint64_t addr, uint32_t leaf)
{
	link_table(s, table, pmd_slot(s, addr), leaf);
}

void pt_unlink_leaf(struct space *s, uint32_t leaf)
{
	struct mm *mm = mm_at(s, table_at(s, leaf)->mm);

	if (mm->last_leaf == leaf)
		mm->last_leaf = 0;
	pt_forget_one(s, mm, entry_addr(s, table_at(s, leaf), 0), 1);
	unlink_table(s, leaf);
}

/* The first entry from @i on that is not empty, or @last. */
static unsigned next_entry(const struct table *t, unsigned i, unsigned last)
{
	const uint64_t *e = t->entry + i;

	for (; i + 8 <= last; i += 8, e += 8)
		if (e[0] | e[1] | e[2] | e[3] | e[4] | e[5] | e[6] | e[7])
			break;
	while (i < last && !t->entry[i])
		i++;
	return i;
}

static void free_below(struct space *s, struct ctx *ctx, uint32_t id,
		       bool itself)
{
	struct table *t = table_at(s, id);
	unsigned last = table_slots(s), i = 0;

	while (t->level > 1 && t->nr_used &&
	       (i = next_entry(t, i, last)) < last) {
		uint32_t c = pt_child(s, t, i++);

		if (c)
			free_below(s, ctx, c, true);
	}
	if (itself)
		table_free(s, ctx, id);
}

void pgd_empty(struct space *s, struct ctx *ctx, uint32_t mm)
{
	if (mm_at(s, mm)->pgd)
		free_below(s, ctx, mm_at(s, mm)->pgd, false);
}

void pgd_free(struct space *s, struct ctx *ctx, uint32_t mm)
{
	if (mm_at(s, mm)->pgd)
		free_below(s, ctx, mm_at(s, mm)->pgd, true);
	mm_at(s, mm)->pgd = 0;
}

/* preallocate_pmds(): PAE's PMD tables, the kernel's too, come with the PGD. */
int pgd_new(struct space *s, struct ctx *ctx, uint32_t mm)
{
	uint32_t pmd, *pgd = &mm_at(s, mm)->pgd;
	int r = table_new(s, ctx, mm, s->paging.levels, pgd);

	for (unsigned i = 0; i < s->paging.prealloc && !r; i++) {
		r = table_new(s, ctx, mm, s->paging.levels - 1, &pmd);
		if (r) {
			pgd_free(s, ctx, mm);
			break;
		}
		table_at(s, pmd)->pinned = 1;
		link_table(s, *pgd, i, pmd);
	}
	return r;
}

int pt_make(struct space *s, struct ctx *ctx, uint32_t mm, uint64_t addr,
	    unsigned level, uint32_t *ret_table)
{
	struct mm *m = mm_at(s, mm);
	uint32_t id = m->pgd, next;

	if (level == 1 && m->last_leaf &&
	    m->last_leaf_addr == addr >> level_shift(s, 2)) {
		*ret_table = m->last_leaf;
		return 0;
	}
	for (unsigned l = s->paging.levels; l > level; l--, id = next) {
		unsigned slot = pt_slot(s, addr, l);
		struct table *t = table_at(s, id);
		int r;

		next = pt_child(s, t, slot);
		if (next)
			continue;
		r = table_new(s, ctx, mm, l - 1, &next);
		if (r)
			return r;
		link_table(s, id, slot, next);
	}
	if (level == 1) {
		m->last_leaf = id;
		m->last_leaf_addr = addr >> level_shift(s, 2);
	}
	*ret_table = id;
	return 0;
}

/* --- entries ------------------------------------------------------------- */
/* Add (take away) what one entry stands for. */
static void count(struct space *s, struct table *t, uint64_t pte, int sign)
{
	int64_t pages = t->level > 1 ? sign * (int64_t)HPAGE_PAGES : sign;
	struct mm *mm = mm_at(s, t->mm);
	uint16_t d = (uint16_t)sign;
	const struct frame *f;

	if (!pte)
		return;
	t->nr_used = (uint16_t)(t->nr_used + d);
	if (!(pte & PTE_PRESENT)) {
		t->nr_swap = (uint16_t)(t->nr_swap + d);
		mm->rss[RSS_SWAP] += sign;
		return;
	}
	t->nr_present = (uint16_t)(t->nr_present + d);
	if (pte & PTE_SHARED)
		t->nr_shared = (uint16_t)(t->nr_shared + d);
	if (pte & PTE_DIRTY)
		t->nr_dirty = (uint16_t)(t->nr_dirty + d);
	if (pte & PTE_ACCESSED)
		t->nr_young = (uint16_t)(t->nr_young + d);
	if (pte & PTE_SPECIAL)
		return;
	f = frame_at(s->phys, folio_head(s->phys, PTE_PFN(pte)));
	if (frame_type(f) == FRAME_ANON) {
		t->nr_anon = (uint16_t)(t->nr_anon + d);
		mm->rss[RSS_ANON] += pages;
	} else if (frame_type(f) == FRAME_ZERO) {
		t->nr_zero = (uint16_t)(t->nr_zero + d);
		/* is_ksm_zero_pte() */
		if (t->level == 1 && (pte & PTE_DIRTY)) {
			mm->ksm_zero_pages += sign;
			s->ksm.zero_pages += sign;
		}
	} else if (f->word & PG_SWAPBACKED) {
		t->nr_shmem = (uint16_t)(t->nr_shmem + d);
		mm->rss[RSS_SHMEM] += pages;
	} else {
		t->nr_file = (uint16_t)(t->nr_file + d);
		mm->rss[RSS_FILE] += pages;
	}
}

void pte_changed(struct space *s, const struct table *t, unsigned slot,
		 uint64_t pte)
{
	uint64_t old = t->entry[slot];
	bool less = old & PTE_WRITE && !(pte & PTE_WRITE);

	if (old & PTE_PRESENT &&
	    (less || !(pte & PTE_PRESENT) || PTE_PFN(old) != PTE_PFN(pte)))
		tlb_shoot(s, t->mm, entry_addr(s, t, slot), t->level);
}

void pte_set(struct space *s, uint32_t table, unsigned slot, uint64_t pte)
{
	struct table *t = table_at(s, table);
	struct mm *mm = mm_at(s, t->mm);

	pte &= ~s->paging.no_bits;
	if (pte == t->entry[slot])
		return;
	/* Used, or looked at: nothing else is counted by that. */
	if ((pte ^ t->entry[slot]) == PTE_ACCESSED && pte & PTE_PRESENT) {
		t->nr_young =
			(uint16_t)(t->nr_young + (pte & PTE_ACCESSED ? 1 : -1));
		t->entry[slot] = pte;
		return;
	}
	/* The peak is taken before it shrinks (update_hiwater_rss()). */
	if (!(pte & PTE_PRESENT) && mm_rss(mm) > mm->hiwater_rss)
		mm->hiwater_rss = mm_rss(mm);
	if (s->tlb.on)
		pte_changed(s, t, slot, pte);
	count(s, t, t->entry[slot], -1);
	t->entry[slot] = pte;
	count(s, t, pte, 1);
}

/* --- freeing tables ------------------------------------------------------ */
static void free_tables(struct space *s, struct ctx *ctx, uint32_t id,
			uint64_t base, const uint64_t range[4])
{
	struct table *t = table_at(s, id);
	unsigned shift = level_shift(s, t->level), i, last;
	uint64_t span = (uint64_t)table_slots(s) << shift;

	pt_slots(s, t, base, range[0], range[1], &i, &last);
	for (; t->level > 1 && i <= last; i++) {
		uint32_t c = pt_child(s, t, i);

		if (c)
			free_tables(s, ctx, c, base + ((uint64_t)i << shift),
				    range);
	}
	if (t->level < s->paging.levels && !t->nr_used && !t->pinned &&
	    base >= range[2] && base + span <= range[3])
		table_free(s, ctx, id);
}

void pt_free_range(struct space *s, struct ctx *ctx, uint32_t mm,
		   uint64_t start, uint64_t end, uint64_t floor,
		   uint64_t ceiling)
{
	uint64_t range[4] = { start, end, floor, ceiling };

	/* The last table of user space ends a page above TASK_SIZE. */
	if (ceiling >= s->paging.task_size)
		range[3] = s->paging.span;
	if (mm_at(s, mm)->pgd)
		free_tables(s, ctx, mm_at(s, mm)->pgd, 0, range);
}

void pt_free_leaf(struct space *s, struct ctx *ctx, uint32_t table)
{
	if (!table_at(s, table)->nr_used && !table_at(s, table)->pinned)
		table_free(s, ctx, table);
}
