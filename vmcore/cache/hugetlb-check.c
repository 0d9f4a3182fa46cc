// SPDX-License-Identifier: Apache-2.0
/* The pools of huge pages recounted: by their lists, over all frames, and
 * along the files. */
#include "vmcore/cache/cache-check.h"
#include "vmcore/cache/hugetlb-inner.h"

struct huge_tally {
	uint64_t nr, used, listed, resv, nodes;
	uint64_t node_nr[MAX_NODES], node_surplus;
};

static void check_list(const struct cache_tally *t, enum huge_size size,
		       struct huge_tally *h)
{
	const struct hugepool *p = &t->c->huge[size];

	for (unsigned n = 0; n < MAX_NODES; n++) {
		uint64_t listed = 0;

		for (pfn_t pfn = p->head[n];
		     pfn != PFN_NONE && listed <= p->free; listed++) {
			const struct frame *f = frame_at(t->c->phys, pfn);

			cache_differ(t, "free huge page, frame", pfn, 1,
				     frame_type(f) == FRAME_HUGETLB &&
					     !(f->word & PG_UPTODATE) &&
					     !frame_mapcount(f) &&
					     pfn_node(t->c->phys, pfn) == n);
			pfn = f->next;
		}
		cache_differ(t, "free huge pages, node", n, (int64_t)listed,
			     (int64_t)p->node_free[n]);
		h->listed += listed;
		h->node_surplus += p->node_surplus[n];
	}
}

/* Heads of pages; what the rest of a gigantic one has at its blocks' heads is
 * passed over. */
static void count_frames(const struct cache_tally *t, struct huge_tally *h)
{
	const struct phys *p = t->c->phys;

	for (pfn_t pfn = 0; pfn < p->max_pfn; pfn += HPAGE_PAGES) {
		const struct frame *f = frame_peek(p, pfn);
		enum huge_size size;

		if (!f || frame_type(f) != FRAME_HUGETLB)
			continue;
		size = frame_order(f) != MAX_ORDER ? HUGE_2M
		       : p->i386		   ? HUGE_4M
						   : HUGE_1G;
		if (size == HUGE_1G && pfn & ((1u << huge_order(size)) - 1))
			continue;
		h[size].nr++;
		h[size].node_nr[pfn_node(p, pfn)]++;
		h[size].used += !!(f->word & PG_UPTODATE);
	}
}

static void check_files(const struct cache_tally *t, struct huge_tally *h)
{
	const struct cache *c = t->c;

	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		const struct inode *inode = inode_at(c, id);
		uint64_t i = 0, entry;

		if (!inode_used(inode) || inode->kind != INODE_HUGETLB)
			continue;
		h[inode->huge_size].resv += inode->huge_resv;
		while (inode->huge_shared &&
		       (i = xa_next(&c->huge_nodes, &inode->huge, i, UINT64_MAX,
				    &entry)) != XA_NONE) {
			const struct frame *f =
				frame_at(c->phys, entry_folio(entry));

			cache_differ(t, "page of a hugetlb file, inode", id, 1,
				     frame_type(f) == FRAME_HUGETLB &&
					     f->owner == id &&
					     (f->word & PG_UPTODATE));
			i++;
		}
	}
}

static void compare(const struct cache_tally *t, enum huge_size size,
		    const struct huge_tally *h)
{
	const struct hugepool *p = &t->c->huge[size];

	cache_differ(t, "huge pages, size", size, (int64_t)h->nr,
		     (int64_t)p->nr);
	cache_differ(t, "free huge pages, size", size, (int64_t)h->listed,
		     (int64_t)p->free);
	cache_differ(t, "used huge pages, size", size, (int64_t)h->used,
		     (int64_t)(p->nr - p->free));
	cache_differ(t, "reserved huge pages, size", size, (int64_t)h->resv,
		     (int64_t)p->resv);
	cache_differ(t, "surplus huge pages, size", size,
		     (int64_t)h->node_surplus, (int64_t)p->surplus);
	for (unsigned n = 0; n < MAX_NODES; n++)
		cache_differ(t, "huge pages, node", n, (int64_t)h->node_nr[n],
			     (int64_t)p->node_nr[n]);
}

void hugetlb_check(const struct cache *c, check_report *report, void *arg)
{
	struct cache_tally t = { .c = c, .report = report, .arg = arg };
	struct huge_tally h[NR_HUGE_SIZES] = { { 0 } };
	uint64_t pages = 0, used = 0;

	count_frames(&t, h);
	check_files(&t, h);
	for (unsigned i = 0; i < NR_HUGE_SIZES; i++) {
		check_list(&t, (enum huge_size)i, &h[i]);
		compare(&t, (enum huge_size)i, &h[i]);
		pages += h[i].nr << huge_order((enum huge_size)i);
		used += h[i].used << huge_order((enum huge_size)i);
	}
	cache_differ(&t, "pages of all pools of size", 0, (int64_t)pages,
		     (int64_t)c->control->hugetlb_pages);
	cache_differ(&t, "nr_hugetlb of size", 0, (int64_t)used,
		     vmstat_node_sum(&c->phys->stat, NR_HUGETLB));
}
