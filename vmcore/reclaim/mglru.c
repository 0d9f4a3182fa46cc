// SPDX-License-Identifier: Apache-2.0
/* Generations: when to age, how much to evict (mm/vmscan.c:
 * lru_gen_shrink_node(), try_to_shrink_lruvec(), lru_gen_age_node()). */
#include "vmcore/control/lru-gen.h"
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/policy.h"
#include "vmcore/space/unmap.h"

enum gen_stage { GEN_LOOK, GEN_WALK, GEN_GROW, GEN_EVICT };

static struct lru_gens *gens(const struct space *s, const struct scan *sc)
{
	return gens_at(s->control, sc->memcg, sc->node);
}

unsigned mglru_swappiness(const struct space *s, const struct scan *sc)
{
	const struct control *c = s->control;

	if (!sc->may_swap || c->free_swap_pages < MIN_LRU_BATCH ||
	    (!scan_can_swap(s, sc->memcg) && !scan_can_demote(s, sc)))
		return 0;
	return scan_swappiness(s, sc);
}

/* What this pass over the node has freed; kswapd begins each at 0. */
static uint64_t reclaimed(const struct scan *sc)
{
	return sc->nr_reclaimed + sc->list_reclaimed -
	       (sc->who == SCAN_KSWAPD ? sc->node_reclaimed : 0);
}

static int32_t log2_of(uint64_t n)
{
	int32_t bits = 0;

	for (; n; n >>= 1)
		bits++;
	return bits;
}

/* set_initial_priority(): such that one pass would do. */
static void first_priority(const struct space *s, struct scan *sc)
{
	const int64_t *n = s->phys->stat.node[sc->node];
	uint64_t pages = (uint64_t)n[NR_INACTIVE_FILE];
	int32_t priority;

	if (sc->priority != DEF_PRIORITY || sc->nr_to_reclaim < MIN_LRU_BATCH)
		return;
	if (s->control->free_swap_pages)
		pages += (uint64_t)n[NR_INACTIVE_ANON];
	priority = log2_of(pages) - 1 - log2_of(sc->nr_to_reclaim - 1);
	if (priority < DEF_PRIORITY / 2)
		priority = DEF_PRIORITY / 2;
	if (priority < DEF_PRIORITY)
		sc->priority = priority;
}

void mglru_node(struct space *s, struct ctx *ctx, struct scan *sc)
{
	(void)ctx;
	scan_reset(sc);
	if (!sc->group && sc->may_writepage)
		first_priority(s, sc);
}

void mglru_group(struct space *s, struct ctx *ctx, struct scan *sc)
{
	(void)s;
	(void)ctx;
	sc->gen_stage = GEN_LOOK;
	sc->gen_scanned = 0;
	sc->walk_mm = 0;
	sc->walk_addr = 0;
}

/* --- how much -------------------------------------------------------------
 */
/* get_nr_to_scan(): pages, 0 for nothing; *@ret_age: generations first. */
static uint64_t nr_to_scan(const struct space *s, struct scan *sc,
			   bool *ret_age)
{
	const struct lru_gens *g = gens(s, sc);
	unsigned swappiness = mglru_swappiness(s, sc);
	uint64_t min = gens_min(g, swappiness), nr = 0;
	bool age = min + MIN_NR_GENS >= g->max_seq;

	*ret_age = false;
	if (min + MIN_NR_GENS <= g->max_seq)
		nr = gens_pages(g, swappiness);
	if (nr && !group_online(s->control, sc->memcg))
		return nr;
	nr = scan_protect(s, sc, nr);
	if (!age || sc->priority == DEF_PRIORITY)
		return nr >> sc->priority;
	*ret_age = true;
	return 0;
}

/* should_abort_scan(): enough for the machine; a group gets its due. */
static bool enough(const struct space *s, const struct scan *sc)
{
	uint64_t gap = sc->order ? 2ull << sc->order : 2;

	if (sc->group)
		return false;
	if (reclaimed(sc) >=
	    (sc->nr_to_reclaim > gap ? sc->nr_to_reclaim : gap))
		return true;
	if (sc->who != SCAN_KSWAPD || sc->order)
		return false;
	for (unsigned t = 0; t <= sc->highest && t < MAX_ZONES_PER_NODE; t++) {
		unsigned z = sc->node * MAX_ZONES_PER_NODE + t;
		const struct zone *zone = &s->phys->zones[z];

		if (zone->managed &&
		    !zone_watermark_ok(s->phys, z, 0,
				       zone_wmark(zone, WMARK_HIGH) +
					       MIN_LRU_BATCH,
				       sc->highest, 0))
			return false;
	}
	return true;
}

