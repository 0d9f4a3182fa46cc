// SPDX-License-Identifier: Apache-2.0
/* What a zone remembers of compaction, and whether it is worth trying there:
 * compaction_deferred(), compaction_suitable(), __reset_isolation_suitable(),
 * fragmentation_score_node() of mm/compaction.c. */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/compact.h"

#define COSTLY_ORDER 3u
#define SAMPLE	     (1u << COSTLY_ORDER) /* every 8th page tells */

/* --- where the scanners stand -----------------------------------------------
 */
pfn_t compact_zone_end(const struct phys *p, const struct zone *z)
{
	pfn_t end = z->start_pfn + z->spanned;

	return end < p->max_pfn ? end : p->max_pfn;
}

static pfn_t last_block(const struct phys *p, const struct zone *z)
{
	return (compact_zone_end(p, z) - 1) & ~(PAGEBLOCK_PAGES - 1);
}

void compact_rewind(const struct phys *p, struct zone *z)
{
	z->compact_migrate_pfn[0] = z->compact_init_pfn;
	z->compact_migrate_pfn[1] = z->compact_init_pfn;
	z->compact_free_pfn = last_block(p, z);
}

/* A page on the LRU or a free one, in a sample of the pageblock? */
static bool worth_a_look(const struct phys *p, unsigned zone, pfn_t block)
{
	if (pfn_zone(p, block) != zone || !frame_peek(p, block))
		return false;
	for (unsigned i = 0; i < PAGEBLOCK_PAGES; i += SAMPLE) {
		const struct frame *f = frame_at(p, block + i);

		if (f->word & PG_LRU || frame_type(f) == FRAME_BUDDY)
			return true;
	}
	return false;
}

void compact_forget(struct phys *p, unsigned zone)
{
	struct zone *z = &p->zones[zone];
	pfn_t block = z->start_pfn & ~(PAGEBLOCK_PAGES - 1);
	bool found = false;

	if (!z->compact_flush)
		return;
	z->compact_flush = 0;
	for (; block <= last_block(p, z); block += PAGEBLOCK_PAGES) {
		if (!worth_a_look(p, zone, block))
			continue;
		pageblock_set_skip(p, block, false);
		if (!found && block > z->start_pfn)
			z->compact_init_pfn = block;
		found = true;
	}
	compact_rewind(p, z);
}

bool compact_may_skip(const struct space *s, const struct compact *c,
		      pfn_t block)
{
	return !c->ignore_skip && pageblock_skip(s->phys, block);
}

/* --- deferral ---------------------------------------------------------------
 */
bool compact_deferred(struct zone *z, unsigned order)
{
	uint32_t limit = 1u << z->compact_defer_shift;

	if (order < z->compact_order_failed)
		return false;
	if (++z->compact_considered < limit)
		return true;
	z->compact_considered = limit;
	return false;
}

void compact_defer(struct zone *z, unsigned order)
{
	z->compact_considered = 0;
	if (z->compact_defer_shift < COMPACT_MAX_DEFER)
		z->compact_defer_shift++;
	if (order < z->compact_order_failed)
		z->compact_order_failed = order;
}

void compact_defer_reset(struct zone *z, unsigned order, bool allocated)
{
	if (allocated)
		z->compact_considered = z->compact_defer_shift = 0;
	if (order >= z->compact_order_failed)
		z->compact_order_failed = order + 1;
}

bool compact_restarting(const struct zone *z, unsigned order)
{
	return order >= z->compact_order_failed &&
	       z->compact_defer_shift == COMPACT_MAX_DEFER &&
	       z->compact_considered >= 1u << COMPACT_MAX_DEFER;
}

/* --- is it worth it? --------------------------------------------------------
 */
/* compact_gap(): the copy and its source stand beside each other. */
static bool enough_free(const struct phys *p, unsigned zone, unsigned order,
			unsigned highest, uint64_t more)
{
	const struct zone *z = &p->zones[zone];
	uint64_t mark = zone_wmark(z, WMARK_MIN) + (2ull << order);
	uint64_t free = (uint64_t)p->stat.zone[zone][NR_FREE_PAGES];

	if (order > COSTLY_ORDER)
		mark += z->wmark[WMARK_LOW] - z->wmark[WMARK_MIN];
	if (free + more < z->nr_free_highatomic)
		return false;
	return free + more - z->nr_free_highatomic > mark + z->reserve[highest];
}

bool compact_suitable_with(const struct phys *p, unsigned zone, unsigned order,
			   unsigned highest, uint64_t more)
{
	return enough_free(p, zone, order, highest, more);
}

enum compact_result compact_suitable(const struct phys *p, unsigned zone,
				     unsigned order, unsigned highest)
{
	uint32_t mark = zone_wmark(&p->zones[zone], WMARK_MIN);

	if (zone_watermark_ok(p, zone, order, mark, highest, 0))
		return COMPACTED_SUCCESS;
	if (!enough_free(p, zone, order, highest, 0))
		return COMPACTED_SKIPPED;
	if (order > COSTLY_ORDER) {
		int index = fragmentation_index(p, zone, order);

		if (index >= 0 && index <= p->extfrag_threshold)
			return COMPACTED_SKIPPED;
	}
	return COMPACTED_CONTINUE;
}

/* --- proactive runs ---------------------------------------------------------
 */
unsigned compact_score_mark(const struct phys *p, bool low)
{
	unsigned mark = 100u - (unsigned)p->compaction_proactiveness;
	unsigned leeway = mark / 2 < 10 ? mark / 2 : 10;

	if (low)
		return mark;
	return mark + leeway < 100 ? mark + leeway : 100;
}

unsigned compact_score_node(const struct phys *p, unsigned node)
{
	uint64_t present = 0, score = 0;

	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
		present += p->zones[node * MAX_ZONES_PER_NODE + t].present;
	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++) {
		unsigned z = node * MAX_ZONES_PER_NODE + t;

		if (p->zones[z].managed)
			score += (uint64_t)p->zones[z].present *
				 extfrag_for_order(p, z, HPAGE_ORDER) /
				 (present + 1);
	}
	return (unsigned)score;
}
