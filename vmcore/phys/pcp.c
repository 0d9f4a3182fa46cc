// SPDX-License-Identifier: Apache-2.0
/*
 * Per-CPU lists of free blocks (mm/page_alloc.c, rmqueue_pcplist(),
 * free_frozen_page_commit(), nr_pcp_alloc(), nr_pcp_high(), nr_pcp_free()).
 */
#include "vmcore/phys/inner.h"

#define SCALE_MAX    5 /* CONFIG_PCP_BATCH_SCALE_MAX */
#define LOW_LISTS    (PCP_LISTS - 2)
#define EXPIRE_TICKS 3

static int32_t least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static unsigned list_of(unsigned order, unsigned type)
{
	if (order <= 3)
		return order * MIGRATE_PCPTYPES + type;
	return LOW_LISTS + (type == MIGRATE_MOVABLE);
}

static unsigned list_order(unsigned list)
{
	return list < LOW_LISTS ? list / MIGRATE_PCPTYPES : HPAGE_ORDER;
}

static void push(struct phys *p, struct pcp *pcp, unsigned list, pfn_t pfn,
		 bool to_tail)
{
	frame_set(frame_at(p, pfn), FRAME_PCP, list_order(list),
		  p->telling ? PG_WATCHED : 0);
	frame_link(p, &pcp->head[list], &pcp->tail[list], pfn, to_tail);
	pcp->count += 1 << list_order(list);
}

/* @nr blocks in a row, to the tail. */
static void push_run(struct phys *p, struct pcp *pcp, unsigned list, pfn_t pfn,
		     int32_t nr)
{
	unsigned order = list_order(list);
	pfn_t prev = pcp->tail[list], step = 1u << order;

	if (prev == PFN_NONE)
		pcp->head[list] = pfn;
	else
		frame_at(p, prev)->next = pfn;
	for (int32_t i = 0; i < nr; i++, pfn += step) {
		struct frame *f = frame_at(p, pfn);

		frame_set(f, FRAME_PCP, order, 0);
		f->prev = prev;
		f->next = i + 1 < nr ? pfn + step : PFN_NONE;
		prev = pfn;
	}
	pcp->tail[list] = prev;
	pcp->count += nr << order;
}

/* Take one end of a list that is not empty; its frame becomes zero. */
static pfn_t pop(struct phys *p, struct pcp *pcp, unsigned list, bool tail)
{
	pfn_t pfn = tail ? pcp->tail[list] : pcp->head[list];
	struct frame *f = frame_at(p, pfn);
	pfn_t other = tail ? f->prev : f->next;

	if (tail)
		pcp->tail[list] = other;
	else
		pcp->head[list] = other;
	if (other == PFN_NONE)
		pcp->head[list] = pcp->tail[list] = PFN_NONE;
	else if (tail)
		frame_at(p, other)->next = PFN_NONE;
	else
		frame_at(p, other)->prev = PFN_NONE;
	f->word = f->next = f->prev = 0;
	pcp->count -= 1 << list_order(list);
	return pfn;
}

/* Give at least @pages back, list by list from @list on, oldest first. */
static void drain(struct phys *p, unsigned z, struct pcp *pcp, int32_t pages,
		  unsigned list)
{
	pages = least(pages, pcp->count);
	while (pages > 0) {
		while (pcp->head[list] == PFN_NONE)
			list = (list + 1) % PCP_LISTS;
		while (pages > 0 && pcp->head[list] != PFN_NONE) {
			unsigned order = list_order(list);
			bool watched = frame_at(p, pcp->tail[list])->word &
				       PG_WATCHED;
			bool telling = p->telling;
			pfn_t pfn = pop(p, pcp, list, true);

			/* Its pageblock may have changed hands meanwhile. */
			p->telling = watched;
			buddy_free(p, z, pfn, order, pageblock_type(p, pfn));
			p->telling = telling;
			pages -= 1 << order;
		}
		list = (list + 1) % PCP_LISTS;
	}
}

static void clamp_high(struct pcp *pcp)
{
	pcp->high = least(most(pcp->high, pcp->high_min), pcp->high_max);
}

/* How many blocks to fetch for an empty list (nr_pcp_alloc). */
static int32_t refill_size(struct pcp *pcp, const struct zone *zone,
			   unsigned order)
{
	int32_t batch = pcp->batch, room;

	clamp_high(pcp);
	if (pcp->high < pcp->batch)
		return 1;
	if (!order)
		batch <<= pcp->alloc_factor;
	if (pcp->high_min != pcp->high_max &&
	    !(zone->flags & ZONE_FLAG_BELOW_HIGH))
		pcp->high = least(pcp->high + batch, pcp->high_max);
	if (!order) {
		room = most(pcp->high - pcp->count - pcp->batch, pcp->batch);
		/* Who keeps allocating gets more each time. */
		if (batch <= room && pcp->alloc_factor < SCALE_MAX)
			pcp->alloc_factor++;
		batch = least(batch, room);
	}
	return batch > 1 ? most(batch >> order, 2) : batch;
}

