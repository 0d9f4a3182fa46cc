// SPDX-License-Identifier: Apache-2.0
/* A folio goes to other frames: migrate_folio_unmap(), move_to_new_folio(),
 * remove_migration_ptes() of mm/migrate.c in one. */
#include "vmcore/reclaim/compact.h"
#include "vmcore/space/pgtable.h"

#include <string.h>

#define PTE_PFN_MASK 0x000ffffffffff000ull

struct move {
	struct space *s;
	pfn_t to;
};

bool folio_movable(const struct space *s, pfn_t folio)
{
	const struct frame *f = frame_at(s->phys, folio);
	uint32_t stays = PG_LOCKED | PG_WRITEBACK | PG_SWAPCACHE | PG_KSM |
			 PG_DEFERRED | PG_PMDMAPPED;

	if (!(f->word & PG_LRU) || f->word & stays)
		return false;
	if (f->word & PG_UNEVICTABLE && !s->phys->compact_unevictable_allowed)
		return false;
	return frame_type(f) == FRAME_ANON ||
	       (frame_type(f) == FRAME_FILE && f->owner);
}

static bool move_one(void *arg, uint32_t mm, uint32_t vma, uint64_t addr,
		     uint32_t table, unsigned slot)
{
	struct move *m = arg;
	uint64_t pte = table_at(m->s, table)->entry[slot];

	(void)mm;
	(void)vma;
	(void)addr;
	pte_set(m->s, table, slot, (pte & ~PTE_PFN_MASK) | PTE_OF(m->to));
	return true;
}

void folio_move(struct space *s, struct ctx *ctx, pfn_t folio, pfn_t to)
{
	struct frame *from = frame_at(s->phys, folio);
	struct frame *new = frame_at(s->phys, to);
	unsigned order = frame_order(from);

	lru_del(s->control, folio);
	memcpy(new, from, sizeof(*new) << order);
	for (unsigned i = 1; i < 1u << order; i++)
		new[i].owner = to;
	for (unsigned i = 0; i < 1u << order; i++) {
		struct move m = { s, to + i };

		/* The old frames still say how the folio is found. */
		if (frame_mapcount(from + i))
			rmap_walk(s, folio + i, move_one, &m);
	}
	if (frame_type(from) == FRAME_FILE)
		cache_replace(s->cache, ctx, folio, to);
	page_free(s->phys, ctx, folio, order);
	lru_add(s->control, to);
	ctx_pay(ctx, COST_COPY_PAGE, 1ull << order);
}
