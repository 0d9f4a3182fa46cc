/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_RECLAIM_H
#define VMCORE_RECLAIM_H

#include "vmcore/space/space.h"

/*
 * DOC: taking memory back.
 *
 * Models:  mm/vmscan.c of 6.18; which pages go first: policy.h.
 * Owns:    nothing: who reclaims holds a struct scan, and an LRU is the
 *          control floor's.
 * Units:   pages, ns.
 * Order:   a list from its tail; lists, groups, nodes, priorities as the
 *          kernel goes over them.
 * Omits:   demotion to slower memory for want of memory of a group.
 *
 * A run is cut into steps of one list's 32 pages at most, so that it can be
 * saved, and others act, in between.
 */
#define SWAP_CLUSTER_MAX    32u
#define DEF_PRIORITY	    12
#define SWAPPINESS_MAX	    200u
#define MAX_RECLAIM_RETRIES 16u

enum scan_who { SCAN_KSWAPD, SCAN_DIRECT, SCAN_KHUGEPAGED, SCAN_PROACTIVE };

enum scan_stage { STAGE_PREPARE, STAGE_GROUP, STAGE_LISTS, STAGE_AGE };

/* What stays of a request while it is served: plain data, all of it. */
struct scan {
	/* wanted */
	uint64_t nr_to_reclaim; /* pages */
	uint32_t who; /* enum scan_who */
	uint32_t group; /* whose limit; 0: the machine's memory */
	uint32_t gfp;
	uint32_t order;
	uint32_t highest; /* zone type that helps the request at most */
	int32_t priority; /* DEF_PRIORITY .. 0 */
	uint32_t may_writepage, may_swap;
	uint32_t swappiness; /* asked for, + 1; 0: the group's; MAX + 2: anon */
	uint32_t no_unmap; /* what is mapped stays */
	uint32_t no_demotion, spare_numa; /* nor goes to slow memory */
	uint32_t force_deactivate, skipped_deactivate;
	uint32_t full_walk, low_reclaim, low_skipped;
	uint32_t no_cache_trim_mode, cache_trim_mode_failed;
	/* of the node at hand (prepare_scan_control()) */
	uint32_t deactivate; /* bit 0 anonymous, bit 1 file */
	uint32_t cache_trim_mode, file_is_tiny;
	uint64_t anon_cost, file_cost;
	uint32_t take_mapped, launder; /* of the classic policy */
	/* of the generations: enum gen_stage; the mm whose tables are walked,
	 * 0 not begun, and where; nothing is old enough to go */
	uint32_t gen_stage, walk_mm, too_young, spare_gen;
	uint64_t walk_addr, walk_seq, gen_scanned;
	uint64_t dirty, unqueued_dirty, congested, writeback, immediate;
	uint64_t taken, file_taken;
	/* happened */
	uint64_t nr_scanned, nr_reclaimed;
	/* where it stands */
	uint32_t stage; /* enum scan_stage */
	uint32_t node, memcg;
	uint32_t lru, proportional, adjusted;
	uint64_t nr[4], targets[4], list_reclaimed;
	uint64_t node_reclaimed; /* nr_reclaimed when the node was begun */
};

/*
 * One step of shrink_node(): 32 pages of a list, or one bit of bookkeeping.
 * Return: STEP_MORE, 0 when the node is done, WAIT_TIME (throttled, at its
 * end; or a swap disk's queue is full), a host errno.
 */
int scan_node_step(struct space *s, struct ctx *ctx, struct scan *sc);
/* Was that @result the node's last? */
bool scan_node_over(const struct scan *sc, int result);
/* Begin with @node. */
void scan_node_begin(struct scan *sc, uint32_t node);
/* Pages that reclaim could take from zone @z (zone_reclaimable_pages()). */
uint64_t zone_reclaimable(const struct space *s, unsigned z);
/* Should who made no progress on @node wait for ctx->wait_until? Not if little
 * of it is under way to a disk (skip_throttle_noprogress()). */
bool scan_throttle(const struct space *s, struct ctx *ctx, uint32_t node);

/* --- direct.c: try_to_free_pages() -------------------------------------------
 */
