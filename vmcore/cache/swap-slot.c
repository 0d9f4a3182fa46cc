// SPDX-License-Identifier: Apache-2.0
/*
 * Which slot a page gets (mm/swapfile.c of 6.18). Slots are given out cluster
 * by cluster; a disk that rotates has one cluster it goes on in, on others
 * every CPU has its own. A cluster is on the list that says how it came to be
 * as it is: allocated from (frag), given back to (nonfull), full, free. Free
 * clusters that were never used have no record: they come before those freed.
 */
#include "vmcore/cache/swap-internal.h"

#include <errno.h>
#include <string.h>

/* --- clusters ---------------------------------------------------------------
 */
static void list_del(struct cache *c, uint32_t id)
{
	struct swap_cluster *ci = cluster_at(c, id);
	struct swap_area *a = swap_area_at(&c->swap, ci->area);

	if (ci->list == CLUSTER_NONE)
		return;
	if (ci->prev)
		cluster_at(c, ci->prev)->next = ci->next;
	else
		a->list[ci->list].head = ci->next;
	if (ci->next)
		cluster_at(c, ci->next)->prev = ci->prev;
	else
		a->list[ci->list].tail = ci->prev;
	ci->next = ci->prev = 0;
	ci->list = CLUSTER_NONE;
}

/* move_cluster(): to the end of @list, unless it is on it already. */
static void list_move(struct cache *c, uint32_t id, uint32_t list)
{
	struct swap_cluster *ci = cluster_at(c, id);
	struct swap_area *a = swap_area_at(&c->swap, ci->area);

	if (ci->list == list)
		return;
	list_del(c, id);
	ci->list = (uint16_t)list;
	ci->prev = a->list[list].tail;
	if (ci->prev)
		cluster_at(c, ci->prev)->next = id;
	else
		a->list[list].head = id;
	a->list[list].tail = id;
}

void swap_memo_clear(struct cache *c)
{
	memset(c->swap_memo, 0, SWAP_MEMO * sizeof(*c->swap_memo));
}

/* A look changes nothing but what is remembered of it, which is no state. */
struct swap_slot *swap_slot_find(const struct cache *c, swp_t swp)
{
	swp_t place = swp >> CLUSTER_SHIFT;
	struct swap_memo *memo = &c->swap_memo[place % SWAP_MEMO];
	uint32_t slot = swp_slot(swp);
	uint32_t id = cluster_find(c, swp_area(swp), slot >> CLUSTER_SHIFT);

	if (!id)
		return NULL;
	memo->place = place;
	memo->slot = cluster_at(c, id)->slot;
	return &memo->slot[slot & (CLUSTER_SLOTS - 1)];
}

static int cluster_make(struct cache *c, uint32_t area, uint32_t index,
			uint32_t *ret_id)
{
	uint32_t *dir =
		&swap_area_at(&c->swap, area)->dir[index / SWAP_DIR_SIZE];
	struct swap_cluster *ci;
	struct swap_dir *d;
	uint32_t id;
	int r = 0;

	if (!*dir)
		r = pool_new(&c->swap_dirs, dir);
	if (!r)
		r = swap_maps_reach(c, c->swap_clusters.used + 1);
	if (!r)
		r = pool_new(&c->swap_clusters, &id);
	if (r)
		return r;
	*swap_map_at(c, id) = (struct swap_map){ { 0 } };
	d = pool_at(&c->swap_dirs, *dir);
	d->cluster[index % SWAP_DIR_SIZE] = id;
	ci = cluster_at(c, id);
	ci->index = index;
	ci->area = area;
	*ret_id = id;
	return 0;
}

/* setup_clusters(): the header's slot and those behind the end are none; who
 * has such starts out as not full. */
int clusters_init(struct cache *c, uint32_t area)
{
	struct swap_area *a = swap_area_at(&c->swap, area);
	uint32_t last = (a->max - 1) >> CLUSTER_SHIFT, id;
	uint32_t none = ((last + 1) << CLUSTER_SHIFT) - a->max;
	int r = cluster_make(c, area, 0, &id);

	if (r)
		return r;
	cluster_at(c, id)->count = 1;
	list_move(c, id, CLUSTER_NONFULL);
	a->fresh = 1;
	if (!none)
		return 0;
	if (last) {
		r = cluster_make(c, area, last, &id);
		if (r)
			return r;
		list_move(c, id, CLUSTER_NONFULL);
	}
	cluster_at(c, id)->count += none;
	return 0;
}

