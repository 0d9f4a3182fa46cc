// SPDX-License-Identifier: Apache-2.0
#include "vmcore/control/lru-gen.h"
#include "vmcore/control/lru-list.h"

#include <assert.h>

/* Where a folio stands; on the path of every page. */
struct spot {
	struct frame *f;
	struct group *g;
	struct lruvec *v; /* of its group, on its node */
	unsigned zone;
	enum lru lru; /* as which it is counted */
	struct lru_list *home; /* where it is linked */
};

static inline enum lru kind(const struct frame *f)
{
	unsigned active = f->word & PG_ACTIVE ? 1 : 0;

	if (f->word & PG_UNEVICTABLE)
		return LRU_UNEVICTABLE;
	if (f->word & PG_SWAPBACKED)
		return (enum lru)(LRU_INACTIVE_ANON + active);
	return (enum lru)(LRU_INACTIVE_FILE + active);
}

/* Where lists are not by kind of page. */
static void spot_elsewhere(const struct control *c, pfn_t folio, struct spot *s)
{
	if (s->lru == LRU_UNEVICTABLE)
		return;
	if (c->policy == POLICY_MGLRU) {
		s->lru = gen_lru(c, folio);
		s->home = gen_list(c, folio);
	} else {
		s->home = state_list(s->v, s->f, s->lru);
	}
}

static inline struct spot spot_of(const struct control *c, pfn_t folio)
{
	struct spot s = { .f = frame_at(c->phys, folio),
			  .zone = pfn_zone(c->phys, folio) };

	s.lru = kind(s.f);
	s.g = group_at(c, frame_group(s.f));
	s.v = &s.g->lruvec[s.zone / MAX_ZONES_PER_NODE];
	s.home = &s.v->list[s.lru];
	if (c->policy != POLICY_LRU)
		spot_elsewhere(c, folio, &s);
	return s;
}

enum lru folio_lru(const struct frame *f)
{
	return kind(f);
}

struct lruvec *folio_lruvec(const struct control *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);

	return &group_at(c, frame_group(f))->lruvec[pfn_node(c->phys, folio)];
}

enum lru lru_counted(const struct control *c, pfn_t folio)
{
	return spot_of(c, folio).lru;
}

struct lru_list *lru_home(const struct control *c, pfn_t folio)
{
	return spot_of(c, folio).home;
}

/* update_lru_size(): list, group, node and zone move together. Of its own size
 * a list knows where it is not one by kind of page. */
static inline void count(struct control *c, const struct spot *s, int64_t pages)
{
	s->v->list[s->lru].nr += (uint64_t)pages;
	if (c->policy != POLICY_LRU && s->lru != LRU_UNEVICTABLE &&
	    (c->policy == POLICY_MGLRU || s->home == &s->v->clean))
		s->home->nr += (uint64_t)pages;
	group_stat_of(c, s->g, s->zone / MAX_ZONES_PER_NODE,
		      NR_INACTIVE_ANON + s->lru, pages);
	vmstat_zone(&c->phys->stat, s->zone, NR_ZONE_INACTIVE_ANON + s->lru,
		    pages);
}

static inline void join(struct control *c, pfn_t folio, bool tail)
{
	struct spot s = spot_of(c, folio);

	assert(!(s.f->word & PG_LRU));
	assert(frame_type(s.f) == FRAME_ANON || frame_type(s.f) == FRAME_FILE);
	s.f->word |= PG_LRU;
	count(c, &s, folio_pages(s.f));
	if (s.lru == LRU_UNEVICTABLE)
		s.f->next = s.f->prev = 0;
	else
		frame_link(c->phys, &s.home->head, &s.home->tail, folio, tail);
}

void lru_join(struct control *c, pfn_t folio, bool tail)
{
	join(c, folio, tail);
}

void lru_link(struct control *c, pfn_t folio, bool tail)
{
	if (c->policy == POLICY_MGLRU)
		gen_choose(c, folio, tail);
	else if (c->policy == POLICY_CLASSIC)
		state_choose(c, frame_at(c->phys, folio));
	join(c, folio, tail);
}

void lru_isolate(struct control *c, pfn_t folio)
{
	struct spot s = spot_of(c, folio);

	assert(s.f->word & PG_LRU);
	if (s.lru == LRU_UNEVICTABLE)
		s.f->next = s.f->prev = 0;
	else
		frame_unlink(c->phys, &s.home->head, &s.home->tail, folio);
	count(c, &s, -(int64_t)folio_pages(s.f));
	s.f->word &= ~PG_LRU;
	if (c->policy == POLICY_MGLRU)
		frame_set_gen(s.f, 0);
}

/* Of frame.word: together with group and zone they say where a folio is. */
#define SPOT_BITS (PG_ACTIVE | PG_UNEVICTABLE | PG_SWAPBACKED | FRAME_GEN_MASK)

