// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "vmcore/space/pgtable.h"
#include "vmcore/space/vma-tree.h"
#include "vmcore/space/vma.h"

struct check {
	const struct space *s;
	check_report *report;
	void *arg;
	uint64_t maps; /* present entries of pages that count mappings */
	uint64_t tables;
	uint64_t hugetlb; /* pages of pools in one mm */
};

static void differs(const struct check *c, const char *what, int64_t recounted,
		    int64_t kept)
{
	if (recounted != kept)
		c->report(c->arg, what, recounted, kept);
}

static void check_counts(const struct check *c, const struct table *n,
			 const struct table *t)
{
	differs(c, "table entries used", n->nr_used, t->nr_used);
	differs(c, "table entries present", n->nr_present, t->nr_present);
	differs(c, "table entries swapped", n->nr_swap, t->nr_swap);
	differs(c, "table entries shared", n->nr_shared, t->nr_shared);
	differs(c, "table entries dirty", n->nr_dirty, t->nr_dirty);
	differs(c, "table entries young", n->nr_young, t->nr_young);
	differs(c, "table entries anon", n->nr_anon, t->nr_anon);
	differs(c, "table entries file", n->nr_file, t->nr_file);
	differs(c, "table entries shmem", n->nr_shmem, t->nr_shmem);
	differs(c, "table entries of the zero page", n->nr_zero, t->nr_zero);
}

/* Recount one PTE table against its descriptor and into @rss. */
static void check_leaf(struct check *c, const struct table *t,
		       int64_t rss[NR_RSS])
{
	struct table n = { .level = 1 };

	for (unsigned i = 0; i < table_slots(c->s); i++) {
		uint64_t pte = t->entry[i];
		const struct frame *f;

		if (!pte)
			continue;
		n.nr_used++;
		if (!(pte & PTE_PRESENT)) {
			n.nr_swap++;
			continue;
		}
		n.nr_present++;
		n.nr_shared = (uint16_t)(n.nr_shared + !!(pte & PTE_SHARED));
		n.nr_dirty = (uint16_t)(n.nr_dirty + !!(pte & PTE_DIRTY));
		n.nr_young = (uint16_t)(n.nr_young + !!(pte & PTE_ACCESSED));
		f = frame_at(c->s->phys, folio_head(c->s->phys, PTE_PFN(pte)));
		if (pte & PTE_SPECIAL) {
			differs(c, "type of a frame mapped by number",
				frame_type(f), FRAME_VMALLOC);
			continue;
		}
		if (frame_type(f) == FRAME_ZERO) {
			n.nr_zero++;
			continue;
		}
		c->maps++;
		if (frame_type(f) == FRAME_ANON)
			n.nr_anon++;
		else if (frame_type(f) == FRAME_VMALLOC)
			n.nr_file++;
		else if (frame_type(f) != FRAME_FILE)
			differs(c, "type of a mapped frame", frame_type(f),
				FRAME_FILE);
		else if (f->word & PG_SWAPBACKED)
			n.nr_shmem++;
		else
			n.nr_file++;
	}
	check_counts(c, &n, t);
	rss[RSS_ANON] += n.nr_anon;
	rss[RSS_FILE] += n.nr_file;
	rss[RSS_SHMEM] += n.nr_shmem;
	rss[RSS_SWAP] += n.nr_swap;
}

