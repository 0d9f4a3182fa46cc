// SPDX-License-Identifier: Apache-2.0
/* How finely the free memory of a zone is cut (mm/vmstat.c,
 * fill_contig_page_info() and what is reckoned from it). */
#include "vmcore/phys/block.h"

struct contig {
	uint64_t pages, blocks; /* free, of any order */
	uint64_t suitable; /* blocks of the order, in larger ones too */
};

static struct contig contig_info(const struct phys *p, unsigned z,
				 unsigned suitable)
{
	struct contig c = { 0, 0, 0 };

	for (unsigned o = 0; o < NR_ORDERS; o++) {
		uint64_t nr = 0;

		for (unsigned t = 0; t < NR_MIGRATETYPES; t++)
			nr += p->zones[z].free[o].nr[t];
		c.blocks += nr;
		c.pages += nr << o;
		if (o >= suitable)
			c.suitable += nr << (o - suitable);
	}
	return c;
}

int fragmentation_index(const struct phys *p, unsigned zone, unsigned order)
{
	struct contig c = contig_info(p, zone, order);
	uint64_t requests = c.pages * 1000 >> order;

	if (!c.blocks)
		return 0;
	if (c.suitable)
		return -1000;
	return 1000 - (int)((1000 + requests) / c.blocks);
}

unsigned unusable_free_index(const struct phys *p, unsigned zone,
			     unsigned order)
{
	struct contig c = contig_info(p, zone, order);

	if (!c.pages)
		return 1000;
	return (unsigned)((c.pages - (c.suitable << order)) * 1000 / c.pages);
}

unsigned extfrag_for_order(const struct phys *p, unsigned zone, unsigned order)
{
	struct contig c = contig_info(p, zone, order);

	if (!c.pages)
		return 0;
	return (unsigned)((c.pages - (c.suitable << order)) * 100 / c.pages);
}
