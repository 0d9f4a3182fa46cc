// SPDX-License-Identifier: Apache-2.0
/* How use, or lack of it, moves a folio between lists (mm/swap.c). */
#include "vmcore/control/lru-gen.h"
#include "vmcore/control/lru-list.h"

void lru_age(struct control *c, uint32_t group, unsigned node, uint64_t pages)
{
	uint32_t id = group ? group : GROUP_ROOT;

	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->lruvec[node].nonresident_age += pages;
}

void lru_activate(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (f->word & (PG_ACTIVE | PG_UNEVICTABLE))
		return;
	if (!(f->word & PG_LRU)) {
		f->word |= PG_ACTIVE; /* isolated: goes back as active */
		return;
	}
	lru_move(c, folio, 0, PG_ACTIVE, false);
	lru_count_event(c, folio, PGACTIVATE);
}

void lru_mark_accessed(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (c->policy == POLICY_MGLRU) {
		gen_use(f);
		return;
	}
	if (!(f->word & PG_REFERENCED)) {
		f->word |= PG_REFERENCED;
		return;
	}
	if (f->word & (PG_UNEVICTABLE | PG_ACTIVE))
		return;
	lru_activate(c, folio);
	f->word &= ~PG_REFERENCED;
	/* workingset_activation(): ages; workingset_activate_* counts
	 * refaults only. */
	lru_age(c, frame_group(f), pfn_node(c->phys, folio), folio_pages(f));
}

/* lru_gen_clear_refs(): is it of the oldest generation? */
static bool forget_use(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	const struct lru_gens *g =
		pool_at(&c->gens, folio_lruvec(c, folio)->gens);

	f->word &= ~(FRAME_REFS_MASK | PG_REFERENCED | PG_WORKINGSET);
	return frame_gen(f) == gen_of(g->min_seq[!(f->word & PG_SWAPBACKED)]);
}

void lru_deactivate(struct control *c, pfn_t folio)
{
	uint32_t word = frame_at(c->phys, folio)->word;

	if (!(word & PG_LRU) || word & PG_UNEVICTABLE)
		return;
	if (c->policy == POLICY_MGLRU ? forget_use(c, folio)
				      : !(word & PG_ACTIVE))
		return;
	lru_move(c, folio, PG_ACTIVE | PG_REFERENCED, 0, false);
	lru_count_event(c, folio, PGDEACTIVATE);
}

void lru_deactivate_file(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	bool busy = f->word & (PG_DIRTY | PG_WRITEBACK);
	bool active = f->word & PG_ACTIVE || c->policy == POLICY_MGLRU;

	if (!(f->word & PG_LRU) || f->word & PG_UNEVICTABLE ||
	    folio_mapped(c->phys, folio))
		return;
	lru_move(c, folio, PG_ACTIVE | PG_REFERENCED, 0, !busy);
	if (busy)
		f->word |= PG_RECLAIM;
	else
		lru_count_event(c, folio, PGROTATED);
	if (active)
		lru_count_event(c, folio, PGDEACTIVATE);
}

void lru_rotate(struct control *c, pfn_t folio)
{
	uint32_t word = frame_at(c->phys, folio)->word;

	if (!(word & PG_LRU) || word & (PG_LOCKED | PG_DIRTY | PG_UNEVICTABLE))
		return;
	lru_move(c, folio, PG_ACTIVE, 0, true);
	lru_count_event(c, folio, PGROTATED);
}

void lru_lazyfree(struct control *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);

	if (frame_type(f) != FRAME_ANON || !(f->word & PG_LRU) ||
	    !(f->word & PG_SWAPBACKED) ||
	    f->word & (PG_SWAPCACHE | PG_UNEVICTABLE))
		return;
	if (c->policy == POLICY_MGLRU)
		forget_use(c, folio);
	lru_move(c, folio, PG_ACTIVE | PG_REFERENCED | PG_SWAPBACKED, 0, false);
	lru_count_event(c, folio, PGLAZYFREE);
}

void lru_place(struct control *c, pfn_t folio, bool active)
{
	lru_move(c, folio, PG_ACTIVE | PG_REFERENCED, active ? PG_ACTIVE : 0,
		 false);
}

/* Of one group; the oldest are at the tail. */
static uint64_t shift_group(struct control *c, struct lru_list *l, bool active,
			    uint64_t pages)
{
	pfn_t folio = l->tail, before;
	uint64_t moved = 0;

	for (; folio != PFN_NONE && moved < pages; folio = before) {
		const struct frame *f = frame_at(c->phys, folio);

		before = f->prev;
		if (folio_pages(f) > pages - moved)
			break;
		moved += folio_pages(f);
		lru_place(c, folio, active);
	}
	return moved;
}

uint64_t lru_shift(struct control *c, unsigned node, enum lru from,
		   uint64_t pages)
{
	bool active = from == LRU_INACTIVE_ANON || from == LRU_INACTIVE_FILE;
	uint64_t moved = 0;

	for (uint32_t id = group_next(c, GROUP_ROOT, ID_NONE);
	     id != ID_NONE && moved < pages; id = group_next(c, GROUP_ROOT, id))
		moved += shift_group(c,
				     &group_at(c, id)->lruvec[node].list[from],
				     active, pages - moved);
	return moved;
}
