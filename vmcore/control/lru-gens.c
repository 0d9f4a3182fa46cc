// SPDX-License-Identifier: Apache-2.0
/* The generations of an lruvec: they come, go, and are switched on and off
 * (mm/vmscan.c: inc_max_seq(), try_to_inc_min_seq(), lru_gen_change_state()).
 */
#include "vmcore/control/lru-gen.h"
#include "vmcore/control/lru-list.h"

uint64_t gens_min(const struct lru_gens *g, unsigned swappiness)
{
	uint64_t a = g->min_seq[!swappiness], b = g->min_seq[swappiness <= 200];

	return a < b ? a : b;
}

uint64_t gens_pages(const struct lru_gens *g, unsigned swappiness)
{
	uint64_t pages = 0;

	gens_for_each_type(
		type, swappiness) for (unsigned gen = 0; gen < MAX_NR_GENS;
				       gen++) for (unsigned z = 0;
						   z < MAX_ZONES_PER_NODE; z++)
		pages += g->list[gen][type][z].nr;
	return pages;
}

static bool gen_empty(const struct lru_gens *g, unsigned gen, unsigned type)
{
	for (unsigned z = 0; z < MAX_ZONES_PER_NODE; z++)
		if (g->list[gen][type][z].tail != PFN_NONE)
			return false;
	return true;
}

bool gens_trim(struct control *c, uint32_t group, unsigned node,
	       unsigned swappiness)
{
	struct lru_gens *g = gens_at(c, group, node);
	uint64_t min[2] = { g->min_seq[0], g->min_seq[1] };
	uint64_t last = g->max_seq - MIN_NR_GENS;
	bool gone = false;

	gens_for_each_type(type, swappiness) while (
		min[type] + MIN_NR_GENS <= g->max_seq &&
		gen_empty(g, gen_of(min[type]), type)) min[type]++;
	/* The two types stay near one another. */
	if (swappiness && swappiness <= 200) {
		if (min[0] > last && min[1] < last)
			min[0] = last;
		else if (min[1] > last && min[0] < last)
			min[1] = last;
	}
	gens_for_each_type(type, swappiness)
	{
		if (min[type] <= g->min_seq[type])
			continue;
		gens_carry(g, type);
		g->min_seq[type] = min[type];
		gone = true;
	}
	return gone;
}

/* inc_min_seq(): what is left of the oldest joins the next. */
static bool oldest_joins(struct control *c, struct lru_gens *g, unsigned type,
			 unsigned swappiness)
{
	unsigned old = gen_of(g->min_seq[type]), left = MAX_LRU_BATCH;
	bool evictable = type ? swappiness <= 200 : swappiness;

	for (unsigned z = 0; evictable && z < MAX_ZONES_PER_NODE; z++) {
		const struct lru_list *l = &g->list[old][type][z];

		while (l->tail != PFN_NONE) {
			pfn_t folio = l->tail;
			const struct frame *f = frame_at(c->phys, folio);

			if (!frame_promoted(f))
				g->protected[type][frame_tier(f)] +=
					folio_pages(f);
			gen_advance(c, folio, false, true);
			if (!--left)
				return false;
		}
	}
	gens_carry(g, type);
	g->min_seq[type]++;
	return true;
}

/* Active are the youngest two: what was the second youngest is not any more,
 * and what has the new one's number becomes so. */
static void shift_counts(struct control *c, struct lru_gens *g, uint32_t group,
			 unsigned node, unsigned type, unsigned zone)
{
	uint64_t prev = g->list[gen_of(g->max_seq - 1)][type][zone].nr;
	uint64_t next = g->list[gen_of(g->max_seq + 1)][type][zone].nr;
	int64_t delta = (int64_t)prev - (int64_t)next;
	unsigned lru = type ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
	unsigned z = node * MAX_ZONES_PER_NODE + zone;

	for (unsigned i = 0; i < 2; i++, delta = -delta) {
		group_at(c, group)->lruvec[node].list[lru + i].nr +=
			(uint64_t)delta;
		group_stat(c, group, node,
			   (enum node_stat)(NR_INACTIVE_ANON + lru + i), delta);
		vmstat_zone(&c->phys->stat, z,
			    (enum zone_stat)(NR_ZONE_INACTIVE_ANON + lru + i),
			    delta);
	}
}

