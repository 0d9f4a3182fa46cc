// SPDX-License-Identifier: Apache-2.0
#include "fs/proc/directmap.h"

#include "fs/counters.h"

#include <string.h>

#define GIANT_PAGES (1u << 18) /* 1 GiB */

static uint64_t align_down(uint64_t pfn, uint64_t to)
{
	return pfn - pfn % to;
}

static uint64_t align_up(uint64_t pfn, uint64_t to)
{
	return align_down(pfn + to - 1, to);
}

/* Pages of [@start, @end) in whole aligned pieces of @size. */
static uint64_t whole(uint64_t start, uint64_t end, uint64_t size)
{
	uint64_t first = align_up(start, size), last = align_down(end, size);

	return last > first ? last - first : 0;
}

/* One run of memory: the largest pages that fit, smaller ones at its ends. */
static void map_run(const struct phys *p, struct directmap *map, uint64_t start,
		    uint64_t end)
{
	uint64_t huge_pages = (uint64_t)map->huge_mb << 8;
	uint64_t huge, giant = 0;

	if (start == 0) /* the legacy area has holes: small pages */
		start = huge_pages;
	if (end > phys_low_end(p))
		end = phys_low_end(p);
	huge = whole(start, end, huge_pages);
	if (!p->i386)
		giant = whole(start, end, GIANT_PAGES);
	map->giant_kb += giant << 2;
	map->huge_kb += (huge - giant) << 2;
}

static uint64_t mapped_kb(const struct phys *p)
{
	uint64_t pages = 0;

	for (unsigned z = 0; z < MAX_ZONES; z++)
		if (!p->i386 || z % MAX_ZONES_PER_NODE != ZONE_MOVABLE)
			pages += p->zones[z].present;
	return pages << 2;
}

/* The first block from @from on of a zone without holes, and its last + 1. */
static uint32_t dense_zone(const struct phys *p, uint32_t from,
			   uint32_t *ret_end)
{
	uint32_t first = p->nr_blocks;

	for (unsigned z = 0; z < MAX_ZONES; z++) {
		const struct zone *zone = &p->zones[z];
		uint64_t end = (uint64_t)zone->start_pfn + zone->spanned;
		uint64_t start = align_up(zone->start_pfn, 1u << MAX_ORDER);

		start >>= MAX_ORDER;
		end >>= MAX_ORDER;
		if (zone->present == zone->spanned && start >= from &&
		    start < end && start < first) {
			first = (uint32_t)start;
			*ret_end = (uint32_t)end;
		}
	}
	return first;
}

static uint32_t next_hole(const struct block *blocks, uint32_t from,
			  uint32_t end)
{
	while (from < end && blocks[from].state != BLOCK_HOLE)
		from++;
	return from;
}

void directmap(const struct phys *p, struct directmap *ret_map)
{
	struct directmap map = { .huge_mb = 2 };
	uint64_t sum, total = mapped_kb(p);
	uint32_t start = 0, b = 0, dense, end = 0;

	if (p->i386 && !p->pae)
		map.huge_mb = 4;
	do {
		dense = dense_zone(p, b, &end);
		while ((b = next_hole(p->blocks, b, dense)) < dense) {
			if (start < b)
				map_run(p, &map, (uint64_t)start << MAX_ORDER,
					(uint64_t)b << MAX_ORDER);
			start = ++b;
		}
		b = end;
	} while (dense < p->nr_blocks);
	if (start < p->nr_blocks)
		map_run(p, &map, (uint64_t)start << MAX_ORDER,
			(uint64_t)p->nr_blocks << MAX_ORDER);
	sum = map.huge_kb + map.giant_kb;
	/* firmware holes of less than a block are mapped by small pages */
	map.small_kb = total > sum ? total - sum : 0;
	*ret_map = map;
}
