// SPDX-License-Identifier: Apache-2.0
/*
 * What evicted pages leave behind (mm/workingset.c). A shadow packs, from bit
 * 0 on: 1, PG_WORKINGSET, the node (3 bits), the group (12 bits), the lruvec's
 * nonresident_age; with generations the number of the oldest and, in the last
 * two bits, how often the page was used.
 */
#include "vmcore/cache/cache-internal.h"
#include "vmcore/control/lru-gen.h"

#define NODE_SHIFT  2
#define GROUP_SHIFT 5
#define AGE_SHIFT   (GROUP_SHIFT + FRAME_GROUP_BITS)
#define NODE_MASK   (MAX_NODES - 1)
#define AGE_MASK    (UINT64_MAX >> AGE_SHIFT)

static struct lruvec *lruvec_at(const struct cache *c, uint32_t group,
				unsigned node)
{
	return &group_at(c->control, group)->lruvec[node];
}

/* lru_gen_eviction(): of the folio's own group. */
static uint64_t gen_token(struct cache *c, const struct frame *f, unsigned node,
			  uint32_t *ret_group)
{
	uint32_t group = frame_group(f) ? frame_group(f) : GROUP_ROOT;
	struct lru_gens *g = gens_at(c->control, group, node);
	bool file = !(f->word & PG_SWAPBACKED);
	unsigned refs = frame_refs(f);

	g->evicted[file][frame_tier(f)] += frame_pages(f);
	*ret_group = group;
	return g->min_seq[file] << 2 | (refs ? refs - 1 : 0);
}

uint64_t shadow_make(struct cache *c, pfn_t folio, uint32_t target)
{
	const struct frame *f = frame_at(c->phys, folio);
	unsigned node = pfn_node(c->phys, folio);
	uint64_t age;

	if (c->control->policy == POLICY_MGLRU) {
		age = gen_token(c, f, node, &target) & AGE_MASK;
	} else {
		age = lruvec_at(c, target, node)->nonresident_age & AGE_MASK;
		lru_age(c->control, target, node, frame_pages(f));
	}
	return age << AGE_SHIFT | (uint64_t)target << GROUP_SHIFT |
	       (uint64_t)node << NODE_SHIFT |
	       (f->word & PG_WORKINGSET ? 2u : 0u) | 1u;
}

/* Pages of a list of @group and the groups below it. */
static uint64_t list_size(const struct cache *c, uint32_t group, unsigned node,
			  enum lru lru)
{
	const struct vmstat *stat = &c->phys->stat;
	uint64_t sum;

	if (group <= GROUP_ROOT)
		return (uint64_t)stat->node[node][NR_INACTIVE_ANON + lru];
	sum = lruvec_at(c, group, node)->list[lru].nr;
	for (uint32_t g = group_next(c->control, group, ID_NONE); g;
	     g = group_next(c->control, group, g))
		if (g != group)
			sum += lruvec_at(c, g, node)->list[lru].nr;
	return sum;
}

/* mem_cgroup_get_nr_swap_pages() > 0 */
static bool can_swap(const struct cache *c, uint32_t group)
{
	if (!c->control->free_swap_pages)
		return false;
	for (; group && group != GROUP_ROOT;
	     group = group_at(c->control, group)->parent) {
		const struct group *g = group_at(c->control, group);

		if (g->swap_usage >= g->swap_max)
			return false;
	}
	return true;
}

/* lru_gen_test_recent(): a few generations ago. */
static bool gen_recent(const struct cache *c, uint32_t group, unsigned node,
		       uint64_t token)
{
	uint64_t now = gens_at(c->control, group, node)->max_seq;
	uint64_t then = token >> 2;

	now &= AGE_MASK >> 2;
	return (now > then ? now - then : then - now) < MAX_NR_GENS;
}

