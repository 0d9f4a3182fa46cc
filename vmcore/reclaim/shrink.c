// SPDX-License-Identifier: Apache-2.0
/* Pages of one list: shrink_active_list(), shrink_inactive_list(). */
#include "vmcore/base/klog.h"
#include "vmcore/reclaim/policy.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/space/unmap.h"

/* One that lies in a zone that does not help goes to the head. Its pages. */
static uint64_t pass_over(struct space *s, pfn_t folio)
{
	uint64_t pages = 1ull << frame_order(frame_at(s->phys, folio));
	unsigned type = pfn_zone(s->phys, folio) % MAX_ZONES_PER_NODE;

	lru_isolate(s->control, folio);
	vmstat_event(&s->phys->stat, (enum event)(PGSKIP_DMA + type), pages);
	lru_add(s->control, folio);
	return pages;
}

/* isolate_lru_folios(): from the tail; what lies in a zone that does not
 * help goes to the head. */
void scan_isolate(struct space *s, const struct scan *sc, struct lru_list *list,
		  uint64_t limit, uint64_t nr, struct isolated *got)
{
	uint64_t pages;

	got->nr = 0;
	got->pages = got->scanned = 0;
	while (got->pages < nr && got->scanned < limit &&
	       list->tail != PFN_NONE) {
		uint64_t most = nr - got->pages, left = limit - got->scanned;

		got->nr += lru_isolate_run(s->control, list, sc->highest,
					   most < left ? most : left,
					   got->folios + got->nr, &pages);
		got->pages += pages;
		got->scanned += pages;
		if (!pages)
			got->scanned += pass_over(s, list->tail);
	}
	rmap_look(s, got->folios, got->nr, got->at);
}

static void isolate(struct space *s, const struct scan *sc, enum lru lru,
		    uint64_t nr, struct isolated *got)
{
	struct lru_list *list = &scan_lruvec(s, sc)->list[lru];

	scan_isolate(s, sc, list, list->nr, nr, got);
}

/* lru_note_cost() */
static void note_cost(struct space *s, const struct scan *sc, bool file,
		      uint64_t nr_io, uint64_t nr_rotated)
{
	uint64_t cost = nr_io * SWAP_CLUSTER_MAX + nr_rotated;

	for (uint32_t g = sc->memcg; cost && g;
	     g = group_at(s->control, g)->parent) {
		struct lruvec *v = &group_at(s->control, g)->lruvec[sc->node];
		uint64_t size = 0;

		for (unsigned l = 0; l < 4; l++)
			size += g == GROUP_ROOT
					? (uint64_t)s->phys->stat
						  .node[sc->node]
						       [NR_INACTIVE_ANON + l]
					: v->list[l].nr;
		*(file ? &v->file_cost : &v->anon_cost) += cost;
		if (v->file_cost + v->anon_cost > size / 4) {
			v->file_cost /= 2;
			v->anon_cost /= 2;
		}
	}
}

void scan_event(struct space *s, const struct scan *sc, enum event item,
		uint64_t pages, bool machine)
{
	if (machine)
		vmstat_event(&s->phys->stat, item, pages);
	group_event(s->control, sc->memcg, item, pages);
}

void scan_count_scanned(struct space *s, const struct scan *sc, bool file,
			uint64_t pages)
{
	scan_event(s, sc, (enum event)(PGSCAN_KSWAPD + sc->who), pages,
		   !sc->group);
	vmstat_event(&s->phys->stat, file ? PGSCAN_FILE : PGSCAN_ANON, pages);
}

void scan_count_stolen(struct space *s, const struct scan *sc, bool file,
		       uint64_t pages)
{
	scan_event(s, sc, (enum event)(PGSTEAL_KSWAPD + sc->who), pages,
		   !sc->group);
	vmstat_event(&s->phys->stat, file ? PGSTEAL_FILE : PGSTEAL_ANON, pages);
}

void scan_add_fates(struct scan *sc, const struct fates *fates, uint64_t taken)
{
	sc->dirty += fates->dirty;
	sc->unqueued_dirty += fates->unqueued_dirty;
	sc->congested += fates->congested;
	sc->writeback += fates->writeback;
	sc->immediate += fates->immediate;
	sc->taken += taken;
}

void shrink_active(struct space *s, struct ctx *ctx, struct scan *sc,
		   enum lru lru, uint64_t nr)
{
	bool file = lru == LRU_ACTIVE_FILE;
	uint64_t rotated = 0, down = 0;
	struct isolated got;

