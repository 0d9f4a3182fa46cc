/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_LRU_LIST_H
#define VMCORE_LRU_LIST_H

#include "vmcore/control/control.h"

/*
 * DOC: what the files of the LRU share among themselves.
 *
 * Models:  include/linux/mm_inline.h, mm/swap.c of 6.18.
 * Owns:    nothing.
 * Units:   pages of a folio.
 * Order:   as control.h.
 * Omits:   what other floors may call: control.h.
 */
static inline uint32_t folio_pages(const struct frame *f)
{
	return 1u << frame_order(f);
}

/* --- page-state.c ------------------------------------------------------- */
/* The state of @f, which joins a list, by its flags. */
void state_choose(struct control *c, struct frame *f);
/* Its list; @lru: as it is counted. */
static inline struct lru_list *state_list(struct lruvec *v,
					  const struct frame *f, enum lru lru)
{
	if (frame_gen(f) == STATE_INACTIVE_CLEAN)
		return &v->clean;
	return &v->list[(unsigned)lru | LRU_INACTIVE_FILE];
}

/* Where a folio is linked. */
struct lru_list *lru_home(const struct control *c, pfn_t folio);
/* Flags are right: count and link @folio, which is on no list. */
void lru_link(struct control *c, pfn_t folio, bool tail);
/* The same where its generation or state is right too. */
void lru_join(struct control *c, pfn_t folio, bool tail);
/* A folio of the LRU changes flags, and with them its list. */
void lru_move(struct control *c, pfn_t folio, uint32_t clear, uint32_t set,
	      bool tail);
/* Count @item by the folio's pages, in the machine and in its group. */
void lru_count_event(struct control *c, pfn_t folio, enum event item);
/* A mlocked folio that comes to the LRU: true if it has been put on the
 * unevictable list. */
bool lru_settle(struct control *c, pfn_t folio);

#endif
