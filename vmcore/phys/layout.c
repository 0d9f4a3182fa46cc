// SPDX-License-Identifier: Apache-2.0
/* Where zones lie: as a profile gives them, or as firmware and kernel of a PC
 * leave them (arch/x86/kernel/e820.c, mm/mm_init.c). */
#include "vmcore/phys/inner.h"

#include <errno.h>
#include <string.h>

#define LOW_END	      (3u << (30 - PAGE_SHIFT)) /* RAM below the PCI hole */
#define DMA_END	      (1u << (24 - PAGE_SHIFT))
#define DMA32_END     (1u << (32 - PAGE_SHIFT))
#define I386_LOW_END  (896u << (20 - PAGE_SHIFT))
#define VGA_HOLE      97u /* 636 KiB .. 1 MiB */
#define BIOS_RESERVED 158u /* what is left below 636 KiB */
#define ACPI_TABLES   38u /* at the top of low memory */
#define IMAGE_PAGES   8960u /* 35 MiB: kernel image, early allocations */
#define MOST_PAGES    (UINT32_MAX - DMA32_END)

struct range {
	uint32_t start, end;
};

uint32_t phys_low_end(const struct phys *p)
{
	return p->i386 && p->max_pfn > I386_LOW_END ? I386_LOW_END : p->max_pfn;
}

static uint32_t overlap(struct range a, struct range b)
{
	uint32_t start = a.start > b.start ? a.start : b.start;
	uint32_t end = a.end < b.end ? a.end : b.end;

	return end > start ? end - start : 0;
}

static int zones_given(struct phys *p, const struct phys_config *c)
{
	for (unsigned i = 0; i < MAX_ZONES; i++) {
		const struct zone_config *g = &c->zones[i];
		struct zone *z;

		if (!g->given)
			continue;
		if (g->node >= p->nr_nodes || g->type >= MAX_ZONES_PER_NODE)
			return EINVAL;
		z = &p->zones[g->node * MAX_ZONES_PER_NODE + g->type];
		if (z->spanned || g->present > g->spanned ||
		    g->managed > g->present || g->early > g->managed)
			return EINVAL;
		z->start_pfn = g->start_pfn;
		z->spanned = g->spanned;
		z->present = g->present;
		z->managed = g->managed;
		z->early = g->early ? g->early : g->managed;
	}
	return 0;
}

/* Pages of each node. Borders fall between blocks; the last node takes what
 * is left over. */
static int node_sizes(const struct phys *p, const struct phys_config *c,
		      uint64_t *ret_pages)
{
	uint64_t left = c->memory_bytes >> PAGE_SHIFT;
	unsigned unsaid = 0;

	for (unsigned n = 0; n < p->nr_nodes; n++) {
		ret_pages[n] = c->node_bytes[n] >> PAGE_SHIFT;
		if (n + 1 < p->nr_nodes)
			ret_pages[n] &= ~(uint64_t)(BLOCK_FRAMES - 1);
		if (!c->node_bytes[n])
			unsaid++;
		else if (left > ret_pages[n])
			left -= ret_pages[n];
		else
			left = 0;
	}
	for (unsigned n = 0; n < p->nr_nodes; n++) {
		if (c->node_bytes[n])
			continue;
		ret_pages[n] = left / unsaid--;
		if (unsaid)
			ret_pages[n] &= ~(uint64_t)(BLOCK_FRAMES - 1);
		left -= ret_pages[n];
	}
	for (unsigned n = 0; n < p->nr_nodes; n++)
		if (ret_pages[n] < 2 * BLOCK_FRAMES)
			return EINVAL;
	return 0;
}

/* One node's memory, offsets @from.. of all RAM, cut into its zones. */
static void node_layout(struct phys *p, unsigned node, struct range all,
			struct range mine)
{
	const uint32_t normal_end = p->i386 ? I386_LOW_END : UINT32_MAX;
	const struct range want[] = {
		[ZONE_DMA] = { 1, DMA_END },
		[ZONE_DMA32] = { DMA_END, p->i386 ? DMA_END : DMA32_END },
		[ZONE_NORMAL] = { p->i386 ? DMA_END : DMA32_END, normal_end },
		[ZONE_MOVABLE] = { normal_end, UINT32_MAX },
	};
	uint32_t low_top = all.end < LOW_END ? all.end : LOW_END;
	struct range low = { mine.start, mine.end };
	struct range high = { DMA32_END, DMA32_END };

