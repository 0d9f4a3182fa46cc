// SPDX-License-Identifier: Apache-2.0
/*
 * Watermarks, the reserves lower zones keep from requests that could go
 * higher, and the test against them (mm/page_alloc.c,
 * __setup_per_zone_wmarks(), setup_per_zone_lowmem_reserve(),
 * calculate_min_free_kbytes(), __zone_watermark_ok(); mm/khugepaged.c,
 * set_recommended_min_free_kbytes()).
 */
#include "vmcore/phys/inner.h"

#define MIN_FREE_LEAST 128
#define MIN_FREE_MOST  262144
#define HIGHMEM_LEAST  32u /* SWAP_CLUSTER_MAX */
#define HIGHMEM_MOST   128u

static uint32_t zone_size(const struct zone *z, bool early)
{
	return early ? z->early : z->managed;
}

/* nr_free_buffer_pages(): low memory above the high watermarks. */
static uint64_t buffer_pages(const struct phys *p, bool early)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < MAX_ZONES; i++) {
		const struct zone *z = &p->zones[i];
		uint32_t size = zone_size(z, early);
		uint32_t high = zone_wmark(z, WMARK_HIGH);

		if (z->type <= ZONE_NORMAL && size > high)
			sum += size - high;
	}
	return sum;
}

static uint32_t isqrt(uint64_t n)
{
	uint64_t root = 0;

	for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= n)
			root += bit;
	return (uint32_t)root;
}

void min_free_calculate(struct phys *p, bool early)
{
	uint64_t kb = buffer_pages(p, early) << (PAGE_SHIFT - 10);
	int32_t value = (int32_t)isqrt(kb * 16);

	/* What the user wrote stands if it is larger. */
	if (value <= p->user_min_free_kbytes)
		return;
	if (value < MIN_FREE_LEAST)
		value = MIN_FREE_LEAST;
	p->min_free_kbytes = value < MIN_FREE_MOST ? value : MIN_FREE_MOST;
}

/* Two pageblocks a zone and one for each pair of types, so that types rarely
 * mix; no more than a twentieth of low memory. */
void min_free_for_thp(struct phys *p, bool early)
{
	uint64_t most = buffer_pages(p, early) / 20, pages = 0;

	for (unsigned i = 0; i < MAX_ZONES; i++)
		if (p->zones[i].present && p->zones[i].type <= ZONE_NORMAL)
			pages += PAGEBLOCK_PAGES *
				 (2 + MIGRATE_PCPTYPES * MIGRATE_PCPTYPES);
	if (pages > most)
		pages = most;
	pages <<= PAGE_SHIFT - 10;
	if ((int64_t)pages > p->min_free_kbytes)
		p->min_free_kbytes = (int32_t)pages;
}

static void zone_wmarks(const struct phys *p, struct zone *z, uint64_t share,
			uint32_t size)
{
	uint64_t gap =
		(uint64_t)size * (uint32_t)p->watermark_scale_factor / 10000;
	uint32_t min = (uint32_t)share;

	if (gap < share / 4)
		gap = share / 4;
	if (z->type == ZONE_MOVABLE) {
		min = size / 1024;
		min = min < HIGHMEM_LEAST ? HIGHMEM_LEAST : min;
		min = min > HIGHMEM_MOST ? HIGHMEM_MOST : min;
	}
	for (unsigned m = 0; m < NR_WMARKS; m++)
		z->wmark[m] = min + m * (uint32_t)gap;
	z->boost = 0;
}

static void totalreserve_set(struct phys *p, bool early)
{
	p->totalreserve = 0;
	for (unsigned i = 0; i < MAX_ZONES; i++) {
		const struct zone *z = &p->zones[i];
		uint32_t most = 0, size = zone_size(z, early);

		for (unsigned t = z->type; t < MAX_ZONES_PER_NODE; t++)
			if (z->reserve[t] > most)
				most = z->reserve[t];
		most += zone_wmark(z, WMARK_HIGH);
		p->totalreserve += most < size ? most : size;
	}
}

void wmarks_set(struct phys *p, bool early)
{
	uint64_t pages = (uint64_t)p->min_free_kbytes >> (PAGE_SHIFT - 10);
	uint64_t low = 0;

	for (unsigned i = 0; i < MAX_ZONES; i++)
		if (p->zones[i].type != ZONE_MOVABLE)
			low += zone_size(&p->zones[i], early);
	for (unsigned i = 0; i < p->nr_nodes * MAX_ZONES_PER_NODE; i++) {
		struct zone *z = &p->zones[i];
		uint32_t size = zone_size(z, early);

		zone_wmarks(p, z, low ? pages * size / low : 0, size);
	}
	pcp_update(p);
	totalreserve_set(p, early);
}

void reserve_set(struct phys *p, bool early)
{
	for (unsigned i = 0; i < MAX_ZONES; i++) {
		struct zone *z = &p->zones[i];
		uint32_t ratio = (uint32_t)p->lowmem_reserve_ratio[z->type];
		uint64_t above = 0;

		for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++) {
			z->reserve[t] = 0;
			if (t <= z->type)
				continue;
			above += zone_size(&z[t - z->type], early);
			if (ratio && zone_size(z, early))
				z->reserve[t] = (uint32_t)(above / ratio);
		}
	}
	totalreserve_set(p, early);
}

/* Is there a block of @order the request may have? */
static bool has_block(const struct zone *z, unsigned order, uint32_t alloc)
{
	for (unsigned o = order; o < NR_ORDERS; o++) {
		const uint32_t *nr = z->free[o].nr;

		if (nr[MIGRATE_UNMOVABLE] || nr[MIGRATE_MOVABLE] ||
		    nr[MIGRATE_RECLAIMABLE])
			return true;
		if (nr[MIGRATE_HIGHATOMIC] &&
		    alloc & (ALLOC_HIGHATOMIC | ALLOC_OOM_VICTIM))
			return true;
	}
	return false;
}

bool zone_watermark_ok(const struct phys *p, unsigned zone, unsigned order,
		       uint32_t mark, unsigned highest_zone, uint32_t alloc)
{
	const struct zone *z = &p->zones[zone];
	const uint32_t reserves = ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK |
				  ALLOC_HIGHATOMIC | ALLOC_OOM_VICTIM;
	int64_t free = p->stat.zone[zone][NR_FREE_PAGES];
	int64_t min = mark;

	free -= (1 << order) - 1;
	if (!(alloc & reserves))
		free -= z->nr_free_highatomic;
	if (alloc & ALLOC_MIN_RESERVE) {
		min -= min / 2;
		if (alloc & ALLOC_NON_BLOCK)
			min -= min / 4;
	}
	if (alloc & ALLOC_OOM_VICTIM)
		min -= min / 2;
	if (free <= min + z->reserve[highest_zone])
		return false;
	return !order || has_block(z, order, alloc);
}

bool node_above(const struct phys *p, unsigned node, enum wmark mark,
		uint32_t pages)
{
	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++) {
		unsigned z = node * MAX_ZONES_PER_NODE + t;
		const struct zone *zone = &p->zones[z];

		if (zone->managed &&
		    zone_watermark_ok(p, z, 0, zone_wmark(zone, mark) + pages,
				      ZONE_MOVABLE, 0))
			return true;
	}
	return false;
}
