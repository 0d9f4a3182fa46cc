// SPDX-License-Identifier: Apache-2.0
/*
 * One active and one inactive list for all pages: mm/vmscan.c of 2.6 before
 * 2.6.28 (shrink_zone(), shrink_active_list()), whose inactive list is the
 * inactive_dirty one of 2.4 with the inactive_clean one behind it
 * (page_launder(), reclaim_page()).
 */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/policy.h"
#include "vmcore/space/unmap.h"

static uint32_t mapped_ratio(const struct space *s)
{
	int64_t mapped = vmstat_node_sum(&s->phys->stat, NR_FILE_MAPPED) +
			 vmstat_node_sum(&s->phys->stat, NR_ANON_MAPPED);

	return (uint32_t)((uint64_t)mapped * 100 / phys_total_pages(s->phys));
}

static void tell(struct space *s, struct ctx *ctx, const struct scan *sc,
		 uint32_t mapped, uint32_t distress)
{
	uint32_t swappiness = scan_swappiness(s, sc);
	uint32_t now = 1u << 31 | sc->take_mapped << 24 | mapped << 16 |
		       distress << 8 | swappiness;

	if (!scan_news(s, ctx, sc, now))
		return;
	ctx_tell(
		ctx,
		"reclaim node=%u priority=%d swap_tendency=%u mapped_ratio=%u distress=%u swappiness=%u takes=%s rule=swap_tendency",
		sc->node, sc->priority, mapped / 2 + distress + swappiness,
		mapped, distress, swappiness,
		sc->take_mapped ? "mapped" : "cache");
}

void classic_node(struct space *s, struct ctx *ctx, struct scan *sc)
{
	uint32_t *prev = &s->control->classic.prev_priority[sc->node];
	uint32_t priority = (uint32_t)sc->priority, mapped = mapped_ratio(s);
	uint32_t distress = 100u >> (*prev < priority ? *prev : priority);

	scan_reset(sc);
	/* 32 pages were enough to try no harder (balance_pgdat()). */
	if (sc->who == SCAN_KSWAPD)
		sc->nr_to_reclaim = SWAP_CLUSTER_MAX;
	*prev = priority;
	sc->take_mapped = sc->may_swap &&
			  mapped / 2 + distress + scan_swappiness(s, sc) >= 100;
	tell(s, ctx, sc, mapped, distress);
}

static uint64_t active_pages(const struct lruvec *v)
{
	return v->list[LRU_ACTIVE_ANON].nr + v->list[LRU_ACTIVE_FILE].nr;
}

static uint64_t inactive_pages(const struct lruvec *v)
{
	return v->list[LRU_INACTIVE_ANON].nr + v->list[LRU_INACTIVE_FILE].nr -
	       v->clean.nr;
}

/* Does who asked want more? */
static bool wanted(const struct space *s, const struct scan *sc)
{
	if (sc->who == SCAN_KSWAPD)
		return !node_balanced(s->phys, sc->node, sc->order,
				      sc->highest);
	return sc->nr_reclaimed + sc->list_reclaimed < sc->nr_to_reclaim;
}

/* Small portions add up until they are worth a batch. */
static uint64_t portion(uint32_t *left, uint64_t size, int32_t priority)
{
	uint64_t nr = *left + (size >> priority) + 1;

	*left = nr < SWAP_CLUSTER_MAX ? (uint32_t)nr : 0;
	return *left ? 0 : nr;
}

void classic_group(struct space *s, struct ctx *ctx, struct scan *sc)
{
	struct lruvec *v = scan_lruvec(s, sc);

	(void)ctx;
	sc->nr[LRU_ACTIVE_FILE] = sc->nr[LRU_INACTIVE_FILE] = 0;
	/* An allocation took from these before it looked for more. */
	if (sc->who != SCAN_KSWAPD && v->clean.nr >= sc->nr_to_reclaim)
		return;
	sc->nr[LRU_ACTIVE_FILE] =
		portion(&v->nr_scan[0], active_pages(v), sc->priority);
	sc->nr[LRU_INACTIVE_FILE] =
		portion(&v->nr_scan[1], inactive_pages(v), sc->priority);
}

/* Mapped pages stay unless the sum says otherwise, and then if in use. */
static bool stays(struct space *s, const struct scan *sc, pfn_t folio,
		  const struct rmap_spot *at)
{
	if (!folio_mapped(s->phys, folio))
		return false;
	if (!sc->take_mapped)
		return true;
	if (frame_type(frame_at(s->phys, folio)) == FRAME_ANON &&
	    !s->control->total_swap_pages)
		return true;
	return folio_referenced(s, folio, at, sc->group).vmas;
}