/* What a huge entry stands for, into @n and @rss: needs it a deposit? */
static bool check_huge(struct check *c, uint64_t pmd, struct table *n,
		       int64_t rss[NR_RSS])
{
	const struct frame *f = frame_at(c->s->phys, PTE_PFN(pmd));

	n->nr_present++;
	n->nr_shared = (uint16_t)(n->nr_shared + !!(pmd & PTE_SHARED));
	n->nr_dirty = (uint16_t)(n->nr_dirty + !!(pmd & PTE_DIRTY));
	n->nr_young = (uint16_t)(n->nr_young + !!(pmd & PTE_ACCESSED));
	differs(c, "order of a huge page", frame_order(f), HPAGE_ORDER);
	if (frame_type(f) == FRAME_ZERO) {
		differs(c, "huge zero page", PTE_PFN(pmd), c->s->thp.zero_pfn);
		n->nr_zero++;
		return true;
	}
	c->maps += HPAGE_PAGES;
	if (frame_type(f) == FRAME_ANON) {
		n->nr_anon++;
		rss[RSS_ANON] += HPAGE_PAGES;
		return true;
	}
	differs(c, "type of a huge page", frame_type(f), FRAME_FILE);
	if (f->word & PG_SWAPBACKED) {
		n->nr_shmem++;
		rss[RSS_SHMEM] += HPAGE_PAGES;
	} else {
		n->nr_file++;
		rss[RSS_FILE] += HPAGE_PAGES;
	}
	return false;
}

/* The tables deposited for @need huge entries: each empty, at no place. */
static void check_deposit(struct check *c, const struct table *t, uint64_t need,
			  uint64_t *bytes)
{
	uint64_t kept = 0;

	for (uint32_t id = t->deposit; id && kept <= need; kept++) {
		const struct table *d = table_at(c->s, id);

		differs(c, "entries of a deposited table", 0, d->nr_used);
		differs(c, "level of a deposited table", 1, d->level);
		differs(c, "owner of a table frame",
			frame_at(c->s->phys, d->pfn)->owner, id);
		c->tables++;
		*bytes += PAGE_SIZE;
		id = d->deposit;
	}
	differs(c, "tables deposited", (int64_t)need, (int64_t)kept);
}

/* A page of a pool, mapped whole. */
static void check_hugetlb(struct check *c, const struct table *t,
			  uint64_t entry)
{
	const struct frame *f = frame_at(c->s->phys, PTE_PFN(entry));

	differs(c, "type of a huge page", frame_type(f), FRAME_HUGETLB);
	c->maps++;
	c->hugetlb += level_bytes(c->s, t->level) >> PAGE_SHIFT;
}

static void check_table(struct check *c, uint32_t id, int64_t rss[NR_RSS],
			uint64_t *bytes)
{
	struct table n = { .level = 2 };
	uint64_t need = 0;
	const struct table *t = table_at(c->s, id);
	uint64_t used = 0;

	c->tables++;
	if (t->level < c->s->paging.counted)
		*bytes += PAGE_SIZE;
	differs(c, "owner of a table frame",
		frame_at(c->s->phys, t->pfn)->owner, id);
	if (t->level == 1) {
		check_leaf(c, t, rss);
		return;
	}
	for (unsigned i = 0; i < table_slots(c->s); i++) {
		if (!t->entry[i])
			continue;
		used++;
		if ((t->entry[i] & PTE_HUGE) &&
		    frame_type(frame_at(c->s->phys, PTE_PFN(t->entry[i]))) ==
			    FRAME_HUGETLB) {
			check_hugetlb(c, t, t->entry[i]);
			continue;
		}
		if (pmd_huge(t->entry[i])) {
			need += check_huge(c, t->entry[i], &n, rss);
			continue;
		}
		check_table(c,
			    frame_at(c->s->phys, PTE_PFN(t->entry[i]))->owner,
			    rss, bytes);
	}
	differs(c, "tables below a table", (int64_t)used, t->nr_used);
	n.nr_used = t->nr_used;
	check_counts(c, &n, t);
	check_deposit(c, t, need, bytes);
}