uint32_t lru_isolate_run(struct control *c, struct lru_list *l,
			 unsigned highest, uint64_t most, pfn_t *ret_folios,
			 uint64_t *ret_pages)
{
	struct spot s = { .f = NULL };
	uint64_t pages = 0, counted = 0;
	uint32_t word = 0, n = 0;

	assert(c->policy != POLICY_MGLRU);
	while (pages < most && l->tail != PFN_NONE) {
		pfn_t folio = l->tail;
		struct frame *f = frame_at(c->phys, folio);
		unsigned zone = pfn_zone(c->phys, folio);

		if (zone % MAX_ZONES_PER_NODE > highest)
			break;
		assert(f->word & PG_LRU);
		/* What is alike is counted together. */
		if (!n || (f->word ^ word) & SPOT_BITS || zone != s.zone) {
			if (n)
				count(c, &s, -(int64_t)(pages - counted));
			counted = pages;
			s = spot_of(c, folio);
			word = f->word;
		}
		pages += folio_pages(f);
		frame_unlink(c->phys, &l->head, &l->tail, folio);
		f->word &= ~PG_LRU;
		ret_folios[n++] = folio;
	}
	if (n)
		count(c, &s, -(int64_t)(pages - counted));
	*ret_pages = pages;
	return n;
}

void lru_del(struct control *c, pfn_t folio)
{
	bool active = c->policy == POLICY_MGLRU &&
		      lru_counted(c, folio) % 2 == LRU_ACTIVE_ANON;

	lru_isolate(c, folio);
	/* For who puts it back elsewhere (folio_migrate_flags()). */
	if (active)
		frame_at(c->phys, folio)->word |= PG_ACTIVE;
}

/* folio_add_lru() of a fault: with generations whatever it brings is in use;
 * before 2.6.28 so were anonymous pages (lru_cache_add_active()). */
static void lru_add_used(const struct control *c, struct frame *f)
{
	if (c->policy == POLICY_LRU || f->word & PG_UNEVICTABLE)
		return;
	if (c->policy == POLICY_MGLRU || frame_type(f) == FRAME_ANON)
		f->word |= PG_ACTIVE;
}

static void put(struct control *c, pfn_t folio, bool tail)
{
	bool locked = frame_at(c->phys, folio)->word & PG_MLOCKED;

	if (!locked || !lru_settle(c, folio))
		lru_link(c, folio, tail);
}

void lru_add_tail(struct control *c, pfn_t folio)
{
	put(c, folio, true);
}

void lru_add(struct control *c, pfn_t folio)
{
	if (c->in_fault)
		lru_add_used(c, frame_at(c->phys, folio));
	put(c, folio, false);
}

void lru_add_run(struct control *c, pfn_t first, uint32_t nr)
{
	struct frame *f = frame_at(c->phys, first);
	struct spot s;
	uint32_t word;

	assert(c->policy != POLICY_CLASSIC && !(f->word & PG_MLOCKED));
	if (c->in_fault)
		lru_add_used(c, f);
	if (c->policy == POLICY_MGLRU)
		gen_choose(c, first, false);
	s = spot_of(c, first);
	word = f->word | PG_LRU;
	count(c, &s, nr);
	for (pfn_t pfn = first; nr; nr--) {
		pfn_t next = frame_at(c->phys, pfn)->next;

		frame_at(c->phys, pfn)->word = word;
		frame_link(c->phys, &s.home->head, &s.home->tail, pfn, false);
		pfn = next;
	}
}

void lru_count_event(struct control *c, pfn_t folio, enum event item)
{
	const struct frame *f = frame_at(c->phys, folio);

	vmstat_event(&c->phys->stat, item, folio_pages(f));
	group_event(c, frame_group(f), item, folio_pages(f));
}

void lru_move(struct control *c, pfn_t folio, uint32_t clear, uint32_t set,
	      bool tail)
{
	struct spot s = spot_of(c, folio);
	struct frame as = { .word = (s.f->word & ~clear) | set };

	if (c->policy != POLICY_LRU || s.lru == LRU_UNEVICTABLE ||
	    kind(&as) != s.lru) {
		lru_del(c, folio);
		s.f->word = (s.f->word & ~clear) | set;
		lru_link(c, folio, tail);
		return;
	}
	/* To an end of the same list: no count changes. */
	assert(s.f->word & PG_LRU);
	frame_unlink(c->phys, &s.home->head, &s.home->tail, folio);
	s.f->word = as.word;
	frame_link(c->phys, &s.home->head, &s.home->tail, folio, tail);
}

void lru_release(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (f->word & PG_LRU)
		lru_del(c, folio);
	if (f->word & PG_MLOCKED) {
		vmstat_zone(&c->phys->stat, pfn_zone(c->phys, folio), NR_MLOCK,
			    -(int64_t)folio_pages(f));
		vmstat_event(&c->phys->stat, UNEVICTABLE_PGCLEARED,
			     folio_pages(f));
	}
	f->word &= ~(PG_ACTIVE | PG_MLOCKED | PG_UNEVICTABLE);
}

/* Pages are counted already, under their former head; the new ones stand
 * before it. An unevictable one keeps its locks for the head alone. */
void lru_split_off(struct control *c, pfn_t folio, pfn_t part)
{
	const struct spot s = spot_of(c, folio);
	struct frame *p = frame_at(c->phys, part);

	p->word |= PG_LRU;
	if (s.lru == LRU_UNEVICTABLE)
		return;
	p->next = folio;
	p->prev = s.f->prev;
	if (s.f->prev != PFN_NONE)
		frame_at(c->phys, s.f->prev)->next = part;
	else
		s.home->head = part;
	s.f->prev = part;
}

void lru_split(struct control *c, pfn_t folio, uint32_t pages)
{
	for (uint32_t i = 1; i < pages; i++)
		lru_split_off(c, folio, folio + i);
}
