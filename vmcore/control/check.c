// SPDX-License-Identifier: Apache-2.0
/*
 * Two recounts of the LRU that know nothing of each other: along the lists,
 * and over every frame of every section in use.
 */
#include "vmcore/control/lru-gen.h"
#include "vmcore/control/lru-list.h"

#include <stdio.h>
#include <string.h>

struct tally {
	const struct control *c;
	check_report *report;
	void *arg;
	int64_t zone[MAX_ZONES][NR_LRU];
	int64_t mlock[MAX_ZONES];
	int64_t state[NR_PAGE_STATES]; /* POLICY_CLASSIC */
	int64_t node[MAX_NODES][NR_LRU];
	/* of the group being walked */
	int64_t group[NR_LRU];
	int64_t walked[NR_LRU]; /* of a node */
	/* of every group: pages of frames that name it */
	int64_t charged[FRAME_MAX_GROUP + 1];
};

static const char *const lru_name[NR_LRU] = {
	[LRU_INACTIVE_ANON] = "inactive_anon",
	[LRU_ACTIVE_ANON] = "active_anon",
	[LRU_INACTIVE_FILE] = "inactive_file",
	[LRU_ACTIVE_FILE] = "active_file",
	[LRU_UNEVICTABLE] = "unevictable",
};

static void differ(const struct tally *t, const char *what, unsigned where,
		   int64_t recounted, int64_t kept)
{
	char text[96];

	if (recounted == kept)
		return;
	snprintf(text, sizeof(text), "%s %u", what, where);
	t->report(t->arg, text, recounted, kept);
}

static void differ_lru(const struct tally *t, const char *what, unsigned where,
		       unsigned lru, int64_t recounted, int64_t kept)
{
	char text[64];

	if (recounted == kept)
		return;
	snprintf(text, sizeof(text), "%s %s", lru_name[lru], what);
	differ(t, text, where, recounted, kept);
}

/* Is @pfn a member of this very list? */
static bool member_ok(const struct tally *t, uint32_t group, unsigned node,
		      const struct lru_list *l, pfn_t pfn)
{
	const struct phys *p = t->c->phys;
	const struct frame *f = frame_at(p, pfn);
	uint32_t of = frame_group(f) ? frame_group(f) : GROUP_ROOT;

	return f->word & PG_LRU && !(f->word & PG_UNEVICTABLE) && of == group &&
	       pfn_node(p, pfn) == node && lru_home(t->c, pfn) == l;
}

/* Along @l; its folios are tallied where they are counted. Pages. */
static int64_t walk_list(struct tally *t, uint32_t group, unsigned node,
			 const struct lru_list *l)
{
	const struct phys *p = t->c->phys;
	pfn_t prev = PFN_NONE, pfn = l->head;
	int64_t pages = 0;

	while (pfn != PFN_NONE) {
		const struct frame *f = frame_at(p, pfn);

		if (!member_ok(t, group, node, l, pfn) || f->prev != prev) {
			differ(t, "LRU list broken at frame", pfn, 1, 0);
			return pages;
		}
		pages += folio_pages(f);
		t->walked[lru_counted(t->c, pfn)] += folio_pages(f);
		prev = pfn;
		pfn = f->next;
	}
	differ(t, "LRU list tail, group", group, prev, l->tail);
	return pages;
}

static void check_gens(struct tally *t, uint32_t group, unsigned node)
{
	const struct lru_gens *g = gens_at(t->c, group, node);

	for (unsigned gen = 0; gen < MAX_NR_GENS; gen++)
		for (unsigned i = 0; i < 2 * MAX_ZONES_PER_NODE; i++) {
			const struct lru_list *l =
				&g->list[gen][i / MAX_ZONES_PER_NODE]
					[i % MAX_ZONES_PER_NODE];

			differ(t, "generation's pages, group", group,
			       walk_list(t, group, node, l), (int64_t)l->nr);
		}
	for (unsigned type = 0; type < 2; type++)
		differ(t, "generations, group", group, 1,
		       gens_nr(g, type) >= MIN_NR_GENS &&
			       gens_nr(g, type) <= MAX_NR_GENS);
}

static void check_lruvec(struct tally *t, uint32_t group, unsigned node)
{
	const struct lruvec *v = &group_at(t->c, group)->lruvec[node];

	memset(t->walked, 0, sizeof(t->walked));
	for (unsigned lru = 0; lru < LRU_UNEVICTABLE; lru++)
		walk_list(t, group, node, &v->list[lru]);
	differ(t, "laundered pages, group", group,
	       walk_list(t, group, node, &v->clean), (int64_t)v->clean.nr);
	if (v->gens)
		check_gens(t, group, node);
	for (unsigned lru = 0; lru < LRU_UNEVICTABLE; lru++)
		differ_lru(t, "list, group", group, lru, t->walked[lru],
			   (int64_t)v->list[lru].nr);
}