struct direct {
	struct scan scan;
	uint32_t active; /* a run is under way */
	uint32_t stage;
	uint32_t zone; /* index in the zonelist */
	uint32_t last_node;
	uint32_t retries; /* of a charge; loops without progress */
	uint32_t home, nodes; /* whose zonelist; which of it, 0: all */
	uint32_t spare;
};
/* For the request that ctx->need of a failed step tells. */
void direct_begin(const struct space *s, const struct ctx *ctx,
		  const struct need *need, struct direct *d);
/* Return: STEP_MORE, WAIT_TIME, a host errno, or 0: done, and
 * d->scan.nr_reclaimed tells whether there was progress. */
int direct_step(struct space *s, struct ctx *ctx, struct direct *d);

/* --- balance.c: kswapd -------------------------------------------------------
 */
struct balance {
	struct scan scan;
	uint32_t stage;
	uint32_t order, highest; /* asked for */
	uint32_t boosted, raise;
	uint64_t boost_left; /* nr_boost_reclaim */
	uint64_t before;
	uint32_t boosts[MAX_ZONES_PER_NODE];
	uint32_t spare;
};
/* balance_pgdat() of @node. */
void balance_begin(const struct space *s, struct balance *b, uint32_t node,
		   uint32_t order, uint32_t highest);
/* Return: STEP_MORE, WAIT_TIME, a host errno, 0 when done. */
int balance_step(struct space *s, struct ctx *ctx, struct balance *b);

/* --- shrink.c, evict.c: what the files of this floor share
 * -------------------- */
/* Up to @nr pages of @lru of the group at hand; pages freed. */
uint64_t shrink_list(struct space *s, struct ctx *ctx, struct scan *sc,
		     enum lru lru, uint64_t nr);
void shrink_active(struct space *s, struct ctx *ctx, struct scan *sc,
		   enum lru lru, uint64_t nr);
bool inactive_is_low(const struct lruvec *v, bool file);
/* What becomes of isolated folios (shrink_folio_list()). */
struct fates {
	uint64_t dirty, unqueued_dirty, congested, writeback, immediate;
	uint64_t pageout, activate;
};
/* Free @folio, off the LRU and mapped @at that place (NULL: not known), or put
 * it back; its pages if it was freed. */
struct rmap_spot;
uint64_t evict_folio(struct space *s, struct ctx *ctx, struct scan *sc,
		     pfn_t folio, const struct rmap_spot *at,
		     bool ignore_references, struct fates *fates);
/* A folio that is kept goes back to the LRU. */
void scan_putback(struct space *s, pfn_t folio);
/* MADV_PAGEOUT: @folio, on the LRU, goes if nobody else needs it; pages. */
uint64_t reclaim_folio(struct space *s, struct ctx *ctx, pfn_t folio);

/* --- prepare.c -------------------------------------------------------------
 */
/* Nothing was counted of the node yet. */
void scan_reset(struct scan *sc);
void scan_prepare(const struct space *s, struct scan *sc);
/* What of @pages of the group at hand its protection leaves. */
uint64_t scan_protect(const struct space *s, struct scan *sc, uint64_t pages);
uint32_t scan_swappiness(const struct space *s, const struct scan *sc);
/* get_scan_count() into sc->nr. */
void scan_count(const struct space *s, const struct ctx *ctx, struct scan *sc);
/* Remember what refaults there were (snapshot_refaults()). */
void scan_snapshot(struct space *s, uint32_t group, uint32_t node);
static inline struct lruvec *scan_lruvec(const struct space *s,
					 const struct scan *sc)
{
	return &group_at(s->control, sc->memcg)->lruvec[sc->node];
}
static inline uint32_t scan_target(const struct scan *sc)
{
	return sc->group ? sc->group : GROUP_ROOT;
}
/* --- demote.c --------------------------------------------------------------
 */
/* Is there slow memory for what is cold on the node at hand? */
bool scan_can_demote(const struct space *s, const struct scan *sc);
/* @folio, off the LRU, goes there, on its LRU; false: it does not. */
bool folio_demote(struct space *s, struct ctx *ctx, const struct scan *sc,
		  pfn_t folio);

/* May anonymous pages leave at all? */
bool scan_can_swap(const struct space *s, uint32_t group);

#endif
