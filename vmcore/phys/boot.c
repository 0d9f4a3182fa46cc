// SPDX-License-Identifier: Apache-2.0
/* From a layout to free lists (mm/mm_init.c, mm/memblock.c,
 * memblock_free_all()). */
#include "vmcore/phys/inner.h"

#include <errno.h>
#include <string.h>

#define LOCAL_DISTANCE	10
#define REMOTE_DISTANCE 20
#define SECTION_BYTES	(SECTION_FRAMES * sizeof(struct frame))
#define BOOT_TYPES	5u /* MIGRATE_TYPES without CMA */

#define IMAGE_PFN     4096u /* LOAD_PHYSICAL_ADDR: 16 MiB */
#define MEMMAP_FRAMES 64u /* frames a page of struct page stands for */
#define INIT_SECTION  32768u /* PAGES_PER_SECTION */

/*
 * What the kernel reserved lies first in a zone, but the memmap: memblock
 * gives from the top of a node. The holes of zone DMA are the PC's, below 1
 * MiB, those of other zones lie at the end. top: reserved behind the rest.
 */
struct zone_parts {
	uint64_t reserved, reserved_end, managed, managed_end, top_end;
};

static bool last_of_node(const struct phys *p, unsigned z)
{
	unsigned end = (z / MAX_ZONES_PER_NODE + 1) * MAX_ZONES_PER_NODE;

	for (unsigned above = z + 1; above < end; above++)
		if (p->zones[above].present)
			return false;
	return true;
}

static uint32_t node_present(const struct phys *p, unsigned node)
{
	uint32_t pages = 0;

	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
		pages += p->zones[node * MAX_ZONES_PER_NODE + t].present;
	return pages;
}

/* Of what zone @z has reserved, the part at its end. */
static uint32_t reserved_top(const struct phys *p, unsigned z)
{
	const struct zone *zone = &p->zones[z];
	uint32_t all = zone->present - zone->managed, memmap;

	if (p->i386 || zone->type == ZONE_DMA || !last_of_node(p, z))
		return 0;
	if (zone->start_pfn > IMAGE_PFN)
		return all;
	memmap = node_present(p, zone->node) / MEMMAP_FRAMES;
	return memmap < all ? memmap : all;
}

static struct zone_parts zone_parts(const struct phys *p, unsigned z)
{
	const struct zone *zone = &p->zones[z];
	uint32_t top = reserved_top(p, z);
	struct zone_parts s;

	s.reserved = zone->start_pfn;
	s.reserved_end = s.reserved + zone->present - zone->managed - top;
	s.managed = s.reserved_end;
	if (zone->type == ZONE_DMA)
		s.managed += zone->spanned - zone->present;
	s.managed_end = s.managed + zone->managed;
	s.top_end = s.managed_end + top;
	return s;
}

/*
 * From where on the frames of a node's last zone are made by threads, which
 * see only what is free (CONFIG_DEFERRED_STRUCT_PAGE_INIT, defer_init()): a
 * section at least is there at once.
 */
static uint64_t deferred_from(const struct phys *p, unsigned z)
{
	uint64_t start = p->zones[z].start_pfn;

	if (p->i386 || !last_of_node(p, z))
		return UINT64_MAX;
	return (start + 2 * INIT_SECTION - 1) & ~(uint64_t)(INIT_SECTION - 1);
}

/*
 * Pageblocks are made movable when their first frame is
 * (memmap_init_range(), deferred_free_pages()); where none is they stay
 * unmovable, as a zone that begins inside a block, or a deferred one's
 * reserved pages.
 */
static void boot_types(struct phys *p, unsigned z, const struct zone_parts *s)
{
	const struct zone *zone = &p->zones[z];
	uint64_t end = (uint64_t)zone->start_pfn + zone->spanned;
	uint64_t later = deferred_from(p, z);

	for (uint64_t i = zone->start_pfn >> PAGEBLOCK_ORDER;
	     i <= (end - 1) >> PAGEBLOCK_ORDER; i++) {
		uint64_t first = i << PAGEBLOCK_ORDER;
		bool free = first >= s->managed && first < s->managed_end;
		bool made = first >= zone->start_pfn && (first < later || free);

		p->blocks[i / 2].zone[i % 2] = (uint8_t)z;
		p->blocks[i / 2].type[i % 2] = made ? MIGRATE_MOVABLE
						    : MIGRATE_UNMOVABLE;
	}
}

int section_make(struct phys *p, pfn_t pfn)
{
	struct frame **section = &p->sections[pfn >> SECTION_SHIFT];
	void *mem;
	int r;

	if (*section)
		return 0;
	r = host_alloc_aligned(p->host, SECTION_BYTES, SECTION_BYTES, &mem);
	if (!r)
		*section = mem;
	return r;
}

