// SPDX-License-Identifier: Apache-2.0
/* Two lists a type: shrink_lruvec() of mm/vmscan.c. */
#include "vmcore/reclaim/policy.h"
#include "vmcore/space/unmap.h"

static bool lists_left(const struct scan *sc)
{
	return sc->nr[LRU_INACTIVE_ANON] || sc->nr[LRU_ACTIVE_FILE] ||
	       sc->nr[LRU_INACTIVE_FILE];
}

/* Enough was freed: scan the type that is further behind in proportion to
 * what the other was scanned, and that one no more. */
static bool adjust(struct scan *sc)
{
	uint64_t file = sc->nr[LRU_INACTIVE_FILE] + sc->nr[LRU_ACTIVE_FILE];
	uint64_t anon = sc->nr[LRU_INACTIVE_ANON] + sc->nr[LRU_ACTIVE_ANON];
	bool drop_anon = file > anon;
	unsigned drop = drop_anon ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE;
	unsigned keep = drop_anon ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
	uint64_t percent;

	if (!file || !anon)
		return false;
	percent = (drop_anon ? anon : file) * 100 /
		  (sc->targets[drop] + sc->targets[drop + 1] + 1);
	sc->nr[drop] = sc->nr[drop + 1] = 0;
	for (unsigned l = keep; l < keep + 2; l++) {
		uint64_t scanned = sc->targets[l] - sc->nr[l];
		uint64_t left = sc->targets[l] * (100 - percent) / 100;

		sc->nr[l] = left > scanned ? left - scanned : 0;
	}
	return true;
}

/* The next 32 pages. Return: false when the group's lists are done. */
bool twolist_step(struct space *s, struct ctx *ctx, struct scan *sc)
{
	if (!sc->lru && !lists_left(sc))
		return false;
	while (sc->lru < 4 && !sc->nr[sc->lru])
		sc->lru++;
	if (sc->lru < 4) {
		uint64_t nr = sc->nr[sc->lru];

		if (nr > SWAP_CLUSTER_MAX)
			nr = SWAP_CLUSTER_MAX;
		sc->nr[sc->lru] -= nr;
		sc->list_reclaimed +=
			shrink_list(s, ctx, sc, (enum lru)sc->lru, nr);
		sc->lru++;
		return true;
	}
	sc->lru = 0;
	if (sc->list_reclaimed < sc->nr_to_reclaim || sc->proportional)
		return true;
	return adjust(sc);
}

void twolist_node(struct space *s, struct ctx *ctx, struct scan *sc)
{
	(void)ctx;
	scan_prepare(s, sc);
}

void twolist_group(struct space *s, struct ctx *ctx, struct scan *sc)
{
	scan_count(s, ctx, sc);
	sc->lru = 0;
	sc->proportional = !sc->group && sc->who != SCAN_KSWAPD &&
			   sc->priority == DEF_PRIORITY;
}

/* Also where no anonymous page was scanned their lists keep in balance. */
bool twolist_group_end(struct space *s, struct ctx *ctx, struct scan *sc)
{
	if ((s->control->total_swap_pages || scan_can_demote(s, sc)) &&
	    inactive_is_low(scan_lruvec(s, sc), false))
		shrink_active(s, ctx, sc, LRU_ACTIVE_ANON, SWAP_CLUSTER_MAX);
	return false;
}

void twolist_age(struct space *s, struct ctx *ctx, struct scan *sc)
{
	if (!s->control->total_swap_pages && !scan_can_demote(s, sc))
		return;
	for (uint32_t g = group_next(s->control, GROUP_ROOT, ID_NONE); g;
	     g = group_next(s->control, GROUP_ROOT, g)) {
		sc->memcg = g;
		if (inactive_is_low(scan_lruvec(s, sc), false))
			shrink_active(s, ctx, sc, LRU_ACTIVE_ANON,
				      SWAP_CLUSTER_MAX);
	}
}

/* folio_check_references() */
enum reference twolist_references(struct space *s, const struct scan *sc,
				  pfn_t folio, const struct rmap_spot *at)
{
	struct referenced r = folio_referenced(s, folio, at, sc->group);
	struct frame *f = frame_at(s->phys, folio);
	bool before = f->word & PG_REFERENCED, file = folio_is_file(f);

	if (r.flags & VM_LOCKED)
		return REF_ACTIVATE;
	f->word &= ~PG_REFERENCED;
	if (r.vmas) {
		f->word |= PG_REFERENCED;
		if (before || r.vmas > 1 || ((r.flags & VM_EXEC) && file))
			return REF_ACTIVATE;
		return REF_KEEP;
	}
	return before && file ? REF_RECLAIM_CLEAN : REF_RECLAIM;
}
