// SPDX-License-Identifier: Apache-2.0
/* Recounting physical memory: every frame is in one place, every counter is
 * what a recount gives. */
#include "vmcore/phys/inner.h"

#include <stdio.h>
#include <string.h>

struct tally {
	const struct phys *p;
	check_report *report;
	void *arg;
	unsigned z;
	/* recounted from the lists and from the frames of one zone */
	int64_t listed, listed_blocks, highatomic, pcp;
	int64_t free, on_pcp, used, reserved, present;
};

static void differ(struct tally *t, const char *what, int64_t recounted,
		   int64_t kept)
{
	char text[64];

	if (recounted == kept)
		return;
	snprintf(text, sizeof(text), "zone %u %s", t->z, what);
	t->report(t->arg, text, recounted, kept);
}

static uint32_t next_of(const struct phys *p, unsigned order, uint32_t id,
			uint32_t *ret_prev)
{
	if (order == MAX_ORDER) {
		*ret_prev = p->blocks[id].prev;
		return p->blocks[id].next;
	}
	*ret_prev = frame_at(p, id)->prev;
	return frame_at(p, id)->next;
}

/* One free list: links, types and length. */
static void check_free_list(struct tally *t, unsigned order, unsigned type)
{
	const struct phys *p = t->p;
	const struct free_area *area = &p->zones[t->z].free[order];
	uint32_t id = area->head[type], last = PFN_NONE, nr = 0, prev;

	for (; id != PFN_NONE && nr <= area->nr[type]; nr++) {
		pfn_t pfn = order == MAX_ORDER ? id << MAX_ORDER : id;
		uint32_t next;

		if (pfn >= p->max_pfn || free_block_order(p, pfn) != order) {
			differ(t, "free list holds a block not free", pfn, -1);
			break;
		}
		next = next_of(p, order, id, &prev);
		differ(t, "free list link", last, prev);
		differ(t, "type of a free block", pageblock_type(p, pfn), type);
		differ(t, "zone of a free block", pfn_zone(p, pfn), t->z);
		last = id;
		id = next;
	}
	differ(t, "free list tail", last, area->tail[type]);
	differ(t, "free list length", nr, area->nr[type]);
	if (type == MIGRATE_ISOLATE)
		return;
	t->listed += (int64_t)nr << order;
	if (order >= PAGEBLOCK_ORDER)
		t->listed_blocks += (int64_t)nr << order;
	if (type == MIGRATE_HIGHATOMIC)
		t->highatomic += (int64_t)nr << order;
}

static void check_pcp(struct tally *t, const struct pcp *pcp)
{
	int64_t pages = 0;

	for (unsigned list = 0; list < PCP_LISTS; list++) {
		unsigned order = list < PCP_LISTS - 2 ? list / MIGRATE_PCPTYPES
						      : HPAGE_ORDER;
		pfn_t pfn = pcp->head[list], last = PFN_NONE;

		while (pfn != PFN_NONE && pages <= pcp->count) {
			const struct frame *f = pfn < t->p->max_pfn
							? frame_peek(t->p, pfn)
							: NULL;

			if (!f || frame_type(f) != FRAME_PCP ||
			    frame_order(f) != order || f->prev != last) {
				differ(t, "per-CPU list holds", pfn, -1);
				break;
			}
			pages += 1 << order;
			last = pfn;
			pfn = f->next;
		}
		differ(t, "per-CPU list tail", last, pcp->tail[list]);
	}
	differ(t, "per-CPU list count", pages, pcp->count);
	t->pcp += pages;
}

/* Are the frames behind the head of a free block zero? */
static bool rest_zero(const struct frame *f, unsigned order)
{
	static const struct frame zero;

	for (unsigned i = 1; i < 1u << order; i++)
		if (memcmp(f + i, &zero, sizeof(zero)) != 0)
			return false;
	return true;
}

/* Do the frames behind an allocated head say that they belong to it? A block
 * without GFP_BIT_COMP leaves them zero. */
static bool rest_mine(const struct frame *f, pfn_t pfn, unsigned order)
{
	for (unsigned i = 1; i < 1u << order; i++) {
		bool tail = frame_type(f + i) == FRAME_TAIL;

		if (tail ? f[i].owner != pfn
			 : frame_type(f + i) != FRAME_FREE_TAIL)
			return false;
	}
	return true;
}

