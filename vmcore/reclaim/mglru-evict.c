// SPDX-License-Identifier: Apache-2.0
/* From the oldest generation: scan_folios(), sort_folio(), isolate_folio(),
 * evict_folios() of mm/vmscan.c. */
#include "vmcore/control/lru-gen.h"
#include "vmcore/reclaim/policy.h"

struct batch {
	struct space *s;
	struct scan *sc;
	unsigned type; /* 1: files */
	unsigned tier; /* those above it are protected */
	uint64_t scanned, sorted, isolated; /* pages */
	unsigned left; /* folios that may be looked at */
	unsigned nr;
	pfn_t folios[MIN_LRU_BATCH]; /* oldest first */
};

static struct lru_gens *gens(const struct batch *b)
{
	return gens_at(b->s->control, b->sc->memcg, b->sc->node);
}

/* It goes on to the next generation, for one reason or another. */
static bool sort_folio(struct batch *b, pfn_t folio, unsigned zone)
{
	struct control *c = b->s->control;
	struct frame *f = frame_at(b->s->phys, folio);
	uint64_t pages = 1ull << frame_order(f);
	bool dirty = b->type && f->word & PG_DIRTY;

	if (frame_tier(f) > b->tier || frame_promoted(f)) {
		if (!frame_promoted(f))
			gens(b)->protected[b->type][frame_tier(f)] += pages;
		gen_advance(c, folio, false, false);
		return true;
	}
	if (zone > b->sc->highest) {
		gen_advance(c, folio, false, true);
		return true;
	}
	if (dirty) {
		b->sc->file_taken += pages;
		if (!(f->word & PG_WRITEBACK))
			b->sc->unqueued_dirty += pages;
	}
	if (!dirty && !(f->word & PG_WRITEBACK))
		return false;
	gen_advance(c, folio, true, false);
	return true;
}

static bool isolate(struct batch *b, pfn_t folio)
{
	struct frame *f = frame_at(b->s->phys, folio);

	if (!(b->sc->gfp & GFP_BIT_IO) &&
	    (f->word & PG_DIRTY ||
	     (frame_type(f) == FRAME_ANON && !(f->word & PG_SWAPCACHE))))
		return false;
	if (!(f->word & PG_REFERENCED))
		f->word &= ~FRAME_REFS_MASK;
	f->word &= ~PG_RECLAIM;
	lru_isolate(b->s->control, folio);
	b->folios[b->nr++] = folio;
	return true;
}

static bool full(const struct batch *b)
{
	return !b->left || b->isolated >= MIN_LRU_BATCH;
}

/* Folios that cannot be had for this request stay where they are. */
static void scan_zone(struct batch *b, unsigned zone)
{
	unsigned gen = gen_of(gens(b)->min_seq[b->type]);
	const struct lru_list *l = &gens(b)->list[gen][b->type][zone];
	pfn_t folio = l->tail;
	uint64_t skipped = 0;

	while (folio != PFN_NONE && !full(b) && skipped < MIN_LRU_BATCH) {
		const struct frame *f = frame_at(b->s->phys, folio);
		uint64_t pages = 1ull << frame_order(f);
		pfn_t next = f->prev;

		b->scanned += pages;
		b->left--;
		if (sort_folio(b, folio, zone))
			b->sorted += pages;
		else if (isolate(b, folio))
			b->isolated += pages;
		else
			skipped += pages;
		folio = next;
	}
	if (skipped)
		vmstat_event(&b->s->phys->stat, (enum event)(PGSKIP_DMA + zone),
			     skipped);
}

static uint64_t scan_folios(struct batch *b)
{
	if (gens_nr(gens(b), b->type) == MIN_NR_GENS)
		return 0;
	b->tier = gens_tier(gens(b), b->type);
	for (unsigned i = MAX_ZONES_PER_NODE; i > 0 && !full(b); i--)
		scan_zone(b, (b->sc->highest + i) % MAX_ZONES_PER_NODE);
	scan_count_scanned(b->s, b->sc, b->type, b->isolated);
	scan_event(b->s, b->sc, PGREFILL, b->sorted, !b->sc->group);
	if (b->type)
		b->sc->file_taken += b->isolated;
	return b->isolated || !b->left ? b->scanned : 0;
}

static uint64_t sum(const uint64_t *a, const uint64_t *b)
{
	uint64_t all = 0;

	for (unsigned t = 0; t < MAX_NR_TIERS; t++)
		all += a[t] + b[t];
	return all;
}

/* Which type goes and which tiers of it do not, and what that follows from. */
static void tell(struct batch *b, const struct ctx *ctx, unsigned swappiness)
{
	const struct lru_gens *g = gens(b);

	if (!b->isolated ||
	    !scan_news(b->s, ctx, b->sc,
		       1u << 31 | b->type << 16 | b->tier << 8 | swappiness))
		return;
	ctx_tell(
		ctx,
		"generations node=%u group=%u priority=%d min_seq=%llu max_seq=%llu swappiness=%u anon_back=%llu anon_gone=%llu file_back=%llu file_gone=%llu takes=%s tiers=%u rule=refaults",
		b->sc->node, b->sc->memcg, b->sc->priority,
		(unsigned long long)g->min_seq[b->type],
		(unsigned long long)g->max_seq, swappiness,
		(unsigned long long)sum(g->avg_refaulted[0], g->refaulted[0]),
		(unsigned long long)sum(g->avg_total[0], g->evicted[0]),
		(unsigned long long)sum(g->avg_refaulted[1], g->refaulted[1]),
		(unsigned long long)sum(g->avg_total[1], g->evicted[1]),
		b->type ? "file" : "anon", b->tier + 1);
}

/* isolate_folios(): the other type if there is nothing of the first. */
static uint64_t choose(struct batch *b, unsigned swappiness, uint64_t nr)
{
	unsigned type = gens_file_first(gens(b), swappiness);

	gens_for_each_type(i, swappiness)
	{
		uint64_t scanned;

		b->type = type;
		b->scanned = b->sorted = b->isolated = 0;
		b->left = nr < MAX_LRU_BATCH ? (unsigned)nr : MAX_LRU_BATCH;
		scanned = scan_folios(b);
		if (scanned)
			return scanned;
		type = !type;
	}
	return 0;
}

uint64_t mglru_evict(struct space *s, struct ctx *ctx, struct scan *sc,
		     uint64_t nr)
{
	struct batch b = { .s = s, .sc = sc };
	unsigned swappiness = mglru_swappiness(s, sc);
	uint64_t scanned = choose(&b, swappiness, nr), freed = 0;
	struct fates fates = { 0 };

	tell(&b, ctx, swappiness);
	ctx_pay(ctx, COST_SCAN_PAGE, b.sorted + b.isolated);
	scanned += gens_trim(s->control, sc->memcg, sc->node, swappiness);
	if (gens_min(gens(&b), swappiness) + MIN_NR_GENS > gens(&b)->max_seq)
		scanned = 0;
	for (unsigned i = 0; i < b.nr; i++)
		freed += evict_folio(s, ctx, sc, b.folios[i], NULL, false,
				     &fates);
	sc->list_reclaimed += freed;
	sc->unqueued_dirty += fates.unqueued_dirty;
	scan_count_stolen(s, sc, b.type, freed);
	return scanned;
}
