// SPDX-License-Identifier: Apache-2.0
/*
 * The four states of a page in Linux 2.4.0 to 2.4.9 (mm/vmscan.c,
 * page_launder(), reclaim_page()). A frame keeps its last state while it is
 * on no list, so that what moves is counted from where to where.
 */
#include "vmcore/control/lru-list.h"

static void enter(struct control *c, struct frame *f, enum page_state state)
{
	c->classic.moved[frame_gen(f)][state] += folio_pages(f);
	frame_set_gen(f, state);
}

void state_choose(struct control *c, struct frame *f)
{
	enum page_state was = (enum page_state)frame_gen(f), now;

	/* A launderer's page is on its list at once: lru_launder(). */
	if (f->word & (PG_ACTIVE | PG_UNEVICTABLE))
		now = STATE_ACTIVE;
	else if (was == STATE_INACTIVE_CLEAN &&
		 !(f->word & (PG_DIRTY | PG_WRITEBACK)))
		now = STATE_INACTIVE_CLEAN;
	else
		now = STATE_INACTIVE_DIRTY;
	if (now != was)
		enter(c, f, now);
}

void lru_launder(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (frame_gen(f) != STATE_INACTIVE_CLEAN)
		enter(c, f, STATE_INACTIVE_CLEAN);
	lru_add(c, folio);
}

void page_states(const struct control *c, uint64_t ret_pages[NR_PAGE_STATES],
		 uint64_t ret_moved[NR_PAGE_STATES][NR_PAGE_STATES])
{
	uint64_t pages[NR_PAGE_STATES] = { 0 }, inactive = 0;

	for (uint32_t g = GROUP_ROOT; g; g = group_next(c, GROUP_ROOT, g))
		for (unsigned n = 0; n < MAX_NODES; n++) {
			const struct lruvec *v = &group_at(c, g)->lruvec[n];

			pages[STATE_ACTIVE] += v->list[LRU_ACTIVE_ANON].nr +
					       v->list[LRU_ACTIVE_FILE].nr +
					       v->list[LRU_UNEVICTABLE].nr;
			inactive += v->list[LRU_INACTIVE_ANON].nr +
				    v->list[LRU_INACTIVE_FILE].nr;
			pages[STATE_INACTIVE_CLEAN] += v->clean.nr;
		}
	pages[STATE_INACTIVE_DIRTY] = inactive - pages[STATE_INACTIVE_CLEAN];
	pages[STATE_FREE] = phys_free_pages(c->phys);
	for (unsigned from = 0; from < NR_PAGE_STATES; from++) {
		uint64_t left = 0;

		ret_pages[from] = pages[from];
		for (unsigned to = 0; to < NR_PAGE_STATES; to++) {
			ret_moved[from][to] = c->classic.moved[from][to];
			left += c->classic.moved[to][from] -
				c->classic.moved[from][to];
		}
		/* What came, neither went on nor is there, was freed. */
		if (from != STATE_FREE)
			ret_moved[from][STATE_FREE] = left - pages[from];
	}
}