static int refill(struct phys *p, unsigned z, struct pcp *pcp, unsigned order,
		  unsigned type, uint32_t flags)
{
	enum rmqueue_mode mode = RMQUEUE_NORMAL;
	int32_t want = refill_size(pcp, &p->zones[z], order);
	unsigned list = list_of(order, type);
	int r = BUDDY_NONE;

	for (int32_t i = 0, n; i < want; i += n) {
		pfn_t pfn;

		/* The same, one by one, for who looks. */
		n = mode == RMQUEUE_NORMAL && !p->telling
			    ? buddy_take_run(p, z, order, type, want - i, &pfn)
			    : 0;
		if (n > 0) {
			push_run(p, pcp, list, pfn, n);
			r = 0;
			continue;
		}
		r = n ? n : rmqueue(p, z, order, type, flags, &mode, &pfn);
		if (r)
			return i ? 0 : r;
		push_run(p, pcp, list, pfn, 1);
		n = 1;
	}
	return r;
}

int pcp_take(struct phys *p, unsigned z, unsigned cpu, unsigned order,
	     unsigned type, uint32_t flags, pfn_t *ret_pfn)
{
	struct pcp *pcp = &p->zones[z].pcp[cpu];
	unsigned list = list_of(order, type);

	pcp->free_count >>= 1;
	if (pcp->head[list] == PFN_NONE) {
		int r = refill(p, z, pcp, order, type, flags);

		if (r)
			return r;
	}
	*ret_pfn = pop(p, pcp, list, false);
	return 0;
}

bool pcp_take_quick(struct phys *p, unsigned z, unsigned cpu, unsigned type,
		    pfn_t *ret_pfn)
{
	struct pcp *pcp = &p->zones[z].pcp[cpu];
	unsigned list = list_of(0, type);

	if (pcp->head[list] == PFN_NONE)
		return false;
	pcp->free_count >>= 1;
	*ret_pfn = pop(p, pcp, list, false);
	return true;
}

uint32_t pcp_take_run(struct phys *p, unsigned z, unsigned cpu, unsigned type,
		      uint32_t want, pfn_t *ret_first)
{
	struct pcp *pcp = &p->zones[z].pcp[cpu];
	unsigned list = list_of(0, type);
	pfn_t pfn = pcp->head[list];
	uint32_t n = 0;

	*ret_first = pfn;
	for (; n < want && pfn != PFN_NONE; n++) {
		struct frame *f = frame_at(p, pfn);

		pfn = f->next;
		f->word = f->prev = 0;
	}
	pcp->head[list] = pfn;
	if (pfn == PFN_NONE)
		pcp->tail[list] = PFN_NONE;
	else
		frame_at(p, pfn)->prev = PFN_NONE;
	pcp->count -= (int32_t)n;
	pcp->free_count = n < 31 ? pcp->free_count >> n : 0;
	return n;
}

/* At how many pages the lists are full now (nr_pcp_high). */
static int32_t full_at(struct pcp *pcp, const struct zone *zone,
		       bool high_order)
{
	int32_t freed = most(pcp->free_count, pcp->batch);
	int32_t high;

	clamp_high(pcp);
	high = pcp->high;
	if (high_order) {
		pcp->high =
			most(high - (pcp->batch << SCALE_MAX), pcp->high_min);
		return 0;
	}
	if (zone->flags & ZONE_FLAG_RECLAIM_ACTIVE) {
		pcp->high = most(high - freed, pcp->high_min);
		return least(pcp->batch << 2, pcp->high);
	}
	if (pcp->high_min == pcp->high_max)
		return high;
	if (zone->flags & ZONE_FLAG_BELOW_HIGH) {
		pcp->high = most(high - freed, pcp->high_min);
		return most(pcp->count, pcp->high_min);
	}
	/* Large enough to hold what is freed in one go. */
	if (pcp->count >= high && high < pcp->free_count + pcp->batch) {
		pcp->high = pcp->free_count + pcp->batch;
		clamp_high(pcp);
	}
	return high;
}

static int32_t drain_size(const struct pcp *pcp, int32_t high, bool high_order)
{
	if (high_order)
		return least(pcp->count, pcp->batch << SCALE_MAX);
	if (high < pcp->batch)
		return 1;
	return least(most(pcp->free_count, pcp->batch),
		     most(high - pcp->batch, pcp->batch));
}

/* Is much of order 1..3 being freed and nothing allocated? */
static bool high_order_stream(struct pcp *pcp, unsigned order)
{
	bool before = pcp->flags & PCP_FLAG_HIGH_ORDER;

	if (!order || order > 3) {
		pcp->flags &= ~PCP_FLAG_HIGH_ORDER;
		return false;
	}
	pcp->flags |= PCP_FLAG_HIGH_ORDER;
	return before && pcp->count >= pcp->batch &&
	       pcp->free_count >= pcp->batch + pcp->high_min / 2;
}

