/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_COMPACT_H
#define VMCORE_COMPACT_H

#include "vmcore/space/space.h"

/*
 * DOC: compaction: movable pages go to the end of their zone.
 *
 * Models:  mm/compaction.c, mm/migrate.c of 6.18; alloc_contig_pages() of
 *          mm/page_alloc.c.
 * Owns:    nothing: where the scanners stand is the zone's, a run its
 *          caller's.
 * Units:   pages and pfn.
 * Order:   the migrate scanner upwards, the free scanner downwards a
 *          pageblock, upwards in it.
 * Omits:   the fast search of free lists.
 *
 * A run is cut into steps of 32 isolated pages, or of a pageblock that is
 * looked at a second time; between them nothing is isolated.
 */
#define COMPACT_CLUSTER_MAX 32u
#define COMPACT_ALL	    UINT32_MAX /* order: not for a request */
#define COMPACT_MAX_DEFER   6u

enum compact_mode { COMPACT_ASYNC, COMPACT_SYNC_LIGHT, COMPACT_SYNC };

/* How hard a request tries, hardest first. */
enum compact_priority {
	COMPACT_PRIO_FULL,
	COMPACT_PRIO_LIGHT,
	COMPACT_PRIO_ASYNC
};

enum compact_result {
	COMPACTED_SKIPPED, /* no zone is worth it */
	COMPACTED_DEFERRED, /* it was in vain too often */
	COMPACTED_CONTINUE, /* it may begin */
	COMPACTED_COMPLETE, /* a whole zone, in vain */
	COMPACTED_PARTIAL, /* the rest of one, in vain */
	COMPACTED_CONTENDED, /* no free page may be taken */
	COMPACTED_SUCCESS,
};

/* One run over one zone. */
struct compact {
	uint32_t zone;
	uint32_t order; /* of the request, or COMPACT_ALL */
	uint32_t type; /* its migratetype */
	uint32_t mode; /* enum compact_mode */
	uint32_t direct; /* by who needs it */
	uint32_t daemon; /* by kcompactd */
	uint32_t proactive; /* until the zone is less fragmented */
	uint32_t ignore_skip; /* also blocks said to hold nothing */
	uint32_t any_target; /* free pages of any type of pageblock */
	uint32_t whole; /* began at the zone's start */
	uint32_t migrate_pfn;
	uint32_t free_block; /* pageblock the free scanner is at */
	uint32_t free_pfn; /* and the next page of it */
	uint32_t free_seen; /* where it was already, in that block */
	uint32_t stride; /* it looks at every so many-th page */
	uint32_t last_migrated; /* pageblock, PFN_NONE none */
	uint32_t starved; /* the min watermark was reached */
	uint32_t result; /* when it is over */
};

/* Begin; with c->whole not where the last run ended. What is above it in
 * the record is set. */
void compact_begin(struct space *s, struct compact *c);
/* Return: STEP_MORE; 0: over, c->result; WAIT_IO (COMPACT_SYNC: a page is
 * written or read); a host errno. */
int compact_step(struct space *s, struct ctx *ctx, struct compact *c);

#define PAGEBLOCK_MASK (~(PAGEBLOCK_PAGES - 1))
static inline struct zone *compact_zone(const struct space *s,
					const struct compact *c)
{
	return &s->phys->zones[c->zone];
}
/* Count @item, and @daemon if it is kcompactd's run. */
static inline void compact_count(struct space *s, const struct compact *c,
				 enum event item, enum event daemon,
				 uint64_t pages)
{
	vmstat_event(&s->phys->stat, item, pages);
	if (c->daemon)
		vmstat_event(&s->phys->stat, daemon, pages);
}
/* Nothing is to be had in the pageblock, as somebody found. */
bool compact_may_skip(const struct space *s, const struct compact *c,
		      pfn_t block);

/* --- compact-move.c ---------------------------------------------------------
 */
/* Move the @nr folios, isolated, of @pages pages, to where the free scanner
 * finds room. 0, host errno. */
int compact_move(struct space *s, struct ctx *ctx, struct compact *c,
		 const pfn_t *folio, unsigned nr, uint64_t pages);

/* --- compact-zone.c: what a zone remembers ----------------------------------
 */