/* Make the frames of a block real, all of @type. */
static int block_open(struct phys *p, uint32_t block, enum frame_type type)
{
	pfn_t pfn = block << MAX_ORDER;
	int r;

	if (p->blocks[block].state == BLOCK_OPEN)
		return 0;
	r = section_make(p, pfn);
	if (r)
		return r;
	p->blocks[block].state = BLOCK_OPEN;
	for (unsigned i = 0; i < BLOCK_FRAMES; i++)
		frame_set(frame_at(p, pfn + i), type, 0, 0);
	return 0;
}

/* Free frames @pfn.. in the largest aligned pieces, as memblock does. */
static void boot_free(struct phys *p, unsigned z, pfn_t pfn, pfn_t end)
{
	while (pfn < end) {
		unsigned order = 0;

		while (order < MAX_ORDER && !(pfn & (1u << order)) &&
		       end - pfn >= 2u << order)
			order++;
		for (unsigned i = 0; order < MAX_ORDER && i < 1u << order; i++)
			frame_set(frame_at(p, pfn + i), FRAME_FREE_TAIL, 0, 0);
		free_list_add(p, z, pfn, order, pageblock_type(p, pfn), true);
		pfn += 1u << order;
	}
}

static uint32_t clip(uint64_t start, uint64_t end, uint64_t from, uint64_t to,
		     uint64_t *ret_start)
{
	*ret_start = start > from ? start : from;
	end = end < to ? end : to;
	return end > *ret_start ? (uint32_t)(end - *ret_start) : 0;
}

/* One block's share of a zone. */
static int boot_block(struct phys *p, unsigned z, const struct zone_parts *s,
		      uint32_t block)
{
	uint64_t from = (uint64_t)block << MAX_ORDER, reserved, managed, top;
	uint64_t to = from + BLOCK_FRAMES;
	uint32_t nr_reserved =
		clip(s->reserved, s->reserved_end, from, to, &reserved);
	uint32_t nr_managed =
		clip(s->managed, s->managed_end, from, to, &managed);
	uint32_t nr_top = clip(s->managed_end, s->top_end, from, to, &top);
	int r;

	if (nr_managed == BLOCK_FRAMES) {
		free_list_add(p, z, (pfn_t)from, MAX_ORDER, MIGRATE_MOVABLE,
			      true);
		return 0;
	}
	if (nr_reserved + nr_top == BLOCK_FRAMES) {
		p->blocks[block].state = BLOCK_RESERVED;
		return 0;
	}
	if (!nr_reserved && !nr_managed && !nr_top)
		return 0;
	r = block_open(p, block, FRAME_HOLE);
	if (r)
		return r;
	for (uint32_t i = 0; i < nr_reserved; i++)
		frame_set(frame_at(p, (pfn_t)reserved + i), FRAME_RESERVED, 0,
			  0);
	for (uint32_t i = 0; i < nr_top; i++)
		frame_set(frame_at(p, (pfn_t)top + i), FRAME_RESERVED, 0, 0);
	if (nr_managed)
		boot_free(p, z, (pfn_t)managed, (pfn_t)managed + nr_managed);
	return 0;
}

static int boot_zone(struct phys *p, unsigned z)
{
	const struct zone *zone = &p->zones[z];
	struct zone_parts s = zone_parts(p, z);
	pfn_t end = zone->start_pfn + zone->spanned;
	int r = 0;

	boot_types(p, z, &s);
	for (uint32_t b = zone->start_pfn >> MAX_ORDER;
	     !r && b <= (end - 1) >> MAX_ORDER; b++)
		r = boot_block(p, z, &s, b);
	return r;
}

static int boot_blocks(struct phys *p)
{
	void *mem;
	int r;

	p->nr_blocks = (p->max_pfn + BLOCK_FRAMES - 1) >> MAX_ORDER;
	p->nr_sections = (p->max_pfn + SECTION_FRAMES - 1) >> SECTION_SHIFT;
	r = host_alloc(p->host, p->nr_blocks * sizeof(*p->blocks), &mem);
	if (r)
		return r;
	p->blocks = mem;
	r = host_alloc(p->host, p->nr_sections * sizeof(*p->sections), &mem);
	if (r)
		return r;
	p->sections = mem;
	for (uint32_t b = 0; b < p->nr_blocks; b++)
		p->blocks[b].type[0] = p->blocks[b].type[1] = MIGRATE_MOVABLE;
	return 0;
}

/* The zero page lies in the kernel's image; a machine whose image is not
 * in any zone gives a page of its own. */
static int boot_zero_page(struct phys *p)
{
	for (unsigned z = 0; z < MAX_ZONES; z++) {
		struct zone_parts s = zone_parts(p, z);
		int r;

		if (s.reserved_end > s.reserved)
			p->zero_pfn = (pfn_t)s.reserved_end - 1;
		else if (s.top_end > s.managed_end)
			p->zero_pfn = (pfn_t)s.managed_end;
		else
			continue;
		p->zero_reserved = true;
		r = block_open(p, p->zero_pfn >> MAX_ORDER, FRAME_RESERVED);
		if (!r)
			frame_set(frame_at(p, p->zero_pfn), FRAME_ZERO, 0, 0);
		return r;
	}
	for (unsigned z = MAX_ZONES; z-- > 0;) {
		int r = buddy_take(p, z, 0, MIGRATE_MOVABLE, &p->zero_pfn);

		if (r == BUDDY_NONE)
			continue;
		if (!r)
			frame_set(frame_at(p, p->zero_pfn), FRAME_ZERO, 0, 0);
		return r;
	}
	return EINVAL;
}