/* Pressure is over when freeing brought the zone above its high mark. */
static void above_high(struct phys *p, unsigned z)
{
	struct zone *zone = &p->zones[z];

	if (!(zone->flags & ZONE_FLAG_BELOW_HIGH) ||
	    !zone_watermark_ok(p, z, 0, zone_wmark(zone, WMARK_HIGH),
			       ZONE_MOVABLE, 0))
		return;
	zone->flags &= ~ZONE_FLAG_BELOW_HIGH;
	if (p->nr_nodes > 1)
		p->nodes[zone->node].kswapd_failures = 0;
}

void pcp_put(struct phys *p, unsigned z, unsigned cpu, pfn_t pfn,
	     unsigned order, unsigned type)
{
	struct zone *zone = &p->zones[z];
	struct pcp *pcp = &zone->pcp[cpu];
	unsigned list = list_of(order, type);
	bool high_order;
	int32_t high;

	pcp->alloc_factor >>= 1;
	push(p, pcp, list, pfn, false);
	high_order = high_order_stream(pcp, order);
	if (pcp->free_count < pcp->batch << SCALE_MAX)
		pcp->free_count += 1 << order;
	high = full_at(pcp, zone, high_order);
	if (pcp->count < high)
		return;
	drain(p, z, pcp, drain_size(pcp, high, high_order), list);
	above_high(p, z);
}

void pcp_drain_zone(struct phys *p, unsigned zone)
{
	for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++) {
		struct pcp *pcp = &p->zones[zone].pcp[cpu];

		drain(p, zone, pcp, pcp->count, 0);
	}
}

void pcp_drain_all(struct phys *p)
{
	for (unsigned z = 0; z < MAX_ZONES; z++)
		if (p->zones[z].managed)
			pcp_drain_zone(p, z);
}

void pcp_refill_small(struct phys *p, unsigned cpu)
{
	for (unsigned z = 0; z < MAX_ZONES; z++)
		p->zones[z].pcp[cpu].alloc_factor = 0;
}

/* decay_pcp_high(): a list that was long once does not stay so. */
static void decay(struct phys *p, unsigned z, struct pcp *pcp)
{
	if (pcp->high > pcp->high_min)
		pcp->high = most(most(pcp->count - (pcp->batch << SCALE_MAX),
				      pcp->high - (pcp->high >> 3)),
				 pcp->high_min);
	drain(p, z, pcp, pcp->count - pcp->high, 0);
}

void pcp_settle(struct phys *p)
{
	for (unsigned z = 0; z < MAX_ZONES; z++)
		for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++) {
			struct pcp *pcp = &p->zones[z].pcp[cpu];
			int32_t before;

			do {
				before = pcp->high;
				decay(p, z, pcp);
			} while (pcp->high < before);
		}
}

void pcp_tick(struct phys *p, unsigned cpu)
{
	for (unsigned z = 0; z < MAX_ZONES; z++) {
		struct zone *zone = &p->zones[z];
		struct pcp *pcp = &zone->pcp[cpu];

		if (!zone->managed)
			continue;
		decay(p, z, pcp);
		if (zone->node == p->cpu_node[cpu] || !pcp->count) {
			pcp->expire = 0;
			continue;
		}
		if (!pcp->expire)
			pcp->expire = EXPIRE_TICKS;
		else if (!--pcp->expire)
			drain(p, z, pcp, pcp->batch, 0);
	}
}

/* zone_batchsize(): one less than a power of two, near 1/4096 of a zone. */
static int32_t zone_batch(const struct zone *zone)
{
	uint32_t t = zone->managed >> 10, power = 1;

	t = (t < 256 ? t : 256) / 4;
	t += t / 2;
	while (power * 2 <= t)
		power *= 2;
	return power > 2 ? (int32_t)power - 1 : 1;
}

static void zone_pcp_update(struct phys *p, struct zone *zone)
{
	uint32_t cpus = p->nodes[zone->node].nr_cpus;
	uint32_t fraction = (uint32_t)p->percpu_pagelist_high_fraction;
	int32_t batch = zone_batch(zone), low, high;

	if (!cpus)
		cpus = p->nr_cpus;
	low = (int32_t)(zone_wmark(zone, WMARK_LOW) / cpus);
	high = (int32_t)(zone->managed / (fraction ? fraction : 8) / cpus);
	high = most(high, batch << 2);
	low = fraction ? high : most(low, batch << 2);
	for (unsigned cpu = 0; cpu < p->nr_cpus; cpu++) {
		zone->pcp[cpu].batch = batch;
		zone->pcp[cpu].high_min = low;
		zone->pcp[cpu].high_max = high;
	}
}

void pcp_update(struct phys *p)
{
	for (unsigned z = 0; z < MAX_ZONES; z++)
		if (p->zones[z].present)
			zone_pcp_update(p, &p->zones[z]);
}