/* Behind the zone's last frame. */
pfn_t compact_zone_end(const struct phys *p, const struct zone *z);
/* The scanners start from its ends next time. */
void compact_rewind(const struct phys *p, struct zone *z);
/* Forget which pageblocks held nothing (__reset_isolation_suitable()). */
void compact_forget(struct phys *p, unsigned zone);
bool compact_deferred(struct zone *z, unsigned order);
void compact_defer(struct zone *z, unsigned order);
void compact_defer_reset(struct zone *z, unsigned order, bool allocated);
/* The deferral is over: this run is worth a new look everywhere. */
bool compact_restarting(const struct zone *z, unsigned order);
/* May it begin (compaction_suit_allocation_order())? SUCCESS: there is a
 * block already; SKIPPED: too little is free, or that is not the trouble. */
enum compact_result compact_suitable(const struct phys *p, unsigned zone,
				     unsigned order, unsigned highest);
/* Would it be if @more pages were free too? */
bool compact_suitable_with(const struct phys *p, unsigned zone, unsigned order,
			   unsigned highest, uint64_t more);
/* The mark below which a proactive run ends, or (@low false) from which on
 * it begins: hundredths. */
unsigned compact_score_mark(const struct phys *p, bool low);
unsigned compact_score_node(const struct phys *p, unsigned node);

/* --- compact-run.c ------------------------------------------------------- */
/* Begin to move all of @zone, as a write to compact_memory has it. */
void compact_all_begin(struct space *s, uint32_t zone, struct compact *c);

/* try_to_compact_pages(): zone by zone for one request. */
struct compact_direct {
	uint32_t order, gfp, nodes, home;
	uint32_t priority; /* enum compact_priority */
	uint32_t next; /* in the zonelist */
	uint32_t running;
	uint32_t result; /* enum compact_result: the best of its zones */
	struct compact run;
};
void compact_direct_begin(const struct need *need, enum compact_priority prio,
			  struct compact_direct *d);
/* Return: STEP_MORE; 0: over, d->result; a host errno. */
int compact_direct_step(struct space *s, struct ctx *ctx,
			struct compact_direct *d);

/* kcompactd_do_work(), or a proactive run, of one node. */
struct compact_daemon {
	uint32_t node, order, highest;
	uint32_t proactive;
	uint32_t next; /* zone type */
	uint32_t running;
	struct compact run;
};
void compact_daemon_begin(struct space *s, uint32_t node, bool proactive,
			  struct compact_daemon *d);
/* Return: STEP_MORE; 0: over; a host errno. */
int compact_daemon_step(struct space *s, struct ctx *ctx,
			struct compact_daemon *d);
/* Is there a zone where what kcompactd of @node is asked for makes sense? */
bool compact_daemon_useful(const struct phys *p, uint32_t node);

/* --- contig-room.c ----------------------------------------------------------
 */
/*
 * Where contig_alloc() found nothing: what is in the first run of 2^@order
 * frames of @node that holds nothing but movable pages goes elsewhere, clean
 * pages of files go for good. Nothing is reclaimed to make a place for it.
 * *@cursor: 0 at first, with WAIT_IO the run that waits for a page: there the
 * next call goes on.
 * Return: 0: contig_alloc() will find it; ENOMEM: there is none; WAIT_IO, host
 * errno.
 */
int contig_make_room(struct space *s, struct ctx *ctx, unsigned node,
		     unsigned order, uint32_t *cursor);

/* --- migrate.c ----------------------------------------------------------- */
/* May compaction in @mode isolate it? What is written or read it may also
 * fail to move (COMPACT_SYNC_LIGHT), or wait for (COMPACT_SYNC). */
bool folio_movable(const struct space *s, pfn_t folio, enum compact_mode mode);
/* The same, to another zone or node. */
bool folio_migratable(const struct space *s, pfn_t folio);
/* The same of one that was isolated. */
bool folio_may_leave(const struct space *s, pfn_t folio);
/* @folio, one of these, goes to the block @to of its order,
 * taken by free_block_take() or allocated; its own is freed. */
void folio_move(struct space *s, struct ctx *ctx, pfn_t folio, pfn_t to);

#endif
