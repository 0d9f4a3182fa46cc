// SPDX-License-Identifier: Apache-2.0
/* Sums over zones, and what a zone is called (mm/show_mem.c, mm/vmstat.c). */
#include "vmcore/phys/inner.h"

uint64_t phys_total_pages(const struct phys *p)
{
	unsigned nr = p->nr_nodes * MAX_ZONES_PER_NODE;
	uint64_t sum = 0;

	for (unsigned z = 0; z < nr; z++)
		sum += p->zones[z].managed;
	return sum;
}

uint64_t phys_free_pages(const struct phys *p)
{
	return (uint64_t)vmstat_zone_sum(&p->stat, NR_FREE_PAGES);
}

/* Half of it, and no more than the low watermarks, is not to be had. */
static int64_t reclaimable(int64_t pages, int64_t low)
{
	return pages - (pages / 2 < low ? pages / 2 : low);
}

/* si_mem_available() */
uint64_t phys_available_pages(const struct phys *p)
{
	const struct vmstat *v = &p->stat;
	int64_t pages = vmstat_zone_sum(v, NR_FREE_PAGES), low = 0;

	for (unsigned i = 0; i < p->nr_nodes * MAX_ZONES_PER_NODE; i++)
		low += zone_wmark(&p->zones[i], WMARK_LOW);
	pages -= p->totalreserve;
	pages += reclaimable(vmstat_node_sum(v, NR_ACTIVE_FILE) +
				     vmstat_node_sum(v, NR_INACTIVE_FILE),
			     low);
	pages += reclaimable(
		vmstat_node_sum(v, NR_SLAB_RECLAIMABLE) +
			vmstat_node_sum(v, NR_KERNEL_MISC_RECLAIMABLE),
		low);
	return pages > 0 ? (uint64_t)pages : 0;
}

uint32_t phys_nr_free(const struct phys *p, unsigned zone, unsigned order,
		      enum migratetype type)
{
	return p->zones[zone].free[order].nr[type];
}

/* Is there memory at the start of the pageblock, as far as it is @zone's? */
static bool block_present(const struct phys *p, const struct zone *zone,
			  pfn_t pfn)
{
	const struct frame *f;

	if (pfn < zone->start_pfn)
		pfn = zone->start_pfn;
	f = frame_peek(p, pfn);
	if (f)
		return frame_type(f) != FRAME_HOLE;
	return p->blocks[pfn >> MAX_ORDER].state != BLOCK_HOLE;
}

uint32_t phys_nr_pageblocks(const struct phys *p, unsigned zone,
			    enum migratetype type)
{
	const struct zone *z = &p->zones[zone];
	pfn_t end = z->start_pfn + z->spanned;
	uint32_t nr = 0;

	for (pfn_t pfn = z->start_pfn & ~(PAGEBLOCK_PAGES - 1); pfn < end;
	     pfn += PAGEBLOCK_PAGES)
		nr += pageblock_type(p, pfn) == type &&
		      block_present(p, z, pfn);
	return nr;
}

const char *zone_name(const struct phys *p, unsigned type)
{
	static const char *const names[MAX_ZONES_PER_NODE] = {
		[ZONE_DMA] = "DMA",	  [ZONE_DMA32] = "DMA32",
		[ZONE_NORMAL] = "Normal", [ZONE_MOVABLE] = "Movable",
		[ZONE_DEVICE] = "Device",
	};

	return p->i386 && type == ZONE_MOVABLE ? "HighMem" : names[type];
}
