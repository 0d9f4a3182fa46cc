/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_COMPACT_H
#define VMCORE_COMPACT_H

#include "vmcore/space/space.h"

/*
 * DOC: compaction: movable pages go to the end of their zone.
 *
 * Models:  mm/compaction.c, mm/migrate.c of 6.18.
 * Owns:    nothing: where the scanners stand is the zone's, a run its
 *          caller's.
 * Units:   pages and pfn.
 * Order:   the migrate scanner upwards, the free scanner downwards a
 *          pageblock, upwards in it.
 * Omits:   pageblock skip hints, the fast search of free lists; huge pages
 *          mapped by a PMD, folios of the swap cache and of KSM stay.
 *
 * A run is cut into steps of 32 isolated pages; between them nothing is
 * isolated.
 */
#define COMPACT_CLUSTER_MAX 32u
#define COMPACT_ALL	    UINT32_MAX /* order: not for a request */

enum compact_mode { COMPACT_ASYNC, COMPACT_SYNC_LIGHT, COMPACT_SYNC };

enum compact_result {
	COMPACTED_SKIPPED, /* no zone is worth it */
	COMPACTED_DEFERRED,
	COMPACTED_COMPLETE, /* a whole zone, in vain */
	COMPACTED_PARTIAL, /* the rest of one, in vain */
	COMPACTED_SUCCESS,
};

/* One run over one zone. */
struct compact {
	uint32_t zone;
	uint32_t order; /* of the request, or COMPACT_ALL */
	uint32_t type; /* its migratetype */
	uint32_t mode; /* enum compact_mode */
	uint32_t direct; /* by who needs it, not by kcompactd */
	uint32_t whole; /* began at the zone's start */
	uint32_t migrate_pfn;
	uint32_t free_block; /* pageblock the free scanner is at */
	uint32_t free_pfn; /* and the next page of it */
	uint32_t result; /* when it is over */
};

/* Begin; @whole: not where the last run ended. The other fields are set. */
void compact_begin(const struct space *s, struct compact *c, bool whole);
/* Return: STEP_MORE; 0: over, c->result; a host errno. */
int compact_step(struct space *s, struct ctx *ctx, struct compact *c);

/* --- compact-run.c ------------------------------------------------------- */
/* All zones of @node at once, as a write to compact_memory has it. 0 or a host
 * errno. */
int compact_node(struct space *s, struct ctx *ctx, uint32_t node);

/* --- migrate.c ----------------------------------------------------------- */
/* May it be taken to another place now? */
bool folio_movable(const struct space *s, pfn_t folio);
/* The same, to another zone or node. */
bool folio_migratable(const struct space *s, pfn_t folio);
/* @folio, one of these and on the LRU, goes to the block @to of its order,
 * taken by free_block_take() or allocated; its own is freed. */
void folio_move(struct space *s, struct ctx *ctx, pfn_t folio, pfn_t to);

#endif
