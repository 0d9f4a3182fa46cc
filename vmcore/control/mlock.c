// SPDX-License-Identifier: Apache-2.0
/*
 * Folios that may not be evicted (mm/mlock.c). An unevictable folio is not
 * linked, so frame.prev is free to count the mappings that lock it, as the
 * kernel's folio.mlock_count does; like there the count is lost when the
 * folio leaves the LRU for a while.
 */
#include "vmcore/control/lru-list.h"

static void count(struct control *c, pfn_t folio, enum event item)
{
	vmstat_event(&c->phys->stat, item,
		     folio_pages(frame_at(c->phys, folio)));
}

static void count_mlock(struct control *c, pfn_t folio, int sign)
{
	const struct frame *f = frame_at(c->phys, folio);

	vmstat_zone(&c->phys->stat, pfn_zone(c->phys, folio), NR_MLOCK,
		    sign * (int64_t)folio_pages(f));
}

/* lru_add(), mlock_new_folio(): what was locked while on no list. */
bool lru_settle(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (!(f->word & PG_MLOCKED))
		return false;
	if (!(f->word & PG_UNEVICTABLE))
		count(c, folio, UNEVICTABLE_PGCULLED);
	f->word = (f->word & ~PG_ACTIVE) | PG_UNEVICTABLE;
	lru_link(c, folio, false);
	f->prev = 1;
	return true;
}

void lru_cull(struct control *c, pfn_t folio)
{
	uint32_t word = frame_at(c->phys, folio)->word;

	if (!(word & PG_LRU) || word & PG_UNEVICTABLE)
		return;
	lru_move(c, folio, PG_ACTIVE, PG_UNEVICTABLE, false);
	count(c, folio, UNEVICTABLE_PGCULLED);
}

/* check_move_unevictable_folios() */
void lru_rescue(struct control *c, pfn_t folio)
{
	uint32_t word = frame_at(c->phys, folio)->word;

	if (!(word & PG_LRU) || !(word & PG_UNEVICTABLE))
		return;
	count(c, folio, UNEVICTABLE_PGSCANNED);
	if (word & PG_MLOCKED)
		return;
	lru_move(c, folio, PG_UNEVICTABLE, 0, false);
	count(c, folio, UNEVICTABLE_PGRESCUED);
}

void lru_mlock(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (!(f->word & PG_MLOCKED)) {
		f->word |= PG_MLOCKED;
		count_mlock(c, folio, 1);
		count(c, folio, UNEVICTABLE_PGMLOCKED);
	}
	if (!(f->word & PG_LRU))
		return;
	lru_cull(c, folio);
	f->prev++;
}

/* munlock_folio(): the lock of the last mapping is gone. */
static void munlock(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	bool stranded = !(f->word & PG_LRU) && f->word & PG_UNEVICTABLE;

	if (f->word & PG_MLOCKED) {
		f->word &= ~PG_MLOCKED;
		count_mlock(c, folio, -1);
		count(c, folio,
		      stranded ? UNEVICTABLE_PGSTRANDED
			       : UNEVICTABLE_PGMUNLOCKED);
	}
	if (!(f->word & PG_LRU) || !(f->word & PG_UNEVICTABLE))
		return;
	lru_move(c, folio, PG_UNEVICTABLE, 0, false);
	count(c, folio, UNEVICTABLE_PGRESCUED);
}

void lru_munlock(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);

	if (f->word & PG_LRU && f->word & PG_UNEVICTABLE) {
		if (f->prev)
			f->prev--;
		if (f->prev)
			return;
	}
	munlock(c, folio);
}