bool shadow_recent(const struct cache *c, uint64_t shadow, bool file,
		   bool *ret_workingset)
{
	unsigned node = (unsigned)(shadow >> NODE_SHIFT) & NODE_MASK;
	uint32_t group = (uint32_t)(shadow >> GROUP_SHIFT) & FRAME_MAX_GROUP;
	uint64_t distance, size;

	*ret_workingset = shadow & 2;
	/* Of a group that is gone nothing is known. */
	if (!group_online(c->control, group))
		return false;
	if (c->control->policy == POLICY_MGLRU)
		return gen_recent(c, group, node, shadow >> AGE_SHIFT);
	distance = (lruvec_at(c, group, node)->nonresident_age -
		    (shadow >> AGE_SHIFT)) &
		   AGE_MASK;
	size = list_size(c, group, node, LRU_ACTIVE_FILE);
	if (!file)
		size += list_size(c, group, node, LRU_INACTIVE_FILE);
	if (can_swap(c, group)) {
		size += list_size(c, group, node, LRU_ACTIVE_ANON);
		if (file)
			size += list_size(c, group, node, LRU_INACTIVE_ANON);
	}
	return distance <= size;
}

/* lru_note_cost_refault(): what had to be read again weighs on its type. */
static void note_cost(struct cache *c, uint32_t group, unsigned node, bool file,
		      uint64_t pages)
{
	if (!group)
		group = GROUP_ROOT;
	for (; group; group = group_at(c->control, group)->parent) {
		struct lruvec *v = lruvec_at(c, group, node);
		uint64_t size = list_size(c, group, node, LRU_INACTIVE_ANON) +
				list_size(c, group, node, LRU_ACTIVE_ANON) +
				list_size(c, group, node, LRU_INACTIVE_FILE) +
				list_size(c, group, node, LRU_ACTIVE_FILE);

		*(file ? &v->file_cost : &v->anon_cost) += pages;
		if (v->file_cost + v->anon_cost > size / 4) {
			v->file_cost /= 2;
			v->anon_cost /= 2;
		}
	}
}

/* lru_gen_refault() */
static void gen_refault(struct cache *c, pfn_t folio, uint64_t shadow)
{
	struct frame *f = frame_at(c->phys, folio);
	uint32_t group = frame_group(f) ? frame_group(f) : GROUP_ROOT;
	unsigned node = pfn_node(c->phys, folio);
	bool file = !(f->word & PG_SWAPBACKED), workingset;
	unsigned refs = (unsigned)(shadow >> AGE_SHIFT & 3) + 1;

	if ((shadow >> GROUP_SHIFT & FRAME_MAX_GROUP) != group ||
	    (shadow >> NODE_SHIFT & NODE_MASK) != node)
		return;
	folio_stat(c, f, folio,
		   file ? WORKINGSET_REFAULT_FILE : WORKINGSET_REFAULT_ANON, 1);
	if (!shadow_recent(c, shadow, file, &workingset))
		return;
	gens_at(c->control, group, node)
		->refaulted[file][gen_tier(refs, workingset)] += frame_pages(f);
	if (c->control->in_fault)
		folio_stat(c, f, folio,
			   file ? WORKINGSET_ACTIVATE_FILE
				: WORKINGSET_ACTIVATE_ANON,
			   1);
	f->word &= ~FRAME_REFS_MASK;
	if (!workingset) {
		f->word |= (refs - 1) << FRAME_REFS_SHIFT;
		return;
	}
	f->word |= PG_WORKINGSET;
	folio_stat(c, f, folio,
		   file ? WORKINGSET_RESTORE_FILE : WORKINGSET_RESTORE_ANON, 1);
}

void shadow_refault(struct cache *c, pfn_t folio, uint64_t shadow)
{
	struct frame *f = frame_at(c->phys, folio);
	unsigned node = pfn_node(c->phys, folio);
	bool file = !(f->word & PG_SWAPBACKED), workingset;

	if (c->control->policy == POLICY_MGLRU) {
		gen_refault(c, folio, shadow);
		return;
	}
	folio_stat(c, f, folio,
		   file ? WORKINGSET_REFAULT_FILE : WORKINGSET_REFAULT_ANON, 1);
	if (c->control->policy == POLICY_CLASSIC ||
	    !shadow_recent(c, shadow, file, &workingset))
		return;
	f->word |= PG_ACTIVE;
	lru_age(c->control, frame_group(f), node, frame_pages(f));
	folio_stat(c, f, folio,
		   file ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON,
		   1);
	if (!workingset)
		return;
	f->word |= PG_WORKINGSET;
	note_cost(c, frame_group(f), node, file, frame_pages(f));
	folio_stat(c, f, folio,
		   file ? WORKINGSET_RESTORE_FILE : WORKINGSET_RESTORE_ANON, 1);
}