static bool evict(struct space *s, struct ctx *ctx, struct scan *sc)
{
	bool age;
	uint64_t nr = nr_to_scan(s, sc, &age), seen;

	if (age) {
		sc->walk_seq = gens(s, sc)->max_seq;
		sc->gen_stage = s->control->gen_caps & GEN_CAP_WALK ? GEN_WALK
								    : GEN_GROW;
		return true;
	}
	seen = nr ? mglru_evict(s, ctx, sc, nr) : 0;
	sc->gen_scanned += seen;
	return seen && sc->gen_scanned < nr && !enough(s, sc);
}

bool mglru_step(struct space *s, struct ctx *ctx, struct scan *sc)
{
	switch ((enum gen_stage)sc->gen_stage) {
	case GEN_WALK:
		if (mglru_walk(s, ctx, sc))
			sc->gen_stage = GEN_GROW;
		return true;
	case GEN_GROW:
		/* Somebody else was faster. */
		if (gens(s, sc)->max_seq != sc->walk_seq)
			return false;
		return !gens_grow(s->control, sc->memcg, sc->node,
				  mglru_swappiness(s, sc), ctx->now);
	case GEN_LOOK:
		/* Clean pages without users come first as it is. */
		if (!sc->group && !sc->may_writepage)
			return false;
		sc->gen_stage = GEN_EVICT;
		return true;
	case GEN_EVICT:
	default:
		return evict(s, ctx, sc);
	}
}

bool mglru_group_end(struct space *s, struct ctx *ctx, struct scan *sc)
{
	(void)ctx;
	if (sc->unqueued_dirty && sc->unqueued_dirty == sc->file_taken)
		cache_start_writeback(s->cache);
	return enough(s, sc);
}

/* --- kswapd ---------------------------------------------------------------
 */
/* lruvec_is_reclaimable() */
static bool old_enough(const struct space *s, const struct ctx *ctx,
		       const struct scan *sc)
{
	const struct lru_gens *g = gens(s, sc);
	const struct group *group = group_at(s->control, sc->memcg);
	unsigned swappiness = mglru_swappiness(s, sc);
	uint64_t pages = gens_pages(g, swappiness), min;

	if (group->min && group->usage <= group->min)
		return false;
	if (group_online(s->control, sc->memcg))
		pages >>= sc->priority;
	if (!pages)
		return false;
	min = gens_min(g, swappiness);
	return g->born[gen_of(min)] + s->control->min_ttl_ns < ctx->now;
}

void mglru_age(struct space *s, struct ctx *ctx, struct scan *sc)
{
	bool old = !s->control->min_ttl_ns;

	first_priority(s, sc);
	for (uint32_t g = GROUP_ROOT; g && !old;
	     g = group_next(s->control, GROUP_ROOT, g)) {
		sc->memcg = g;
		old = old_enough(s, ctx, sc);
	}
	/* The working set of the last min_ttl_ms stays: a process pays. */
	if (!old)
		sc->too_young = 1;
}

/* --- one folio ------------------------------------------------------------
 */
enum reference mglru_references(struct space *s, const struct scan *sc,
				pfn_t folio, const struct rmap_spot *at)
{
	struct referenced r = folio_referenced(s, folio, at, sc->group);

	if (r.flags & VM_LOCKED)
		return REF_ACTIVATE;
	if (!r.vmas)
		return REF_RECLAIM;
	return gen_set_refs(frame_at(s->phys, folio)) ? REF_ACTIVATE : REF_KEEP;
}

/* Not to the oldest generation again. */
void mglru_putback(struct space *s, pfn_t folio)
{
	const struct control *c = s->control;
	struct frame *f = frame_at(s->phys, folio);
	const struct lru_gens *g =
		pool_at(&c->gens, folio_lruvec(c, folio)->gens);

	if (f->word & (PG_MLOCKED | PG_UNEVICTABLE) ||
	    gen_seq(c, folio, false) != g->min_seq[folio_is_file(f)])
		return;
	f->word &= ~(FRAME_REFS_MASK | PG_REFERENCED);
	f->word |= PG_ACTIVE;
}