void clusters_fini(struct cache *c, uint32_t area)
{
	struct swap_area *a = swap_area_at(&c->swap, area);

	swap_memo_clear(c);
	for (uint32_t i = 0; i < SWAP_DIRS; i++) {
		struct swap_dir *d;

		if (!a->dir[i])
			continue;
		d = pool_at(&c->swap_dirs, a->dir[i]);
		for (uint32_t j = 0; j < SWAP_DIR_SIZE; j++)
			if (d->cluster[j])
				pool_free(&c->swap_clusters, d->cluster[j]);
		pool_free(&c->swap_dirs, a->dir[i]);
		a->dir[i] = 0;
	}
}

/* --- how much is in use ------------------------------------------------------
 */
/* plist_add(): behind all that are as good. */
void avail_add(struct swap *s, uint32_t area)
{
	uint32_t i = s->nr_avail++;

	for (; i && s->area[s->avail[i - 1]].prio < s->area[area].prio; i--)
		s->avail[i] = s->avail[i - 1];
	s->avail[i] = (uint8_t)area;
}

void avail_del(struct swap *s, uint32_t area)
{
	uint32_t i = 0;

	while (i < s->nr_avail && s->avail[i] != area)
		i++;
	if (i == s->nr_avail)
		return;
	s->nr_avail--;
	memmove(&s->avail[i], &s->avail[i + 1], s->nr_avail - i);
}

/* swap_usage_add() and swap_usage_sub() */
static void usage_add(struct cache *c, uint32_t area, uint32_t pages)
{
	struct swap_area *a = swap_area_at(&c->swap, area);

	c->control->free_swap_pages -= pages;
	a->inuse += pages;
	if (a->inuse == swap_area_pages(a))
		avail_del(&c->swap, area);
}

static void usage_sub(struct cache *c, uint32_t area)
{
	struct swap_area *a = swap_area_at(&c->swap, area);
	bool full = a->inuse-- == swap_area_pages(a);

	if (!(a->flags & SWAP_WRITEOK))
		return;
	c->control->free_swap_pages++;
	if (full)
		avail_add(&c->swap, area);
}

void slot_free(struct cache *c, swp_t swp)
{
	uint32_t area = swp_area(swp);
	uint32_t id = cluster_find(c, area, swp_slot(swp) >> CLUSTER_SHIFT);
	struct swap_slot *slot = swap_slot_at(c, swp);

	group_uncharge_swap(c->control, slot_group(slot), 1);
	*slot = (struct swap_slot){ 0 };
	swap_map_set(c, id, swp_slot(swp), 1, false);
	if (c->swap.window.target == swp)
		c->swap.window = (struct swap_window){ 0 };
	usage_sub(c, area);
	if (--cluster_at(c, id)->count) {
		list_move(c, id, CLUSTER_NONFULL + cluster_at(c, id)->order);
		return;
	}
	list_move(c, id, CLUSTER_FREE);
	cluster_at(c, id)->order = 0;
}

/* --- allocation --------------------------------------------------------------
 */
struct search {
	struct cache *c;
	struct ctx *ctx;
	unsigned order;
	uint32_t area;
	uint32_t found; /* the first slot; 0 none */
};

/* Where this CPU, or the rotating disk, goes on next time; 0 nowhere. */
static void remember(const struct search *s, uint32_t slot)
{
	struct swap_area *a = swap_area_at(&s->c->swap, s->area);
	uint32_t cpu = s->ctx->cpu;

	if (a->rotational) {
		a->next[s->order] = slot;
		return;
	}
	s->c->swap.cpu[cpu][s->order].area = s->area;
	s->c->swap.cpu[cpu][s->order].slot = slot;
}

/* Is the slot free, or can it be made so? A full swap does not keep slots for
 * pages that are in memory. */
