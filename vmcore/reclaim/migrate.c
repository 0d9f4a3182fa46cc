// SPDX-License-Identifier: Apache-2.0
/* A folio goes to other frames: migrate_folio_unmap(), move_to_new_folio(),
 * remove_migration_ptes() of mm/migrate.c in one. */
#include "vmcore/reclaim/compact.h"

#include "vmcore/cache/swap.h"
#include "vmcore/space/pgtable.h"

#include <string.h>

#define PTE_PFN_MASK 0x000ffffffffff000ull

struct move {
	struct space *s;
	pfn_t to;
};

bool folio_migratable(const struct space *s, pfn_t folio)
{
	return frame_at(s->phys, folio)->word & PG_LRU &&
	       folio_may_leave(s, folio);
}

/* Beside what compaction moves: huge pages whole, and those of the swap
 * cache. */
bool folio_may_leave(const struct space *s, pfn_t folio)
{
	const struct frame *f = frame_at(s->phys, folio);

	if (f->word & (PG_LOCKED | PG_WRITEBACK | PG_KSM))
		return false;
	/* __buffer_migrate_folio(): nobody else has its buffers. */
	if (folio_pinned(s->cache, folio))
		return false;
	return frame_type(f) == FRAME_ANON ||
	       (frame_type(f) == FRAME_FILE &&
		(f->owner || f->word & PG_SWAPCACHE));
}

bool folio_movable(const struct space *s, pfn_t folio, enum compact_mode mode)
{
	static const uint32_t busy[] = {
		[COMPACT_ASYNC] = PG_LOCKED | PG_WRITEBACK,
		[COMPACT_SYNC_LIGHT] = PG_LOCKED,
		[COMPACT_SYNC] = 0,
	};
	const struct frame *f = frame_at(s->phys, folio);
	uint32_t stays = busy[mode];

	if (!(f->word & PG_LRU) || f->word & stays ||
	    folio_pinned(s->cache, folio))
		return false;
	if (f->word & PG_UNEVICTABLE && !s->phys->compact_unevictable_allowed)
		return false;
	return frame_type(f) == FRAME_ANON ||
	       (frame_type(f) == FRAME_FILE &&
		(f->owner || f->word & PG_SWAPCACHE));
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

/* What the counters of a node and its zone hold for @folio while @at is its
 * place (__folio_migrate_mapping(), and what unmapping and mapping it again
 * would do). */
static void account(struct space *s, pfn_t folio, pfn_t at, int sign)
{
	struct frame *f = frame_at(s->phys, folio);
	bool file = frame_type(f) == FRAME_FILE, mapped = frame_mapcount(f);
	bool shmem = file && f->word & PG_SWAPBACKED;
	int64_t pages = sign * (1ll << frame_order(f));
	int64_t huge = f->word & PG_PMDMAPPED ? pages : 0;
	int64_t nr_mapped = mapped ? sign : 0;
	const struct {
		enum node_stat item;
		int64_t delta;
	} rows[] = {
		{ file ? NR_FILE_MAPPED : NR_ANON_MAPPED,
		  frame_order(f) ? sign * (int64_t)*folio_nr_mapped(f)
				 : nr_mapped },
		{ !file	  ? NR_ANON_THPS
		  : shmem ? NR_SHMEM_PMDMAPPED
			  : NR_FILE_PMDMAPPED,
		  huge },
		{ NR_FILE_PAGES, file || f->word & PG_SWAPCACHE ? pages : 0 },
		{ NR_SHMEM, shmem && f->owner ? pages : 0 },
		{ shmem ? NR_SHMEM_THPS : NR_FILE_THPS,
		  file && f->owner && frame_order(f) == HPAGE_ORDER ? pages
								    : 0 },
		{ NR_SWAPCACHE, f->word & PG_SWAPCACHE ? pages : 0 },
		{ NR_FILE_DIRTY,
		  file && !shmem && f->word & PG_DIRTY ? pages : 0 },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].delta)
			group_stat(s->control, frame_group(f),
				   pfn_node(s->phys, at), rows[i].item,
				   rows[i].delta);
	if (file && !shmem && f->word & PG_DIRTY)
		vmstat_zone(&s->phys->stat, pfn_zone(s->phys, at),
			    NR_ZONE_WRITE_PENDING, pages);
	if (f->word & PG_MLOCKED)
		vmstat_zone(&s->phys->stat, pfn_zone(s->phys, at), NR_MLOCK,
			    pages);
}

void folio_move(struct space *s, struct ctx *ctx, pfn_t folio, pfn_t to)
{
	struct frame *from = frame_at(s->phys, folio);
	struct frame *new = frame_at(s->phys, to);
	unsigned order = frame_order(from);

	if (frame_type(from) == FRAME_ANON) {
		thp_unmapping(s, folio);
		thp_undefer(s, folio);
	}
	if (from->word & PG_LRU)
		lru_del(s->control, folio);
	if (pfn_zone(s->phys, folio) != pfn_zone(s->phys, to)) {
		account(s, folio, folio, -1);
		account(s, folio, to, 1);
	}
	memcpy(new, from, sizeof(*new) << order);
	for (unsigned i = 1; i < 1u << order; i++)
		new[i].owner = to;
	for (unsigned i = 0; i < 1u << order; i++) {
		struct move m = { s, to + i };

		/* The old frames still say how the folio is found. */
		if (frame_mapcount(from + i))
			rmap_walk(s, folio + i, move_one, &m);
	}
	if (from->word & PG_KSM)
		ksm_moved(s, folio, to);
	if (from->word & PG_SWAPCACHE)
		swap_replace(s->cache, folio, to);
	else if (frame_type(from) == FRAME_FILE)
		cache_replace(s->cache, ctx, folio, to);
	page_free(s->phys, ctx, folio, order);
	lru_add(s->control, to);
	ctx_pay(ctx, COST_COPY_PAGE, 1ull << order);
}
