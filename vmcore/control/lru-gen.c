// SPDX-License-Identifier: Apache-2.0
/* One folio and its generation (include/linux/mm_inline.h, mm/swap.c). */
#include "vmcore/control/lru-gen.h"
#include "vmcore/control/lru-list.h"

static bool is_file(const struct frame *f)
{
	return !(f->word & PG_SWAPBACKED);
}

static struct lru_gens *gens_of(const struct control *c, pfn_t folio)
{
	return pool_at(&c->gens, folio_lruvec(c, folio)->gens);
}

enum lru gen_lru(const struct control *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	unsigned base = is_file(f) ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;

	return (enum lru)(base +
			  gen_is_active(gens_of(c, folio), frame_gen(f)));
}

struct lru_list *gen_list(const struct control *c, pfn_t folio)
{
	const struct frame *f = frame_at(c->phys, folio);
	unsigned type = pfn_zone(c->phys, folio) % MAX_ZONES_PER_NODE;

	return &gens_of(c, folio)->list[frame_gen(f)][is_file(f)][type];
}

/* How far from the youngest: what is in use, what may be, what waits to be
 * written, what was read once. */
static unsigned distance(const struct frame *f, bool oldest)
{
	unsigned back = f->word & PG_WORKINGSET ? 1 : 0;

	if (f->word & PG_ACTIVE)
		return MIN_NR_GENS - back;
	if (oldest)
		return MAX_NR_GENS;
	if (!is_file(f) && !(f->word & PG_SWAPCACHE))
		return MIN_NR_GENS;
	if ((f->word & PG_RECLAIM) && (f->word & (PG_DIRTY | PG_WRITEBACK)))
		return MIN_NR_GENS;
	return MAX_NR_GENS - back;
}

uint64_t gen_seq(const struct control *c, pfn_t folio, bool oldest)
{
	const struct frame *f = frame_at(c->phys, folio);
	const struct lru_gens *g = gens_of(c, folio);
	uint64_t seq = g->max_seq - distance(f, oldest) + 1;

	return seq > g->min_seq[is_file(f)] ? seq : g->min_seq[is_file(f)];
}

void gen_choose(struct control *c, pfn_t folio, bool oldest)
{
	struct frame *f = frame_at(c->phys, folio);

	if (f->word & PG_UNEVICTABLE)
		return;
	frame_set_gen(f, gen_of(gen_seq(c, folio, oldest)));
	f->word &= ~PG_ACTIVE;
}

void gen_move(struct control *c, pfn_t folio, unsigned gen, bool tail)
{
	lru_isolate(c, folio);
	frame_set_gen(frame_at(c->phys, folio), gen);
	lru_join(c, folio, tail);
}

/* --- use ----------------------------------------------------------------
 */
unsigned frame_refs(const struct frame *f)
{
	if (!(f->word & PG_REFERENCED))
		return 0;
	return ((f->word & FRAME_REFS_MASK) >> FRAME_REFS_SHIFT) + 1;
}

unsigned gen_tier(unsigned refs, bool workingset)
{
	static const unsigned char order[] = { 0, 0, 1, 2, 2 };

	return workingset ? MAX_NR_TIERS - 1 : order[refs];
}

unsigned frame_tier(const struct frame *f)
{
	return gen_tier(frame_refs(f), f->word & PG_WORKINGSET);
}

bool frame_promoted(const struct frame *f)
{
	return frame_refs(f) == 4 && f->word & PG_WORKINGSET;
}

void gen_use(struct frame *f)
{
	if (f->word & PG_UNEVICTABLE)
		return;
	if (!(f->word & PG_REFERENCED))
		f->word = (f->word & ~FRAME_REFS_MASK) | PG_REFERENCED;
	else if ((f->word & FRAME_REFS_MASK) == FRAME_REFS_MASK)
		f->word |= PG_WORKINGSET;
	else
		f->word += 1u << FRAME_REFS_SHIFT;
}

bool gen_set_refs(struct frame *f)
{
	bool again = f->word & (PG_REFERENCED | PG_WORKINGSET);

	f->word &= ~(FRAME_REFS_MASK | PG_REFERENCED);
	f->word |= again ? PG_WORKINGSET : PG_REFERENCED;
	return again;
}

/* folio_update_gen() */
void gen_walked(struct control *c, pfn_t folio)
{
	struct frame *f = frame_at(c->phys, folio);
	unsigned gen = gen_of(gens_of(c, folio)->max_seq);

	if (gen_set_refs(f) && frame_gen(f) != gen)
		gen_move(c, folio, gen, false);
}

void gen_advance(struct control *c, pfn_t folio, bool reclaiming, bool tail)
{
	struct frame *f = frame_at(c->phys, folio);
	uint64_t oldest = gens_of(c, folio)->min_seq[is_file(f)];

	f->word &= ~(FRAME_REFS_MASK | PG_REFERENCED);
	if (reclaiming)
		f->word |= PG_RECLAIM;
	gen_move(c, folio, gen_of(oldest + 1), tail);
}