static int boot_nodes(struct phys *p, const struct phys_config *c)
{
	p->nr_nodes = c->nr_nodes ? c->nr_nodes : 1;
	p->nr_cpus = c->nr_cpus ? c->nr_cpus : 1;
	if (p->nr_nodes > MAX_NODES || p->nr_cpus > MAX_CPUS)
		return EINVAL;
	for (unsigned n = 0; n < p->nr_nodes; n++) {
		p->nodes[n].online = true;
		for (unsigned m = 0; m < p->nr_nodes; m++) {
			uint8_t d = n == m ? LOCAL_DISTANCE : REMOTE_DISTANCE;

			if (c->distance[n][m])
				d = c->distance[n][m];
			p->nodes[n].distance[m] = d;
		}
	}
	for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++) {
		struct node *node;

		if (c->cpu_node[cpu] >= p->nr_nodes)
			return EINVAL;
		p->cpu_node[cpu] = c->cpu_node[cpu];
		node = &p->nodes[c->cpu_node[cpu]];
		node->nr_cpus++;
		node->cpus[cpu / 32] |= 1u << cpu % 32;
	}
	return 0;
}

static void boot_lists(struct phys *p)
{
	for (unsigned z = 0; z < MAX_ZONES; z++) {
		struct zone *zone = &p->zones[z];

		memset(zone->free, 0xff, sizeof(zone->free));
		for (unsigned o = 0; o < NR_ORDERS; o++)
			memset(zone->free[o].nr, 0, sizeof(zone->free[o].nr));
		for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
			struct pcp *pcp = &zone->pcp[cpu];

			memset(pcp->head, 0xff, sizeof(pcp->head));
			memset(pcp->tail, 0xff, sizeof(pcp->tail));
		}
		zone->compact_migrate_pfn[0] = zone->start_pfn;
		zone->compact_migrate_pfn[1] = zone->start_pfn;
		zone->compact_init_pfn = zone->start_pfn;
		zone->compact_free_pfn = zone->start_pfn + zone->spanned;
		if (zone->compact_free_pfn > p->max_pfn)
			p->max_pfn = zone->compact_free_pfn;
	}
}

static int boot(struct phys *p, const struct phys_config *c)
{
	int r = boot_nodes(p, c);

	if (!r)
		r = layout_make(p, c);
	if (r)
		return r;
	boot_lists(p);
	p->grouping_off = phys_total_pages(p) <
			  BOOT_TYPES * (uint64_t)PAGEBLOCK_PAGES;
	r = boot_blocks(p);
	for (unsigned z = 0; !r && z < MAX_ZONES; z++)
		if (p->zones[z].present)
			r = boot_zone(p, z);
	if (!r)
		r = boot_zero_page(p);
	return r;
}

static void knobs_default(struct phys *p)
{
	static const int32_t ratios[MAX_ZONES_PER_NODE] = { 256, 256, 32, 0,
							    0 };

	knob_defaults(phys_knobs, nr_phys_knobs, p);
	memcpy(p->lowmem_reserve_ratio, ratios, sizeof(ratios));
	p->interleave_auto = 1;
	memset(p->interleave_weight, 1, sizeof(p->interleave_weight));
	p->user_min_free_kbytes = -1;
}

int phys_init(struct phys *p, struct host *host, const struct phys_config *c)
{
	int r;

	memset(p, 0, sizeof(*p));
	p->host = host;
	p->i386 = c->i386;
	p->pae = c->i386 && c->pae;
	knobs_default(p);
	r = boot(p, c);
	if (r) {
		phys_fini(p);
		return r;
	}
	zonelists_make(p);
	p->numa_balancing = p->nr_nodes > 1 ? NUMAB_NORMAL : 0;
	min_free_calculate(p, true);
	wmarks_set(p, true);
	reserve_set(p, true);
	p->thp_enabled = c->thp;
	if (c->thp) {
		min_free_for_thp(p, true);
		wmarks_set(p, true);
	}
	return 0;
}

void phys_fini(struct phys *p)
{
	for (uint32_t i = 0; p->sections && i < p->nr_sections; i++)
		host_free_aligned(p->host, p->sections[i], SECTION_BYTES);
	if (p->sections)
		host_free(p->host, p->sections,
			  p->nr_sections * sizeof(*p->sections));
	if (p->blocks)
		host_free(p->host, p->blocks,
			  p->nr_blocks * sizeof(*p->blocks));
	memset(p, 0, sizeof(*p));
}
