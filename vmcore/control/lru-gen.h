/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_LRU_GEN_H
#define VMCORE_LRU_GEN_H

#include "vmcore/control/control.h"

/*
 * DOC: generations of folios: the multi-generational LRU.
 *
 * Models:  include/linux/mm_inline.h (lru_gen_add_folio() and its like), the
 *          generations, tiers and controller of mm/vmscan.c, 6.18 with
 *          NR_HIST_GENS 1.
 * Owns:    one record a group and node, while POLICY_MGLRU.
 * Units:   pages, ns; sequence numbers from 0, their last two bits in the
 *          frame (frame_gen()).
 * Order:   a list from its tail; newest at the head.
 * Omits:   lazy moves: a folio found in use goes to its new list at once; the
 *          memory-group LRU: groups in the order of the tree.
 */
#define MIN_NR_GENS   2u
#define MAX_NR_GENS   4u
#define MAX_NR_TIERS  4u
#define MIN_LRU_BATCH 64u
#define MAX_LRU_BATCH 4096u

/* What a walk of page tables met (enum in mmzone.h: MM_LEAF_TOTAL ...). */
enum gen_walk { WALK_TOTAL, WALK_YOUNG, WALK_FOUND, WALK_ADDED, NR_GEN_WALKS };

struct lru_gens {
	uint64_t max_seq, min_seq[2]; /* anonymous, file */
	vtime_t born[MAX_NR_GENS];
	struct lru_list list[MAX_NR_GENS][2][MAX_ZONES_PER_NODE];
	/* by type and tier: of the oldest generation, and before it */
	uint64_t refaulted[2][MAX_NR_TIERS], evicted[2][MAX_NR_TIERS];
	uint64_t protected[2][MAX_NR_TIERS];
	uint64_t avg_refaulted[2][MAX_NR_TIERS], avg_total[2][MAX_NR_TIERS];
	uint64_t walk[NR_GEN_WALKS];
};

static inline struct lru_gens *gens_at(const struct control *c, uint32_t group,
				       unsigned node)
{
	return pool_at(&c->gens, group_at(c, group)->lruvec[node].gens);
}
static inline unsigned gen_of(uint64_t seq)
{
	return (unsigned)(seq % MAX_NR_GENS);
}
static inline unsigned gens_nr(const struct lru_gens *g, bool file)
{
	return (unsigned)(g->max_seq - g->min_seq[file] + 1);
}
static inline bool gen_is_active(const struct lru_gens *g, unsigned gen)
{
	return gen == gen_of(g->max_seq) || gen == gen_of(g->max_seq - 1);
}

/* lru_gen/enabled: all folios change over. 0 or a host errno. */
int gens_switch(struct control *c, bool on, vtime_t now);
/* The records of a new group; it was born at @now; those of one that goes. */
int gens_new(struct control *c, uint32_t group, vtime_t now);
void gens_date(struct control *c, uint32_t group, vtime_t now);
void gens_free(struct control *c, uint32_t group);

/* --- one folio ---------------------------------------------------------- */
/* By its generation: the list it is counted on, the one it is linked on. */
enum lru gen_lru(const struct control *c, pfn_t folio);
struct lru_list *gen_list(const struct control *c, pfn_t folio);
/* Its generation by its flags (lru_gen_folio_seq()); @oldest: as one to be
 * reclaimed next. */
uint64_t gen_seq(const struct control *c, pfn_t folio, bool oldest);
void gen_choose(struct control *c, pfn_t folio, bool oldest);
/* It goes to generation @gen of its lruvec. */
void gen_move(struct control *c, pfn_t folio, unsigned gen, bool tail);
/* folio_lru_refs(), lru_tier_from_refs() */
unsigned frame_refs(const struct frame *f);
unsigned frame_tier(const struct frame *f);
unsigned gen_tier(unsigned refs, bool workingset);
/* All of its uses through descriptors are counted, and it came back once:
 * it goes on without being counted as protected. */
bool frame_promoted(const struct frame *f);
/* One more use (lru_gen_inc_refs()). */
void gen_use(struct frame *f);
/* Used through page tables, by who looks at @folio alone (true: the second
 * time) and by who walks the tables: then it joins the youngest. */
bool gen_set_refs(struct frame *f);
void gen_walked(struct control *c, pfn_t folio);
/* It goes to the generation after the oldest (folio_inc_gen()). */
void gen_advance(struct control *c, pfn_t folio, bool reclaiming, bool tail);

/* --- generations of an lruvec ------------------------------------------- */
/* The oldest of what @swappiness lets go (evictable_min_seq()). */
uint64_t gens_min(const struct lru_gens *g, unsigned swappiness);
/* Pages of these types. */
uint64_t gens_pages(const struct lru_gens *g, unsigned swappiness);
/* Empty generations are gone: did any go (try_to_inc_min_seq())? */
bool gens_trim(struct control *c, uint32_t group, unsigned node,
	       unsigned swappiness);
/*
 * A new youngest generation (inc_max_seq()). Where there are four, the oldest
 * joins the next first, at most @budget folios of it. Return: false if there
 * are more.
 */
bool gens_grow(struct control *c, uint32_t group, unsigned node,
	       unsigned swappiness, vtime_t now);

/* --- tiers (the controller) --------------------------------------------- */
/* Types and tiers by what came back of them; tier MAX_NR_TIERS: all. */
bool gens_file_first(const struct lru_gens *g, unsigned swappiness);
/* Tiers above this one are protected (get_tier_idx()). */
unsigned gens_tier(const struct lru_gens *g, bool file);
/* Half of what was counted stays (reset_ctrl_pos()). */
void gens_carry(struct lru_gens *g, bool file);

/* @file: 0 anonymous alone ... for both types that @swappiness lets go. */
#define gens_for_each_type(type, swappiness)                                \
	for (unsigned type = !(swappiness); type <= ((swappiness) <= 200u); \
	     type++)

#endif