static void refill(struct space *s, struct ctx *ctx, struct scan *sc,
		   uint64_t nr)
{
	struct lruvec *v = scan_lruvec(s, sc);
	struct isolated got;
	uint64_t down = 0;

	scan_isolate(s, sc, &v->list[LRU_ACTIVE_FILE], active_pages(v), nr,
		     &got);
	ctx_pay(ctx, COST_SCAN_PAGE, got.pages);
	scan_event(s, sc, PGREFILL, got.scanned, !sc->group);
	for (unsigned i = 0; i < got.nr; i++) {
		struct frame *f = frame_at(s->phys, got.folios[i]);

		if (!stays(s, sc, got.folios[i], &got.at[i]) &&
		    !(f->word & (PG_MLOCKED | PG_UNEVICTABLE))) {
			f->word &= ~PG_ACTIVE;
			down += 1ull << frame_order(f);
		}
		lru_add(s->control, got.folios[i]);
	}
	scan_event(s, sc, PGDEACTIVATE, down, true);
}

/* Each type of what was taken is counted, its freed pages returned. */
static uint64_t evict_all(struct space *s, struct ctx *ctx, struct scan *sc,
			  const struct isolated *got, struct fates *fates)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < got->nr; i++) {
		const struct frame *f = frame_at(s->phys, got->folios[i]);
		bool file = folio_is_file(f);
		uint64_t pages = 1ull << frame_order(f), freed;

		if (sc->launder)
			scan_count_scanned(s, sc, file, pages);
		freed = evict_folio(s, ctx, sc, got->folios[i], &got->at[i],
				    false, fates);
		scan_count_stolen(s, sc, file, freed);
		all += freed;
	}
	return all;
}

static void launder(struct space *s, struct ctx *ctx, struct scan *sc,
		    uint64_t nr)
{
	struct lruvec *v = scan_lruvec(s, sc);
	struct fates fates = { 0 };
	struct isolated got;

	scan_isolate(s, sc, &v->list[LRU_INACTIVE_FILE], inactive_pages(v), nr,
		     &got);
	ctx_pay(ctx, COST_SCAN_PAGE, got.pages);
	sc->launder = 1;
	sc->list_reclaimed += evict_all(s, ctx, sc, &got, &fates);
	sc->launder = 0;
	if (got.nr && fates.unqueued_dirty == got.pages)
		cache_start_writeback(s->cache);
	scan_add_fates(sc, &fates, got.pages);
}

/* False: all that was looked at is in use and stays. */
static bool free_clean(struct space *s, struct ctx *ctx, struct scan *sc)
{
	struct lruvec *v = scan_lruvec(s, sc);
	uint64_t before = v->clean.nr;
	struct fates fates = { 0 };
	struct isolated got;

	scan_isolate(s, sc, &v->clean, v->clean.nr, SWAP_CLUSTER_MAX, &got);
	sc->list_reclaimed += evict_all(s, ctx, sc, &got, &fates);
	return v->clean.nr < before;
}

static uint64_t batch(uint64_t *left)
{
	uint64_t nr = *left < SWAP_CLUSTER_MAX ? *left : SWAP_CLUSTER_MAX;

	*left -= nr;
	return nr;
}

bool classic_step(struct space *s, struct ctx *ctx, struct scan *sc)
{
	uint64_t *active = &sc->nr[LRU_ACTIVE_FILE];
	uint64_t *inactive = &sc->nr[LRU_INACTIVE_FILE];
	bool scan = *active || *inactive;

	if (*active)
		refill(s, ctx, sc, batch(active));
	if (*inactive)
		launder(s, ctx, sc, batch(inactive));
	if (!scan_lruvec(s, sc)->clean.nr || !wanted(s, sc))
		return scan;
	return free_clean(s, ctx, sc) || scan;
}

/* kswapd keeps a third of what it keeps free ready to be freed. */
bool classic_group_end(struct space *s, struct ctx *ctx, struct scan *sc)
{
	uint64_t high = 0;

	if (sc->who != SCAN_KSWAPD)
		return false;
	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
		high += s->phys->zones[sc->node * MAX_ZONES_PER_NODE + t]
				.wmark[WMARK_HIGH];
	if (scan_lruvec(s, sc)->clean.nr < high / 3)
		launder(s, ctx, sc, SWAP_CLUSTER_MAX);
	return false;
}

/* page_referenced(), page_mapping_inuse() */
enum reference classic_references(struct space *s, const struct scan *sc,
				  pfn_t folio, const struct rmap_spot *at)
{
	struct referenced r = folio_referenced(s, folio, at, sc->group);
	struct frame *f = frame_at(s->phys, folio);
	bool used = r.vmas || f->word & PG_REFERENCED;

	f->word &= ~PG_REFERENCED;
	if (r.flags & VM_LOCKED)
		return REF_ACTIVATE;
	if (!used)
		return REF_RECLAIM;
	if (folio_mapped(s->phys, folio) || f->word & PG_SWAPCACHE)
		return REF_ACTIVATE;
	return REF_RECLAIM_CLEAN;
}