static bool could_take(const struct search *s, const struct swap_slot *at)
{
	return !slot_used(at) || (!slot_count(at) && swap_full(s->c, ID_NONE));
}

/* cluster_scan_range(), cluster_reclaim_range(): all that the folio needs. */
static bool can_take(const struct search *s, const struct swap_cluster *ci,
		     uint32_t slot)
{
	uint32_t nr = 1u << s->order;

	if (!slot)
		return false;
	for (uint32_t i = 0; i < nr; i++)
		if (!could_take(s, &ci->slot[(slot + i) & (CLUSTER_SLOTS - 1)]))
			return false;
	for (uint32_t i = 0; i < nr; i++)
		if (slot_used(&ci->slot[(slot + i) & (CLUSTER_SLOTS - 1)]) &&
		    !swap_reclaim_slot(s->c, s->ctx, swp_of(s->area, slot + i)))
			return false;
	return true;
}

/* cluster_alloc_range() */
static void take(struct search *s, uint32_t id, uint32_t slot)
{
	struct swap_cluster *ci = cluster_at(s->c, id);
	uint32_t nr = 1u << s->order;

	if (!ci->count)
		ci->order = (uint16_t)s->order;
	s->found = slot;
	ci->count += nr;
	swap_map_set(s->c, id, slot, nr, true);
	usage_add(s->c, s->area, nr);
}

/* alloc_swap_scan_cluster(), then relocate_cluster() */
static bool scan_cluster(struct search *s, uint32_t id, uint32_t slot)
{
	struct swap_cluster *ci = cluster_at(s->c, id);
	uint32_t end = (ci->index + 1) << CLUSTER_SHIFT, next = 0;
	uint32_t max = swap_area_at(&s->c->swap, s->area)->max;
	uint32_t nr = 1u << s->order;
	bool full = swap_full(s->c, ID_NONE);

	if (end > max)
		end = max;
	for (; slot + nr <= end && ci->count + nr <= CLUSTER_SLOTS;
	     slot += nr) {
		/* Most are in use; only a full swap takes some of these. */
		if (!full) {
			slot = swap_map_next(s->c, id, slot, end) & ~(nr - 1);
			if (slot + nr > end)
				break;
		}
		if (full && slot_count(&ci->slot[slot & (CLUSTER_SLOTS - 1)]))
			continue;
		/* Of a single one the map has said it. */
		if ((full || s->order || !slot) && !can_take(s, ci, slot)) {
			full = swap_full(s->c, ID_NONE);
			continue;
		}
		take(s, id, slot);
		slot += nr;
		if (ci->count < CLUSTER_SLOTS && slot + nr <= end)
			next = slot;
		break;
	}
	list_move(s->c, id,
		  !ci->count		       ? CLUSTER_FREE
		  : ci->count == CLUSTER_SLOTS ? CLUSTER_FULL
					       : CLUSTER_FRAG + ci->order);
	if (!ci->count)
		ci->order = 0;
	remember(s, next);
	return s->found;
}

/* Go on in the cluster of @slot, if nobody took it (cluster_is_usable()). */
static bool go_on(struct search *s, uint32_t slot)
{
	uint32_t id = cluster_find(s->c, s->area, slot >> CLUSTER_SHIFT);
	const struct swap_cluster *ci;

	if (!slot)
		return false;
	ci = cluster_at(s->c, id);
	if (ci->list == CLUSTER_FULL ||
	    (s->order && ci->count && ci->order != s->order))
		return false;
	if (!ci->count)
		slot &= ~(CLUSTER_SLOTS - 1);
	return scan_cluster(s, id, slot);
}

/* alloc_swap_scan_list(): all of it, or its first only. */
static bool scan_list(struct search *s, uint32_t list, bool all)
{
	struct swap_area *a = swap_area_at(&s->c->swap, s->area);
	uint32_t id;

	while ((id = a->list[list].head) != 0) {
		list_del(s->c, id);
		if (scan_cluster(s, id,
				 cluster_at(s->c, id)->index << CLUSTER_SHIFT))
			return true;
		if (!all)
			break;
	}
	return false;
}