	if (low.end >= low_top) {
		low.end = low_top - ACPI_TABLES;
		high.end += mine.end - low_top;
	}
	if (mine.start >= low_top) {
		high.start += mine.start - low_top;
		low.start = low.end = high.start;
	}
	for (unsigned t = 0; t <= ZONE_MOVABLE; t++) {
		struct zone *z = &p->zones[node * MAX_ZONES_PER_NODE + t];
		struct range span = want[t];
		uint32_t end = high.end > high.start ? high.end : low.end;

		if (span.start < low.start)
			span.start = low.start;
		if (span.end > end)
			span.end = end;
		if (span.end <= span.start)
			continue;
		z->start_pfn = span.start;
		z->spanned = span.end - span.start;
		z->present = overlap(span, low) + overlap(span, high);
		if (t == ZONE_DMA && z->present > BIOS_RESERVED + VGA_HOLE) {
			z->present -= VGA_HOLE;
			z->managed = z->present - BIOS_RESERVED;
		} else {
			z->managed = z->present;
		}
	}
}

/* Take @pages for the kernel from a node's largest zones (memblock). */
static int node_reserve(struct phys *p, unsigned node, uint64_t pages)
{
	struct zone *zones = &p->zones[node * MAX_ZONES_PER_NODE];

	while (pages) {
		struct zone *most = &zones[ZONE_DMA];
		uint32_t n;

		for (unsigned t = ZONE_DMA32; t <= ZONE_NORMAL; t++)
			if (zones[t].managed > most->managed)
				most = &zones[t];
		/* Nothing left to run in. */
		if (most->managed <= PAGEBLOCK_PAGES)
			return EINVAL;
		n = most->managed - PAGEBLOCK_PAGES;
		if (n > pages)
			n = (uint32_t)pages;
		most->managed -= n;
		pages -= n;
	}
	return 0;
}

static int zones_default(struct phys *p, const struct phys_config *c)
{
	uint64_t pages[MAX_NODES], total = 0, at = 0, kernel;
	unsigned memmap = p->i386 ? 128 : 64; /* frames a page of memmap */
	int r = node_sizes(p, c, pages);

	for (unsigned n = 0; !r && n < p->nr_nodes; n++)
		total += pages[n];
	if (r || total > MOST_PAGES)
		return EINVAL;
	/* A kernel for a small machine is smaller. */
	kernel = IMAGE_PAGES < total / 2 ? IMAGE_PAGES : total / 2;
	for (unsigned n = 0; n < p->nr_nodes; n++) {
		struct range all = { 0, (uint32_t)total };
		struct range mine = { (uint32_t)at, (uint32_t)(at + pages[n]) };
		uint64_t taken = kernel * pages[n] / total + pages[n] / memmap;

		if (c->reserved_bytes)
			taken = (c->reserved_bytes >> PAGE_SHIFT) * pages[n] /
				total;
		node_layout(p, n, all, mine);
		r = node_reserve(p, n, taken);
		if (r)
			return r;
		at += pages[n];
	}
	for (unsigned i = 0; i < MAX_ZONES; i++)
		p->zones[i].early = p->zones[i].managed;
	return 0;
}

/* Spans may not touch one pageblock twice: it has one zone and one type. */
static int zones_check(const struct phys *p)
{
	uint64_t managed = 0;

	for (unsigned i = 0; i < MAX_ZONES; i++) {
		const struct zone *a = &p->zones[i];
		uint64_t end = (uint64_t)a->start_pfn + a->spanned;

		managed += a->managed;
		if (end >= UINT32_MAX - BLOCK_FRAMES)
			return EINVAL;
		for (unsigned j = 0; a->spanned && j < i; j++) {
			const struct zone *b = &p->zones[j];
			uint32_t last = b->start_pfn + b->spanned - 1;

			if (b->spanned &&
			    a->start_pfn >> PAGEBLOCK_ORDER <= last >>
				    PAGEBLOCK_ORDER &&
			    (end - 1) >> PAGEBLOCK_ORDER >= b->start_pfn >>
				    PAGEBLOCK_ORDER)
				return EINVAL;
		}
	}
	return managed ? 0 : EINVAL;
}

int layout_make(struct phys *p, const struct phys_config *c)
{
	bool given = false;
	int r;

	for (unsigned i = 0; i < MAX_ZONES; i++) {
		p->zones[i].node = i / MAX_ZONES_PER_NODE;
		p->zones[i].type = i % MAX_ZONES_PER_NODE;
		given |= c->zones[i].given;
	}
	r = given ? zones_given(p, c) : zones_default(p, c);
	if (r)
		return r;
	for (unsigned i = 0; i < MAX_ZONES; i++)
		if (!p->zones[i].present)
			p->zones[i].start_pfn = p->zones[i].spanned = 0;
	return zones_check(p);
}
