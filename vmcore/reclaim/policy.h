/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_POLICY_H
#define VMCORE_POLICY_H

#include "vmcore/reclaim/reclaim.h"
#include "vmcore/space/unmap.h"

/*
 * DOC: which pages go first: one row of operations a policy.
 *
 * Models:  the forks of mm/vmscan.c at lru_gen_enabled() (6.18), and the
 *          kernels up to 2.6.27.
 * Owns:    nothing: control.policy says which row is in force.
 * Units:   pages.
 * Order:   as each policy goes over its lists.
 * Omits:   who reclaims, and when: direct.c, balance.c; what becomes of a
 *          page that was chosen: evict.c. All policies share these.
 */
enum reference { REF_RECLAIM, REF_RECLAIM_CLEAN, REF_KEEP, REF_ACTIVATE };

struct scan_policy {
	/* A node is begun: clears what sc counts of it, looks at its lists. */
	void (*node)(struct space *s, struct ctx *ctx, struct scan *sc);
	/* A group of it is begun: how much of what. */
	void (*group)(struct space *s, struct ctx *ctx, struct scan *sc);
	/* The group's next batch; what was freed goes to list_reclaimed.
	 * False: it is done. */
	bool (*step)(struct space *s, struct ctx *ctx, struct scan *sc);
	/* It is done; slabs are next. True: who asked has enough. */
	bool (*group_end)(struct space *s, struct ctx *ctx, struct scan *sc);
	/* kswapd, before each priority (kswapd_age_node()); NULL: nothing. */
	void (*age)(struct space *s, struct ctx *ctx, struct scan *sc);
	/* Is @folio, off the LRU, in use (folio_check_references())? */
	enum reference (*references)(struct space *s, const struct scan *sc,
				     pfn_t folio, const struct rmap_spot *at);
	/* A folio that was chosen and is kept; NULL: it goes as it is. */
	void (*putback)(struct space *s, pfn_t folio);
	/* What is dirty or being written keeps its place; else it is active
	 * until that is over. */
	bool dirty_stay;
};

/* The one in force. */
const struct scan_policy *scan_policy(const struct space *s);

/* --- twolist.c: two lists a type, 6.18's own ---------------------------- */
void twolist_node(struct space *s, struct ctx *ctx, struct scan *sc);
void twolist_group(struct space *s, struct ctx *ctx, struct scan *sc);
bool twolist_step(struct space *s, struct ctx *ctx, struct scan *sc);
bool twolist_group_end(struct space *s, struct ctx *ctx, struct scan *sc);
void twolist_age(struct space *s, struct ctx *ctx, struct scan *sc);
enum reference twolist_references(struct space *s, const struct scan *sc,
				  pfn_t folio, const struct rmap_spot *at);

/* --- classic.c: one active and one inactive list, before 2.6.28 ---------- */
void classic_node(struct space *s, struct ctx *ctx, struct scan *sc);
void classic_group(struct space *s, struct ctx *ctx, struct scan *sc);
bool classic_step(struct space *s, struct ctx *ctx, struct scan *sc);
bool classic_group_end(struct space *s, struct ctx *ctx, struct scan *sc);
enum reference classic_references(struct space *s, const struct scan *sc,
				  pfn_t folio, const struct rmap_spot *at);

/* --- mglru.c: generations ------------------------------------------------- */
void mglru_node(struct space *s, struct ctx *ctx, struct scan *sc);
void mglru_group(struct space *s, struct ctx *ctx, struct scan *sc);
bool mglru_step(struct space *s, struct ctx *ctx, struct scan *sc);
bool mglru_group_end(struct space *s, struct ctx *ctx, struct scan *sc);
void mglru_age(struct space *s, struct ctx *ctx, struct scan *sc);
enum reference mglru_references(struct space *s, const struct scan *sc,
				pfn_t folio, const struct rmap_spot *at);
void mglru_putback(struct space *s, pfn_t folio);
/* sc_swappiness() of the group at hand, 0 where nothing can go to swap. */
unsigned mglru_swappiness(const struct space *s, const struct scan *sc);
/* --- mglru-walk.c */
/* Go on through the page tables of the group's processes: what was used joins
 * the youngest generation. True: all were seen. */
bool mglru_walk(struct space *s, struct ctx *ctx, struct scan *sc);
/* --- mglru-evict.c */
/* Up to @nr pages, of a batch, of the oldest generation (evict_folios()).
 * Pages looked at, 0: no more can be had. */
uint64_t mglru_evict(struct space *s, struct ctx *ctx, struct scan *sc,
		     uint64_t nr);

/* Is @what, a choice packed, news about the node at hand? Then it is told. */
bool scan_news(struct space *s, const struct ctx *ctx, const struct scan *sc,
	       uint64_t what);

/* --- shrink.c: what policies share --------------------------------------- */
struct isolated {
	pfn_t folios[SWAP_CLUSTER_MAX]; /* oldest first */
	struct rmap_spot at[SWAP_CLUSTER_MAX]; /* where they are mapped */
	unsigned nr;
	uint64_t pages; /* of them */
	uint64_t scanned; /* with what was passed over */
};
/* Up to @nr pages off the tail of @list, that has @limit. */
void scan_isolate(struct space *s, const struct scan *sc, struct lru_list *list,
		  uint64_t limit, uint64_t nr, struct isolated *got);
/* Count in the group, and with @machine in the machine. */
void scan_event(struct space *s, const struct scan *sc, enum event item,
		uint64_t pages, bool machine);
void scan_count_scanned(struct space *s, const struct scan *sc, bool file,
			uint64_t pages);
void scan_count_stolen(struct space *s, const struct scan *sc, bool file,
		       uint64_t pages);
void scan_add_fates(struct scan *sc, const struct fates *fates, uint64_t taken);

static inline bool folio_is_file(const struct frame *f)
{
	return !(f->word & PG_SWAPBACKED);
}

#endif