/* A free cluster: those never used come first. */
static int scan_free(struct search *s)
{
	struct swap_area *a = swap_area_at(&s->c->swap, s->area);
	uint32_t whole = a->max >> CLUSTER_SHIFT, id;
	int r;

	if (a->fresh >= whole) {
		scan_list(s, CLUSTER_FREE, false);
		return 0;
	}
	r = cluster_make(s->c, s->area, a->fresh, &id);
	if (r)
		return r;
	a->fresh++;
	scan_cluster(s, id, cluster_at(s->c, id)->index << CLUSTER_SHIFT);
	return 0;
}

/* swap_reclaim_full_clusters(): the first of them gives back what it keeps
 * only for pages that are in memory. */
static void reclaim_full(const struct search *s)
{
	uint32_t id =
		swap_area_at(&s->c->swap, s->area)->list[CLUSTER_FULL].head;
	uint32_t slot;

	if (!id)
		return;
	slot = cluster_at(s->c, id)->index << CLUSTER_SHIFT;
	list_del(s->c, id);
	for (unsigned i = 0; i < CLUSTER_SLOTS; i++) {
		const struct swap_slot *at = &cluster_at(s->c, id)->slot[i];

		if (slot_has_folio(at) && !slot_count(at))
			swap_reclaim_slot(s->c, s->ctx,
					  swp_of(s->area, slot + i));
	}
	if (cluster_at(s->c, id)->list == CLUSTER_NONE)
		list_move(s->c, id, CLUSTER_FULL);
}

/* A single page goes where large folios would, in the end. */
static void steal(struct search *s)
{
	for (uint32_t o = 1; o < SWAP_ORDERS; o++)
		if (scan_list(s, CLUSTER_FRAG + o, true) ||
		    scan_list(s, CLUSTER_NONFULL + o, true))
			return;
}

/* cluster_alloc_swap_entry(); s->found stays 0 when the area has none. */
static int area_alloc(struct search *s)
{
	const struct swap_area *a = swap_area_at(&s->c->swap, s->area);
	bool parts = s->order < HPAGE_ORDER;
	int r;

	if (s->order && !a->block_device)
		return 0;
	if (a->rotational && go_on(s, a->next[s->order]))
		return 0;
	if (parts && scan_list(s, CLUSTER_NONFULL + s->order, true))
		return 0;
	r = scan_free(s);
	if (r || s->found)
		return r;
	if (swap_full(s->c, ID_NONE))
		reclaim_full(s);
	if (parts && scan_list(s, CLUSTER_FRAG + s->order, false))
		return 0;
	if (!s->order)
		steal(s);
	return 0;
}

/* swap_alloc_fast(): the cluster this CPU is in. */
static bool alloc_fast(struct search *s)
{
	const struct swap *swap = &s->c->swap;

	s->area = swap->cpu[s->ctx->cpu][s->order].area;
	if (!s->area || !(swap->area[s->area].flags & SWAP_WRITEOK))
		return false;
	return go_on(s, swap->cpu[s->ctx->cpu][s->order].slot);
}

/* swap_alloc_slow(): the best area; of equal ones another each time. What is
 * large is tried in one of them only. */
static int alloc_slow(struct search *s)
{
	struct swap *swap = &s->c->swap;
	uint8_t order[SWAP_AREAS];
	uint32_t nr = swap->nr_avail;
	int r = 0;

	if (s->order && nr)
		nr = 1;
	memcpy(order, swap->avail, sizeof(order));
	for (uint32_t i = 0; i < nr && !r && !s->found; i++) {
		s->area = order[i];
		avail_del(swap, s->area);
		avail_add(swap, s->area);
		r = area_alloc(s);
	}
	return r;
}

int slot_alloc(struct cache *c, struct ctx *ctx, unsigned order, swp_t *ret_swp)
{
	struct search s = { .c = c, .ctx = ctx, .order = order };
	int r = alloc_fast(&s) ? 0 : alloc_slow(&s);

	if (r)
		return r;
	if (!s.found)
		return ENOSPC;
	*ret_swp = swp_of(s.area, s.found);
	return 0;
}
