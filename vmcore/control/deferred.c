// SPDX-License-Identifier: Apache-2.0
/* The queues of folios to be split when memory is short: struct
 * deferred_split, which deferred_split_scan() of mm/huge_memory.c empties. */
#include "vmcore/control/control.h"

/* Links stand in the second tail: a folio of two pages is never queued. */
static struct frame *link_of(const struct control *c, pfn_t folio)
{
	return frame_at(c->phys, folio + 2);
}

void deferred_add(struct control *c, pfn_t folio)
{
	struct lruvec *v = folio_lruvec(c, folio);
	struct frame *link = link_of(c, folio);

	if (frame_at(c->phys, folio)->word & PG_DEFERRED)
		return;
	link->next = PFN_NONE;
	link->prev = v->deferred_tail;
	if (v->deferred_tail != PFN_NONE)
		link_of(c, v->deferred_tail)->next = folio;
	else
		v->deferred_head = folio;
	v->deferred_tail = folio;
	v->nr_deferred++;
	frame_at(c->phys, folio)->word |= PG_DEFERRED;
}

void deferred_del(struct control *c, pfn_t folio)
{
	struct lruvec *v;
	struct frame *link;

	/* A small page has no second tail: none may be there behind it. */
	if (!(frame_at(c->phys, folio)->word & PG_DEFERRED))
		return;
	v = folio_lruvec(c, folio);
	link = link_of(c, folio);
	if (link->prev != PFN_NONE)
		link_of(c, link->prev)->next = link->next;
	else
		v->deferred_head = link->next;
	if (link->next != PFN_NONE)
		link_of(c, link->next)->prev = link->prev;
	else
		v->deferred_tail = link->prev;
	link->next = link->prev = 0;
	v->nr_deferred--;
	frame_at(c->phys, folio)->word &= ~PG_DEFERRED;
}