static void check_mm(struct check *c, uint32_t id)
{
	const struct mm *mm = mm_at(c->s, id);
	struct mm n = { .users = 0 };
	int64_t rss[NR_RSS] = { 0 };
	uint64_t bytes = 0;

	vma_for_each (c->s, id, v) {
		const struct vma *a = vma_at(c->s, v);

		n.map_count++;
		mm_account(&n, a->flags, (int64_t)vma_pages(a));
		if (a->flags & VM_LOCKED)
			n.locked_vm += vma_pages(a);
		differs(c, "mm of a VMA", id, a->mm);
	}
	vma_tree_check(c->s, id, c->report, c->arg);
	differs(c, "map_count", n.map_count, mm->map_count);
	differs(c, "total_vm", (int64_t)n.total_vm, (int64_t)mm->total_vm);
	differs(c, "data_vm", (int64_t)n.data_vm, (int64_t)mm->data_vm);
	differs(c, "exec_vm", (int64_t)n.exec_vm, (int64_t)mm->exec_vm);
	differs(c, "stack_vm", (int64_t)n.stack_vm, (int64_t)mm->stack_vm);
	differs(c, "locked_vm", (int64_t)n.locked_vm, (int64_t)mm->locked_vm);
	if (mm->pgd)
		check_table(c, mm->pgd, rss, &bytes);
	differs(c, "hugetlb_pages", (int64_t)c->hugetlb,
		(int64_t)mm->hugetlb_pages);
	differs(c, "pgtables_bytes", (int64_t)bytes,
		(int64_t)mm->pgtables_bytes);
	for (unsigned i = 0; i < NR_RSS; i++)
		differs(c, "rss of an mm", rss[i], mm->rss[i]);
}

static bool count_one(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		      uint32_t table, unsigned slot)
{
	(void)mm;
	(void)vma;
	(void)addr;
	(void)table;
	(void)slot;
	++*(uint32_t *)arg;
	return true;
}

/* Every frame's mapcount against its reverse map, and their sum. */
static void check_frames(struct check *c)
{
	const struct phys *p = c->s->phys;
	uint64_t maps = 0;

	for (pfn_t pfn = 0; pfn < p->max_pfn; pfn++) {
		uint32_t kept, found = 0;

		if (!p->sections[pfn >> SECTION_SHIFT]) {
			pfn |= SECTION_FRAMES - 1;
			continue;
		}
		kept = frame_mapcount(frame_at(p, pfn));
		if (!kept)
			continue;
		maps += kept;
		rmap_walk(c->s, pfn, count_one, &found);
		differs(c, "mappings of a frame by its reverse map", found,
			kept);
	}
	differs(c, "mappings in all tables", (int64_t)c->maps, (int64_t)maps);
}

/* @mms: a list the caller has; every mm in use must be told once. */
void space_check_mm(const struct space *s, uint32_t mm, check_report *report,
		    void *arg, uint64_t *maps, uint64_t *tables)
{
	struct check c = { .s = s, .report = report, .arg = arg };

	check_mm(&c, mm);
	*maps += c.maps;
	*tables += c.tables;
}

void space_check_frames(const struct space *s, check_report *report, void *arg,
			uint64_t maps, uint64_t tables)
{
	struct check c = { .s = s, .report = report, .arg = arg, .maps = maps };

	check_frames(&c);
	thp_check(s, report, arg);
	ksm_check(s, report, arg);
	tlb_check(s, report, arg);
	pt_check(s, report, arg);
	differs(&c, "page-table pages", (int64_t)tables, s->tables.used);
	differs(&c, "nr_page_table_pages", (int64_t)tables,
		vmstat_node_sum(&s->phys->stat, NR_PAGETABLE));
}

uint64_t space_swap_marks(const struct space *s, uint32_t mm)
{
	uint64_t at = 0, base = 0, marks = 0;
	uint32_t t;

	for (; (t = pt_next_leaf(s, mm_at(s, mm), at, s->paging.span, &base)) !=
	       0;
	     at = base + table_bytes(s)) {
		const struct table *leaf = table_at(s, t);

		for (unsigned i = 0; leaf->nr_swap && i < table_slots(s); i++)
			if (pte_swap(leaf->entry[i]))
				marks += swap_mark(pte_swap(leaf->entry[i]));
	}
	return marks;
}

uint64_t space_user_pages(const struct space *s)
{
	const struct phys *p = s->phys;
	uint64_t pages = 0;

	for (pfn_t pfn = 0; pfn < p->max_pfn; pfn++) {
		if (!p->sections[pfn >> SECTION_SHIFT]) {
			pfn |= SECTION_FRAMES - 1;
			continue;
		}
		pages += frame_mapcount(frame_at(p, pfn)) > 0;
	}
	return pages;
}