/* Count the frame at @pfn; return how many frames belong to it. */
static unsigned check_frame(struct tally *t, pfn_t pfn)
{
	const struct frame *f = frame_at(t->p, pfn);
	unsigned order = frame_order(f);

	switch (frame_type(f)) {
	case FRAME_BUDDY:
		t->free += 1 << order;
		if (!rest_zero(f, order))
			differ(t, "free block with a frame not zero", pfn, -1);
		return 1u << order;
	case FRAME_PCP:
		t->on_pcp += 1 << order;
		if (!rest_zero(f, order))
			differ(t, "per-CPU block with a frame not zero", pfn,
			       -1);
		return 1u << order;
	case FRAME_HOLE:
		return 1;
	case FRAME_RESERVED:
		t->reserved++;
		return 1;
	case FRAME_FREE_TAIL:
	case FRAME_TAIL:
		differ(t, "frame that belongs to nothing", pfn, -1);
		return 1;
	default:
		break;
	}
	if (pfn == t->p->zero_pfn && t->p->zero_reserved) {
		t->reserved++;
		return 1;
	}
	t->used += 1 << order;
	if ((pfn & ((1u << order) - 1)) != 0 || !rest_mine(f, pfn, order))
		differ(t, "allocated block not whole", pfn, -1);
	return 1u << order;
}

/* One block as far as it is the zone's, @from..@to. */
static void check_block(struct tally *t, uint32_t block, pfn_t from, pfn_t to)
{
	const struct phys *p = t->p;
	pfn_t pfn = block << MAX_ORDER;
	const struct frame *section = p->sections[pfn >> SECTION_SHIFT];

	switch ((enum block_state)p->blocks[block].state) {
	case BLOCK_FREE:
		t->free += BLOCK_FRAMES;
		/* The first frame is judged as the others: links lie in
		 * blocks[]. */
		if (section && (frame_at(p, pfn)->word ||
				!rest_zero(frame_at(p, pfn), MAX_ORDER)))
			differ(t, "free block with a frame not zero", pfn, -1);
		break;
	case BLOCK_RESERVED:
		t->reserved += to - from;
		break;
	case BLOCK_OPEN:
		for (pfn = from; pfn < to;)
			pfn += check_frame(t, pfn);
		break;
	case BLOCK_HOLE:
		break;
	}
}

static void check_zone_frames(struct tally *t)
{
	const struct zone *z = &t->p->zones[t->z];
	pfn_t end = z->start_pfn + z->spanned;

	for (pfn_t from = z->start_pfn, to; from < end; from = to) {
		to = (from & ~(BLOCK_FRAMES - 1)) + BLOCK_FRAMES;
		if (to > end)
			to = end;
		check_block(t, from >> MAX_ORDER, from, to);
	}
}

static void check_zone(struct tally *t)
{
	const struct zone *z = &t->p->zones[t->z];
	const int64_t *stat = t->p->stat.zone[t->z];
	int64_t isolated = 0;

	for (unsigned o = 0; o < NR_ORDERS; o++) {
		for (unsigned type = 0; type < NR_MIGRATETYPES; type++)
			check_free_list(t, o, type);
		isolated += (int64_t)z->free[o].nr[MIGRATE_ISOLATE] << o;
	}
	for (unsigned cpu = 0; cpu < t->p->nr_cpus; cpu++)
		check_pcp(t, &z->pcp[cpu]);
	check_zone_frames(t);
	differ(t, "nr_free_pages", t->listed, stat[NR_FREE_PAGES]);
	differ(t, "nr_free_pages_blocks", t->listed_blocks,
	       stat[NR_FREE_PAGES_BLOCKS]);
	differ(t, "nr_free_highatomic", t->highatomic, z->nr_free_highatomic);
	differ(t, "free frames", t->free, t->listed + isolated);
	differ(t, "frames on per-CPU lists", t->on_pcp, t->pcp);
	differ(t, "managed", t->free + t->on_pcp + t->used, z->managed);
	differ(t, "reserved", t->reserved, (int64_t)z->present - z->managed);
}

void phys_check(const struct phys *p, check_report *report, void *arg)
{
	for (unsigned z = 0; z < MAX_ZONES; z++) {
		struct tally t = {
			.p = p, .report = report, .arg = arg, .z = z
		};

		if (p->zones[z].present)
			check_zone(&t);
	}
}
