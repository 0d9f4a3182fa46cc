// SPDX-License-Identifier: Apache-2.0
/* Long runs of memory at once, for pages beyond order 10
 * (mm/page_alloc.c, alloc_contig_pages()). */
#include "vmcore/phys/inner.h"

/* Is all of [@start, @start + @nr) free and in zone @z? */
static bool run_free(const struct phys *p, unsigned z, pfn_t start, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i += BLOCK_FRAMES) {
		const struct block *b = &p->blocks[(start + i) >> MAX_ORDER];

		if (b->state != BLOCK_FREE || b->zone[0] != z ||
		    b->zone[1] != z || b->type[0] >= MIGRATE_PCPTYPES)
			return false;
	}
	return true;
}

static int take(struct phys *p, unsigned z, pfn_t start, uint32_t nr)
{
	int r = 0;

	for (uint32_t i = 0; i < nr && !r; i += SECTION_FRAMES)
		r = section_make(p, start + i);
	if (r)
		return r;
	for (pfn_t pfn = start; pfn < start + nr; pfn += BLOCK_FRAMES) {
		free_list_del(p, z, pfn, MAX_ORDER,
			      p->blocks[pfn >> MAX_ORDER].type[0]);
		frame_set(frame_at(p, pfn), FRAME_KERNEL, MAX_ORDER, 0);
	}
	return 0;
}

int contig_alloc(struct phys *p, unsigned node, unsigned order, pfn_t *ret_pfn)
{
	const struct node *n = &p->nodes[node];
	uint32_t nr = 1u << order;

	for (unsigned i = 0; i < n->nr_zonelist; i++) {
		const struct zone *z = &p->zones[n->zonelist[i]];
		uint64_t pfn = ((uint64_t)z->start_pfn + nr - 1) & ~(nr - 1ull);

		if (z->node != node)
			continue;
		for (; pfn + nr <= (uint64_t)z->start_pfn + z->spanned;
		     pfn += nr) {
			int r;

			if (!run_free(p, n->zonelist[i], (pfn_t)pfn, nr))
				continue;
			r = take(p, n->zonelist[i], (pfn_t)pfn, nr);
			if (!r)
				*ret_pfn = (pfn_t)pfn;
			return r;
		}
	}
	return NEED_MEMORY;
}