bool gens_grow(struct control *c, uint32_t group, unsigned node,
	       unsigned swappiness, vtime_t now)
{
	struct lru_gens *g = gens_at(c, group, node);

	for (unsigned type = 0; type < 2; type++)
		if (gens_nr(g, type) == MAX_NR_GENS &&
		    !oldest_joins(c, g, type, swappiness))
			return false;
	for (unsigned type = 0; type < 2; type++)
		for (unsigned z = 0; z < MAX_ZONES_PER_NODE; z++)
			shift_counts(c, g, group, node, type, z);
	g->max_seq++;
	g->born[gen_of(g->max_seq)] = now;
	return true;
}

/* --- on and off ---------------------------------------------------------
 */
static void gens_init(struct lru_gens *g, vtime_t now)
{
	g->max_seq = MIN_NR_GENS + 1;
	for (unsigned gen = 0; gen < MAX_NR_GENS; gen++) {
		g->born[gen] = now;
		for (unsigned i = 0; i < 2 * MAX_ZONES_PER_NODE; i++) {
			struct lru_list *l = &g->list[gen][i & 1][i >> 1];

			l->head = l->tail = PFN_NONE;
		}
	}
}

int gens_new(struct control *c, uint32_t group, vtime_t now)
{
	for (unsigned n = 0; n < c->phys->nr_nodes; n++) {
		uint32_t id;
		int r = pool_new(&c->gens, &id);

		if (r) {
			gens_free(c, group);
			return r;
		}
		group_at(c, group)->lruvec[n].gens = id;
		gens_init(pool_at(&c->gens, id), now);
	}
	return 0;
}

void gens_date(struct control *c, uint32_t group, vtime_t now)
{
	for (unsigned n = 0; n < MAX_NODES; n++) {
		uint32_t id = group_at(c, group)->lruvec[n].gens;
		struct lru_gens *g = id ? pool_at(&c->gens, id) : NULL;

		for (unsigned gen = 0; g && gen < MAX_NR_GENS; gen++)
			g->born[gen] = now;
	}
}

void gens_free(struct control *c, uint32_t group)
{
	for (unsigned n = 0; n < MAX_NODES; n++) {
		struct lruvec *v = &group_at(c, group)->lruvec[n];

		if (v->gens)
			pool_free(&c->gens, v->gens);
		v->gens = 0;
	}
}

static void change_over(struct control *c, pfn_t folio, enum policy to)
{
	lru_del(c, folio);
	c->policy = to;
	lru_link(c, folio, false);
	c->policy = to == POLICY_MGLRU ? POLICY_LRU : POLICY_MGLRU;
}

/* fill_evictable() */
static void fill(struct control *c, struct lruvec *v)
{
	for (unsigned lru = 0; lru < LRU_UNEVICTABLE; lru++)
		while (v->list[lru].tail != PFN_NONE)
			change_over(c, v->list[lru].tail, POLICY_MGLRU);
}

/* drain_evictable() */
static void drain(struct control *c, struct lruvec *v)
{
	const struct lru_gens *g = pool_at(&c->gens, v->gens);

	for (unsigned gen = 0; gen < MAX_NR_GENS; gen++)
		for (unsigned i = 0; i < 2 * MAX_ZONES_PER_NODE; i++) {
			const struct lru_list *l =
				&g->list[gen][i / MAX_ZONES_PER_NODE]
					[i % MAX_ZONES_PER_NODE];

			while (l->tail != PFN_NONE)
				change_over(c, l->tail, POLICY_LRU);
		}
}

static int make_all(struct control *c, vtime_t now)
{
	int r = 0;

	for (uint32_t g = GROUP_ROOT; g && !r; g = group_next(c, GROUP_ROOT, g))
		r = gens_new(c, g, now);
	return r;
}

int gens_switch(struct control *c, bool on, vtime_t now)
{
	int r = 0;

	if (on == (c->policy == POLICY_MGLRU))
		return 0;
	if (on)
		r = make_all(c, now);
	for (uint32_t g = GROUP_ROOT; g && !r; g = group_next(c, GROUP_ROOT, g))
		for (unsigned n = 0; n < c->phys->nr_nodes; n++)
			(on ? fill : drain)(c, &group_at(c, g)->lruvec[n]);
	if (!r)
		c->policy = on ? POLICY_MGLRU : POLICY_LRU;
	for (uint32_t g = GROUP_ROOT; g && (r || !on);
	     g = group_next(c, GROUP_ROOT, g))
		gens_free(c, g);
	return r;
}
