// SPDX-License-Identifier: Apache-2.0
/* How much of which list: prepare_scan_control(), get_scan_count(). */
#include "vmcore/base/klog.h"
#include "vmcore/reclaim/reclaim.h"

#define DEACTIVATE_ANON 1u
#define DEACTIVATE_FILE 2u

static uint64_t isqrt(uint64_t n)
{
	uint64_t r = 0;

	while ((r + 1) * (r + 1) <= n)
		r++;
	return r;
}

bool inactive_is_low(const struct lruvec *v, bool file)
{
	unsigned base = file ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
	uint64_t inactive = v->list[base].nr, active = v->list[base + 1].nr;
	uint64_t gb = (inactive + active) >> (30 - PAGE_SHIFT);

	return inactive * (gb ? isqrt(10 * gb) : 1) < active;
}

bool scan_can_swap(const struct space *s, uint32_t group)
{
	const struct control *c = s->control;

	if (!c->free_swap_pages)
		return false;
	for (; group && group != GROUP_ROOT; group = group_at(c, group)->parent)
		if (group_at(c, group)->swap_usage >=
		    group_at(c, group)->swap_max)
			return false;
	return true;
}

/* lruvec_page_state(): of a group and all below it. */
static uint64_t state(const struct space *s, uint32_t group, uint32_t node,
		      enum node_stat item)
{
	int64_t sum = 0;

	if (group == GROUP_ROOT)
		return (uint64_t)s->phys->stat.node[node][item];
	for (uint32_t g = group_next(s->control, group, ID_NONE); g;
	     g = group_next(s->control, group, g))
		sum += group_at(s->control, g)->node_stat[node][item];
	return (uint64_t)sum;
}

/* The lists of a group and all below it, as if they were one. */
static struct lruvec sum_lists(const struct space *s, uint32_t group,
			       uint32_t node)
{
	struct lruvec sum = { .nonresident_age = 0 };

	for (unsigned l = 0; l < NR_LRU; l++)
		sum.list[l].nr = state(s, group, node,
				       (enum node_stat)(NR_INACTIVE_ANON + l));
	return sum;
}

void scan_snapshot(struct space *s, uint32_t group, uint32_t node)
{
	struct lruvec *v = &group_at(s->control, group)->lruvec[node];

	v->refaults[0] = state(s, group, node, WORKINGSET_ACTIVATE_ANON);
	v->refaults[1] = state(s, group, node, WORKINGSET_ACTIVATE_FILE);
}

static uint32_t may_deactivate(const struct space *s, const struct scan *sc,
			       const struct lruvec *sum)
{
	uint32_t group = scan_target(sc), may = 0;
	const struct lruvec *v = &group_at(s->control, group)->lruvec[sc->node];

	if (sc->force_deactivate)
		return DEACTIVATE_ANON | DEACTIVATE_FILE;
	if (state(s, group, sc->node, WORKINGSET_ACTIVATE_ANON) !=
		    v->refaults[0] ||
	    inactive_is_low(sum, false))
		may |= DEACTIVATE_ANON;
	if (state(s, group, sc->node, WORKINGSET_ACTIVATE_FILE) !=
		    v->refaults[1] ||
	    inactive_is_low(sum, true))
		may |= DEACTIVATE_FILE;
	return may;
}

/* So little page cache that only anonymous memory can help. */
static bool file_is_tiny(const struct space *s, const struct scan *sc)
{
	const int64_t *n = s->phys->stat.node[sc->node];
	int64_t file = n[NR_ACTIVE_FILE] + n[NR_INACTIVE_FILE], high = 0;

	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++) {
		unsigned z = sc->node * MAX_ZONES_PER_NODE + t;

		file += s->phys->stat.zone[z][NR_FREE_PAGES];
		if (s->phys->zones[z].managed)
			high += zone_wmark(&s->phys->zones[z], WMARK_HIGH);
	}
	return file <= high && !(sc->deactivate & DEACTIVATE_ANON) &&
	       n[NR_INACTIVE_ANON] >> sc->priority;
}

void scan_reset(struct scan *sc)
{
	sc->dirty = sc->unqueued_dirty = sc->congested = sc->writeback = 0;
	sc->immediate = sc->taken = sc->file_taken = 0;
}

void scan_prepare(const struct space *s, struct scan *sc)
{
	uint32_t group = scan_target(sc);
	const struct lruvec *v = &group_at(s->control, group)->lruvec[sc->node];
	struct lruvec sum = sum_lists(s, group, sc->node);

	sc->anon_cost = v->anon_cost;
	sc->file_cost = v->file_cost;
	sc->deactivate = may_deactivate(s, sc, &sum);
	sc->cache_trim_mode = sum.list[LRU_INACTIVE_FILE].nr >> sc->priority &&
			      !(sc->deactivate & DEACTIVATE_FILE) &&
			      !sc->no_cache_trim_mode;
	sc->file_is_tiny = !sc->group && file_is_tiny(s, sc);
	scan_reset(sc);
}

enum balance_kind { SCAN_EQUAL, SCAN_FRACT, SCAN_ANON, SCAN_FILE };

/* sc_swappiness(): what memory.reclaim asks for, or the group's own. */
uint32_t scan_swappiness(const struct space *s, const struct scan *sc)
{
	return sc->swappiness ? sc->swappiness - 1
			      : group_swappiness(s->control, sc->memcg);
}