static void check_group(struct tally *t, uint32_t id)
{
	const struct group *g = group_at(t->c, id);
	uint64_t usage = g->own;

	memset(t->group, 0, sizeof(t->group));
	for (unsigned node = 0; node < MAX_NODES; node++)
		check_lruvec(t, id, node);
	for (unsigned node = 0; node < MAX_NODES; node++)
		for (unsigned lru = 0; lru < NR_LRU; lru++) {
			int64_t nr = (int64_t)g->lruvec[node].list[lru].nr;

			t->group[lru] += nr;
			t->node[node][lru] += nr;
		}
	for (unsigned lru = 0; lru < NR_LRU; lru++)
		differ_lru(t, "stat, group", id, lru, t->group[lru],
			   g->stat[NR_INACTIVE_ANON + lru]);
	for (uint32_t i = g->first_child; i;
	     i = group_at(t->c, i)->next_sibling)
		usage += group_at(t->c, i)->usage;
	differ(t, "usage, group", id, (int64_t)usage, (int64_t)g->usage);
}

static void check_nodes(const struct tally *t)
{
	const struct vmstat *v = &t->c->phys->stat;

	for (unsigned lru = 0; lru < NR_LRU; lru++)
		for (unsigned node = 0; node < MAX_NODES; node++)
			differ_lru(t, "counter, node", node, lru,
				   t->node[node][lru],
				   v->node[node][NR_INACTIVE_ANON + lru]);
}

static void tally_frame(struct tally *t, pfn_t pfn, const struct frame *f)
{
	enum frame_type type = frame_type(f);
	unsigned zone;

	if (type < FRAME_ANON || type == FRAME_ZERO)
		return;
	t->charged[frame_group(f)] += folio_pages(f);
	if (type != FRAME_ANON && type != FRAME_FILE)
		return;
	zone = pfn_zone(t->c->phys, pfn);
	if (f->word & PG_LRU)
		t->zone[zone][lru_counted(t->c, pfn)] += folio_pages(f);
	if (f->word & PG_LRU && t->c->policy == POLICY_CLASSIC)
		t->state[frame_gen(f)] += folio_pages(f);
	if (f->word & PG_MLOCKED)
		t->mlock[zone] += folio_pages(f);
}

static void tally_frames(struct tally *t)
{
	const struct phys *p = t->c->phys;

	for (uint32_t s = 0; s < p->nr_sections; s++) {
		if (!p->sections[s])
			continue;
		for (uint32_t i = 0; i < SECTION_FRAMES; i++)
			tally_frame(t, (s << SECTION_SHIFT) + i,
				    &p->sections[s][i]);
	}
}

static void check_zones(const struct tally *t)
{
	const struct vmstat *v = &t->c->phys->stat;

	for (unsigned zone = 0; zone < MAX_ZONES; zone++) {
		for (unsigned lru = 0; lru < NR_LRU; lru++)
			differ_lru(t, "counter, zone", zone, lru,
				   t->zone[zone][lru],
				   v->zone[zone][NR_ZONE_INACTIVE_ANON + lru]);
		differ(t, "nr_mlock, zone", zone, t->mlock[zone],
		       v->zone[zone][NR_MLOCK]);
	}
}

/* What frames say of their state, and that no state was left by more pages
 * than ever came. */
static void check_states(const struct tally *t)
{
	uint64_t pages[NR_PAGE_STATES], moved[NR_PAGE_STATES][NR_PAGE_STATES];

	page_states(t->c, pages, moved);
	differ(t, "page state", STATE_FREE, t->state[STATE_FREE], 0);
	for (unsigned i = STATE_ACTIVE; i < NR_PAGE_STATES; i++) {
		differ(t, "page state", i, t->state[i], (int64_t)pages[i]);
		differ(t, "pages that left a state", i, 1,
		       (int64_t)moved[i][STATE_FREE] >= 0);
	}
}

/* Kernel objects are charged by their bytes; whose frames they lie in does
 * not matter. The floor above recounts the bytes. */
void control_check(const struct control *c, check_report *report, void *arg)
{
	struct tally t = { .c = c, .report = report, .arg = arg };
	uint32_t id = ID_NONE;

	while ((id = group_next(c, GROUP_ROOT, id)))
		check_group(&t, id);
	check_nodes(&t);
	tally_frames(&t);
	check_zones(&t);
	if (c->policy == POLICY_CLASSIC)
		check_states(&t);
	/* Frames of the root may be charged or not: kernel memory is not. */
	id = GROUP_ROOT;
	while ((id = group_next(c, GROUP_ROOT, id)))
		differ(&t, "charged pages, group", id,
		       t.charged[id] +
			       (int64_t)group_kmem_pages(group_at(c, id)),
		       (int64_t)group_at(c, id)->own);
}