	isolate(s, sc, lru, nr, &got);
	ctx_pay(ctx, COST_SCAN_PAGE, got.pages);
	scan_event(s, sc, PGREFILL, got.scanned, !sc->group);
	for (unsigned i = 0; i < got.nr; i++) {
		struct frame *f = frame_at(s->phys, got.folios[i]);
		uint64_t pages = 1ull << frame_order(f);
		struct referenced r = folio_referenced(s, got.folios[i],
						       &got.at[i], sc->group);

		/* Programs in use stay. */
		if (r.vmas && (r.flags & VM_EXEC) && file) {
			rotated += pages;
		} else if (!(f->word & (PG_MLOCKED | PG_UNEVICTABLE))) {
			f->word = (f->word & ~PG_ACTIVE) | PG_WORKINGSET;
			down += pages;
		}
		lru_add(s->control, got.folios[i]);
	}
	scan_event(s, sc, PGDEACTIVATE, down, true);
	note_cost(s, sc, file, 0, rotated);
}

/* One step's batch: what went, and what kept the others. */
struct batch {
	uint64_t freed;
	pfn_t pfns[SWAP_CLUSTER_MAX];
	unsigned nr;
};

#define TOLD_BYTES 180u /* of frame numbers */

static void tell_batch(const struct ctx *ctx, const struct scan *sc, bool file,
		       const struct isolated *got, const struct batch *b,
		       const struct fates *fates)
{
	struct tale t;
	size_t pfns;

	if (!ctx->story)
		return;
	t.len = 0;
	tale_number(&t, "evict node=", sc->node);
	tale_add(&t, file ? " list=inactive_file" : " list=inactive_anon");
	tale_number(&t, " priority=", (uint64_t)sc->priority);
	tale_number(&t, " scanned=", got->scanned);
	tale_number(&t, " freed=", b->freed);
	tale_number(&t, " dirty=", fates->dirty);
	tale_number(&t, " writeback=", fates->writeback);
	tale_number(&t, " pageout=", fates->pageout);
	tale_number(&t, " activated=", fates->activate);
	tale_add(&t, b->nr ? " pfns=" : " pfns=-");
	pfns = t.len;
	for (unsigned i = 0; i < b->nr && t.len - pfns < TOLD_BYTES; i++)
		tale_number(&t, i ? "," : "", b->pfns[i]);
	tale_add(&t, " rule=");
	tale_add(&t, b->freed		? "oldest-and-not-referenced"
		     : fates->dirty	? "dirty-waits-for-flusher"
		     : fates->writeback ? "under-writeback"
					: "referenced-again");
	ctx_tell_tale(ctx, &t);
}

/* The next folio of a list is known when the one before it is at hand: go
 * ahead by one, for the batch to come. */
static void go_ahead(const struct space *s, pfn_t *at)
{
	const struct frame *f = *at == PFN_NONE ? NULL : frame_at(s->phys, *at);

	*at = f && f->word & PG_LRU ? f->prev : PFN_NONE;
	if (*at != PFN_NONE)
		__builtin_prefetch(frame_at(s->phys, *at), 1);
}

static uint64_t shrink_inactive(struct space *s, struct ctx *ctx,
				struct scan *sc, enum lru lru, uint64_t nr)
{
	bool file = lru == LRU_INACTIVE_FILE;
	struct fates fates = { 0 };
	struct batch b = { .freed = 0 };
	struct isolated got;
	pfn_t ahead;

	isolate(s, sc, lru, nr, &got);
	ctx_pay(ctx, COST_SCAN_PAGE, got.pages);
	scan_count_scanned(s, sc, file, got.scanned);
	if (!got.nr)
		return 0;
	ahead = scan_lruvec(s, sc)->list[lru].tail;
	for (unsigned i = 0; i < got.nr; i++) {
		uint64_t pages = evict_folio(s, ctx, sc, got.folios[i],
					     &got.at[i], false, &fates);

		go_ahead(s, &ahead);
		if (pages)
			b.pfns[b.nr++] = got.folios[i];
		b.freed += pages;
	}
	tell_batch(ctx, sc, file, &got, &b, &fates);
	scan_count_stolen(s, sc, file, b.freed);
	note_cost(s, sc, file, fates.pageout, got.scanned - b.freed);
	/* The flusher is behind: let it begin. */
	if (fates.unqueued_dirty == got.pages)
		cache_start_writeback(s->cache);
	scan_add_fates(sc, &fates, got.pages);
	if (file)
		sc->file_taken += got.pages;
	return b.freed;
}

uint64_t shrink_list(struct space *s, struct ctx *ctx, struct scan *sc,
		     enum lru lru, uint64_t nr)
{
	bool file = lru >= LRU_INACTIVE_FILE;

	if (lru == LRU_INACTIVE_ANON || lru == LRU_INACTIVE_FILE)
		return shrink_inactive(s, ctx, sc, lru, nr);
	if (sc->deactivate & (file ? 2u : 1u))
		shrink_active(s, ctx, sc, lru, nr);
	else
		sc->skipped_deactivate = 1;
	return 0;
}