static enum balance_kind balance_kind(const struct space *s,
				      const struct scan *sc)
{
	uint32_t swappiness = scan_swappiness(s, sc);

	if (!sc->may_swap ||
	    (!scan_can_swap(s, sc->memcg) && !scan_can_demote(s, sc)))
		return SCAN_FILE;
	if (sc->group && !swappiness)
		return SCAN_FILE;
	if (swappiness > SWAPPINESS_MAX)
		return SCAN_ANON;
	if (!sc->priority && swappiness)
		return SCAN_EQUAL;
	if (sc->file_is_tiny)
		return SCAN_ANON;
	return sc->cache_trim_mode ? SCAN_FILE : SCAN_FRACT;
}

/* memory.min and memory.low keep their share out of the scan
 * (apply_proportional_protection()). */
static uint64_t keep(const struct space *s, struct scan *sc)
{
	uint64_t min, low;

	group_protection(s->control, scan_target(sc), sc->memcg, &min, &low);
	if (sc->low_reclaim || low <= min)
		return min;
	/* before somebody dies, the rest is looked at too */
	sc->low_skipped = 1;
	return low;
}

static uint64_t protect(const struct space *s, const struct scan *sc,
			uint64_t pages, uint64_t kept)
{
	uint64_t usage = group_at(s->control, sc->memcg)->usage;

	if (!kept)
		return pages;
	if (usage < kept)
		usage = kept;
	pages -= pages * kept / (usage + 1);
	return pages < SWAP_CLUSTER_MAX ? SWAP_CLUSTER_MAX : pages;
}

uint64_t scan_protect(const struct space *s, struct scan *sc, uint64_t pages)
{
	return pages ? protect(s, sc, pages, keep(s, sc)) : 0;
}

/* lruvec_lru_size(): what lies in zones that help. */
static uint64_t list_size(const struct space *s, const struct scan *sc,
			  unsigned lru)
{
	uint64_t all = scan_lruvec(s, sc)->list[lru].nr, above = 0;

	for (unsigned t = sc->highest + 1; t < MAX_ZONES_PER_NODE; t++)
		above += (uint64_t)s->phys->stat
				 .zone[sc->node * MAX_ZONES_PER_NODE + t]
				      [NR_ZONE_INACTIVE_ANON + lru];
	return all > above ? all - above : 0;
}

/* Which lists are looked at, and what decided it. */
static void tell_balance(const struct space *s, const struct ctx *ctx,
			 const struct scan *sc, enum balance_kind kind)
{
	static const char *const rules[] = {
		[SCAN_EQUAL] = "last-priority-all-equal",
		[SCAN_FRACT] = "swappiness-and-cost",
		[SCAN_ANON] = "file-cache-is-tiny",
		[SCAN_FILE] = "plenty-of-inactive-file",
	};
	const char *rule = rules[kind];
	struct tale t;

	if (!ctx->story)
		return;
	if (!sc->may_swap || !scan_can_swap(s, sc->memcg))
		rule = "no-room-in-swap";
	else if (kind == SCAN_FILE && !scan_swappiness(s, sc))
		rule = "swappiness-0";
	else if (scan_swappiness(s, sc) > SWAPPINESS_MAX)
		rule = "asked-for-anon";
	t.len = 0;
	tale_number(&t, "balance node=", sc->node);
	tale_number(&t, " group=", sc->memcg);
	tale_number(&t, " priority=", (uint64_t)sc->priority);
	tale_number(&t, " swappiness=", scan_swappiness(s, sc));
	tale_number(&t, " anon_cost=", sc->anon_cost);
	tale_number(&t, " file_cost=", sc->file_cost);
	tale_number(&t, " anon=",
		    sc->nr[LRU_INACTIVE_ANON] + sc->nr[LRU_ACTIVE_ANON]);
	tale_number(&t, " file=",
		    sc->nr[LRU_INACTIVE_FILE] + sc->nr[LRU_ACTIVE_FILE]);
	tale_add(&t, " rule=");
	tale_add(&t, rule);
	ctx_tell_tale(ctx, &t);
}

void scan_count(const struct space *s, const struct ctx *ctx, struct scan *sc)
{
	enum balance_kind kind = balance_kind(s, sc);
	uint64_t swappiness = scan_swappiness(s, sc);
	uint64_t total = sc->anon_cost + sc->file_cost;
	uint64_t anon = total + sc->anon_cost, file = total + sc->file_cost;
	uint64_t kept = keep(s, sc), fraction[2];

	total = anon + file;
	fraction[0] = swappiness * (total + 1) / (anon + 1);
	swappiness = swappiness > SWAPPINESS_MAX ? SWAPPINESS_MAX : swappiness;
	fraction[1] = (SWAPPINESS_MAX - swappiness) * (total + 1) / (file + 1);
	for (unsigned l = 0; l < 4; l++) {
		bool is_file = l >= LRU_INACTIVE_FILE;
		uint64_t scan = protect(s, sc, list_size(s, sc, l), kept) >>
				sc->priority;

		if (kind == SCAN_FRACT)
			scan = scan * fraction[is_file] /
			       (fraction[0] + fraction[1]);
		else if (kind != SCAN_EQUAL && (kind == SCAN_FILE) != is_file)
			scan = 0;
		sc->nr[l] = sc->targets[l] = scan;
	}
	tell_balance(s, ctx, sc, kind);
}
