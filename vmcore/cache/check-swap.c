// SPDX-License-Identifier: Apache-2.0
/* Areas, clusters, slots and the swap cache recounted. */
#include "vmcore/cache/cache-check.h"
#include "vmcore/cache/swap-internal.h"

/* References are compared as sums of what each slot is mapped to here: equal
 * sums that differ in a slot are all but impossible. */
uint64_t swap_mark(swp_t swp)
{
	uint64_t h = (swp + 1) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	return h ^ h >> 31;
}

struct tally {
	const struct cache_tally *t;
	uint32_t used; /* slots of the area */
	uint32_t all; /* of all areas */
	uint32_t cached;
};

static void check_slot(struct tally *s, swp_t swp, const struct swap_slot *slot)
{
	const struct cache *c = s->t->c;
	const struct frame *f;

	s->used += slot_used(slot);
	if (!slot_used(slot) && (slot->cached || slot->refs || slot->content))
		cache_differ(s->t, "a free slot remembers", swp, 0, 1);
	if (!slot_has_folio(slot))
		return;
	s->cached++;
	f = frame_at(c->phys, slot_folio(slot));
	cache_differ(s->t, "slot of a folio of the swap cache", swp, 1,
		     swp - f->private < frame_pages(f));
	if (slot_io(slot))
		cache_differ(s->t, "request of a slot, in use", swp, 1,
			     slot_io(slot) <= c->ios.top &&
				     io_at(c, slot_io(slot))->pages);
}

static void check_cluster(struct tally *s, uint32_t id)
{
	const struct swap_cluster *ci = cluster_at(s->t->c, id);
	uint32_t max = s->t->c->swap.area[ci->area].max, used = s->used;
	uint32_t first = ci->index << CLUSTER_SHIFT, none = !first;

	for (uint32_t i = 0; i < CLUSTER_SLOTS; i++) {
		if (first + i >= max)
			none++;
		check_slot(s, swp_of(ci->area, first + i), &ci->slot[i]);
		cache_differ(s->t, "slot in use", swp_of(ci->area, first + i),
			     slot_used(&ci->slot[i]),
			     swap_map_at(s->t->c, id)->used[i / 64] >> i % 64 &
				     1);
	}
	cache_differ(s->t, "slots in use, cluster", id, s->used - used + none,
		     ci->count);
	cache_differ(s->t, "full, cluster", id, ci->count == CLUSTER_SLOTS,
		     ci->list == CLUSTER_FULL);
	if (ci->list >= CLUSTER_NONFULL)
		cache_differ(s->t, "order of a cluster", id, ci->order,
			     (ci->list - CLUSTER_NONFULL) % SWAP_ORDERS);
}

static uint32_t check_lists(const struct tally *s, const struct swap_area *a)
{
	uint32_t listed = 0;

	for (uint32_t l = CLUSTER_FREE; l < NR_CLUSTER_LISTS; l++) {
		uint32_t prev = 0;

		for (uint32_t id = a->list[l].head; id;
		     id = cluster_at(s->t->c, id)->next) {
			cache_differ(s->t, "list of a cluster", id, l,
				     cluster_at(s->t->c, id)->list);
			cache_differ(s->t, "cluster before a cluster", id, prev,
				     cluster_at(s->t->c, id)->prev);
			prev = id;
			listed++;
		}
		cache_differ(s->t, "last cluster of a list", l, prev,
			     a->list[l].tail);
	}
	return listed;
}

static void check_area(struct tally *s, uint32_t area)
{
	const struct cache *c = s->t->c;
	const struct swap_area *a = &c->swap.area[area];
	uint32_t clusters = 0, ios = 0;

	s->used = 0;
	for (uint32_t i = 0; i < SWAP_DIRS * SWAP_DIR_SIZE; i++) {
		const struct swap_dir *d;
		uint32_t dir = a->dir[i / SWAP_DIR_SIZE], id;

		if (!dir) {
			i |= SWAP_DIR_SIZE - 1;
			continue;
		}
		d = pool_at(&c->swap_dirs, dir);
		id = d->cluster[i % SWAP_DIR_SIZE];
		if (!id)
			continue;
		clusters++;
		check_cluster(s, id);
	}
	for (uint32_t i = 1; i <= c->ios.top; i++)
		ios += io_at(c, i)->pages && !io_at(c, i)->inode &&
		       swp_area((swp_t)io_at(c, i)->index) == area;
	cache_differ(s->t, "slots in use, swap area", area, s->used, a->inuse);
	cache_differ(s->t, "clusters on lists, swap area", area, clusters,
		     check_lists(s, a));
	cache_differ(s->t, "requests, swap area", area, ios, a->nr_io);
	s->all += s->used;
}

static void check_totals(const struct tally *s)
{
	const struct cache *c = s->t->c;
	uint64_t total = 0, spare = 0;

	for (uint32_t i = 1; i <= SWAP_AREAS; i++) {
		const struct swap_area *a = &c->swap.area[i];

		if (!(a->flags & SWAP_WRITEOK))
			continue;
		total += swap_area_pages(a);
		spare += swap_area_pages(a) - a->inuse;
	}
	cache_differ(s->t, "pages of swap areas, all", 0, (int64_t)total,
		     (int64_t)c->control->total_swap_pages);
	cache_differ(s->t, "free slots, all", 0, (int64_t)spare,
		     (int64_t)c->control->free_swap_pages);
	cache_differ(s->t, "slots of groups, all", 0, s->all,
		     (int64_t)group_at(c->control, GROUP_ROOT)->swap_usage);
}

uint64_t swap_marks(const struct cache *c)
{
	uint64_t marks = 0;
	swp_t swp;

	for (uint32_t id = 1; id <= c->swap_clusters.top; id++) {
		const struct swap_cluster *ci = cluster_at(c, id);

		for (uint32_t i = 0; ci->area && i < CLUSTER_SLOTS; i++)
			marks += slot_count(&ci->slot[i]) *
				 swap_mark(swp_of(ci->area,
						  (ci->index << CLUSTER_SHIFT) +
							  i));
	}
	for (uint32_t id = 1; id <= c->inodes.top; id++) {
		uint64_t i = 0;

		if (!inode_used(inode_at(c, id)))
			continue;
		for (; (i = shmem_next_swap(c, id, i, UINT64_MAX, &swp)) !=
		       UINT64_MAX;
		     i++)
			marks -= swap_mark(swp);
	}
	return marks;
}

uint32_t cache_check_swap(const struct cache_tally *t)
{
	struct tally s = { .t = t };
	uint32_t ios = 0;

	for (uint32_t i = 1; i <= SWAP_AREAS; i++) {
		if (t->c->swap.area[i].flags)
			check_area(&s, i);
		ios += t->c->swap.area[i].nr_io;
	}
	check_totals(&s);
	cache_differ(t, "folios of the swap cache, all", 0, t->swapcache,
		     s.cached);
	return ios;
}
