// SPDX-License-Identifier: Apache-2.0
/*
 * What came back of what was evicted decides what goes next: the controller
 * of mm/vmscan.c (read_ctrl_pos() and its like), a proportional and an
 * integral term. A setpoint is the first tier, or the whole of the anonymous
 * type; another tier or the files are measured against it.
 */
#include "vmcore/control/lru-gen.h"

struct position {
	uint64_t refaulted, total;
	uint64_t gain;
};

static struct position read_tiers(const struct lru_gens *g, unsigned type,
				  unsigned from, unsigned to, uint64_t gain)
{
	struct position p = { .gain = gain };

	for (unsigned t = from; t <= to; t++) {
		p.refaulted +=
			g->avg_refaulted[type][t] + g->refaulted[type][t];
		p.total += g->avg_total[type][t] + g->protected[type][t] +
			   g->evicted[type][t];
	}
	return p;
}

/* @value came back rarely, or not more often than @set. */
static bool may_go(const struct position *set, const struct position *value)
{
	return value->refaulted < MIN_LRU_BATCH ||
	       value->refaulted * (set->total + MIN_LRU_BATCH) * set->gain <=
		       (set->refaulted + 1) * value->total * value->gain;
}

bool gens_file_first(const struct lru_gens *g, unsigned swappiness)
{
	struct position anon, file;

	if (swappiness <= 1)
		return true;
	if (swappiness >= 200)
		return false;
	anon = read_tiers(g, 0, 0, MAX_NR_TIERS - 1, swappiness);
	file = read_tiers(g, 1, 0, MAX_NR_TIERS - 1, 200 - swappiness);
	return may_go(&anon, &file);
}

unsigned gens_tier(const struct lru_gens *g, bool file)
{
	struct position first = read_tiers(g, file, 0, 0, 2);
	unsigned tier;

	for (tier = 1; tier < MAX_NR_TIERS; tier++) {
		struct position p = read_tiers(g, file, tier, tier, 3);

		if (!may_go(&first, &p))
			break;
	}
	return tier - 1;
}

void gens_carry(struct lru_gens *g, bool file)
{
	for (unsigned t = 0; t < MAX_NR_TIERS; t++) {
		g->avg_refaulted[file][t] += g->refaulted[file][t];
		g->avg_refaulted[file][t] /= 2;
		g->avg_total[file][t] +=
			g->protected[file][t] + g->evicted[file][t];
		g->avg_total[file][t] /= 2;
		g->refaulted[file][t] = g->evicted[file][t] = 0;
		g->protected[file][t] = 0;
	}
}
