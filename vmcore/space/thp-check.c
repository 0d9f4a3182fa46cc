// SPDX-License-Identifier: Apache-2.0
/* Recounting what large folios keep in their tails, and their queues. */
#include <stdio.h>

#include "vmcore/space/pgtable.h"

struct check {
	const struct space *s;
	check_report *report;
	void *arg;
	uint64_t queued; /* folios that say they are on a queue */
	int64_t pmd_mapped[MAX_NODES][3]; /* anonymous, shmem, files: pages */
	int64_t huge[MAX_NODES][2]; /* pages of shared memory, of files */
	int64_t mapped[MAX_NODES][2]; /* pages of anonymous memory, of files */
	uint32_t pmds;
};

static void differs(const struct check *c, const char *what, int64_t recounted,
		    int64_t kept)
{
	if (recounted != kept)
		c->report(c->arg, what, recounted, kept);
}

static bool count_pmds(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		       uint32_t table, unsigned slot)
{
	struct check *c = arg;

	(void)mm;
	(void)vma;
	(void)addr;
	(void)slot;
	c->pmds += table_at(c->s, table)->level > 1;
	return true;
}

static void check_large(struct check *c, pfn_t folio, struct frame *f)
{
	uint32_t mapped = 0, shared = 0;

	for (unsigned i = 0; i < 1u << frame_order(f); i++) {
		mapped += frame_mapcount(f + i) > 0;
		shared += frame_mapcount(f + i) > 1;
	}
	c->pmds = 0;
	/* In swap it outlives who mapped it. */
	if (mapped)
		rmap_walk(c->s, folio, count_pmds, c);
	differs(c, "mapped pages of a folio", mapped, *folio_nr_mapped(f));
	differs(c, "PMDs that map a folio", c->pmds, *folio_nr_pmds(f));
	differs(c, "PMD-mapped mark of a folio", c->pmds > 0,
		!!(f->word & PG_PMDMAPPED));
	if (!c->pmds)
		return;
	if (frame_type(f) == FRAME_ANON && f->word & PG_EXCLUSIVE)
		differs(c, "shared pages of an exclusive huge one", shared, 0);
	c->pmd_mapped[pfn_node(c->s->phys, folio)]
		     [frame_type(f) == FRAME_ANON ? 0
		      : f->word & PG_SWAPBACKED	  ? 1
						  : 2] += HPAGE_PAGES;
}

static void check_folio(struct check *c, pfn_t pfn, struct frame *f)
{
	enum frame_type type = frame_type(f);

	if (type != FRAME_ANON && type != FRAME_FILE && type != FRAME_VMALLOC)
		return;
	for (unsigned i = 0; i < 1u << frame_order(f); i++)
		c->mapped[pfn_node(c->s->phys, pfn)][type != FRAME_ANON] +=
			frame_mapcount(f + i) > 0;
	if (type == FRAME_VMALLOC)
		return;
	if (frame_order(f))
		check_large(c, pfn, f);
	if (type == FRAME_FILE && frame_order(f) == HPAGE_ORDER && f->owner)
		c->huge[pfn_node(c->s->phys, pfn)]
		       [!(f->word & PG_SWAPBACKED)] += HPAGE_PAGES;
	c->queued += !!(f->word & PG_DEFERRED);
	if (type == FRAME_ANON && f->word & PG_PARTIAL)
		differs(c, "a folio partly mapped is queued", 1,
			!!(f->word & PG_DEFERRED));
}

static void check_queue(struct check *c, const struct lruvec *v,
			uint64_t *listed)
{
	pfn_t folio = v->deferred_head, last = PFN_NONE;
	uint32_t nr = 0;

	for (; folio != PFN_NONE && nr <= v->nr_deferred; nr++) {
		const struct frame *f = frame_at(c->s->phys, folio);

		differs(c, "a queued folio says so", 1,
			!!(f->word & PG_DEFERRED));
		differs(c, "link of a queued folio", last, f[2].prev);
		last = folio;
		folio = f[2].next;
	}
	differs(c, "deferred split queue", nr, v->nr_deferred);
	differs(c, "tail of a deferred split queue", last, v->deferred_tail);
	*listed += nr;
}

static void check_queues(struct check *c)
{
	const struct control *ctl = c->s->control;
	uint64_t listed = 0;

	for (uint32_t g = group_next(ctl, GROUP_ROOT, ID_NONE); g;
	     g = group_next(ctl, GROUP_ROOT, g))
		for (unsigned n = 0; n < MAX_NODES; n++)
			check_queue(c, &group_at(ctl, g)->lruvec[n], &listed);
	differs(c, "folios on deferred split queues", (int64_t)c->queued,
		(int64_t)listed);
}

static void check_nodes(const struct check *c)
{
	const struct vmstat *v = &c->s->phys->stat;

	for (unsigned n = 0; n < c->s->phys->nr_nodes; n++) {
		differs(c, "nr_anon_transparent_hugepages, pages",
			c->pmd_mapped[n][0], v->node[n][NR_ANON_THPS]);
		differs(c, "nr_shmem_pmdmapped, pages", c->pmd_mapped[n][1],
			v->node[n][NR_SHMEM_PMDMAPPED]);
		differs(c, "nr_file_pmdmapped, pages", c->pmd_mapped[n][2],
			v->node[n][NR_FILE_PMDMAPPED]);
		differs(c, "nr_shmem_hugepages, pages", c->huge[n][0],
			v->node[n][NR_SHMEM_THPS]);
		differs(c, "nr_file_hugepages, pages", c->huge[n][1],
			v->node[n][NR_FILE_THPS]);
		differs(c, "nr_anon_pages", c->mapped[n][0],
			v->node[n][NR_ANON_MAPPED]);
		differs(c, "nr_mapped", c->mapped[n][1],
			v->node[n][NR_FILE_MAPPED]);
	}
}

/* khugepaged's list, and where it stands in it. */
static void check_scan(const struct check *c)
{
	const struct khugepaged *k = &c->s->thp.khugepaged;
	uint32_t last = 0, nr = 0, found = !k->mm;

	for (uint32_t id = k->first; id && nr <= c->s->mms.used; nr++) {
		const struct mm *mm = mm_at(c->s, id);

		differs(c, "link of khugepaged's list", last, mm->scan_prev);
		differs(c, "a scanned address space says so", 1, mm->scanned);
		found += id == k->mm;
		last = id;
		id = mm->scan_next;
	}
	differs(c, "tail of khugepaged's list", last, k->last);
	differs(c, "khugepaged's place in its list", 1, found);
}

void thp_check(const struct space *s, check_report *report, void *arg)
{
	struct check c = { .s = s, .report = report, .arg = arg };
	const struct phys *p = s->phys;

	for (pfn_t pfn = 0; pfn < p->max_pfn; pfn++) {
		if (!p->sections[pfn >> SECTION_SHIFT]) {
			pfn |= SECTION_FRAMES - 1;
			continue;
		}
		check_folio(&c, pfn, frame_at(p, pfn));
	}
	check_queues(&c);
	check_nodes(&c);
	check_scan(&c);
}
