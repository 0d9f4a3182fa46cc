/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_MOVE_PAGES_H
#define VMCORE_MOVE_PAGES_H

#include "vmcore/memory/memory.h"

/*
 * DOC: pages of an address space go to other nodes.
 *
 * Models:  migrate_pages(2), move_pages(2), mbind(2) with MPOL_MF_MOVE:
 *          mm/mempolicy.c, mm/migrate.c of 6.18.
 * Owns:    nothing: the caller holds the job.
 * Units:   bytes for addresses; pages.
 * Order:   ascending addresses; a folio at the first of its pages met.
 * Omits:   waiting for writeback and locks: such pages stay; reclaim for the
 *          sake of a place; pages of KSM and of pools.
 */
struct move_job {
	uint64_t at, end; /* bytes; @at moves on */
	uint32_t from; /* bit a node whose pages shall leave */
	uint32_t to; /* node; MAX_NODES: as the policies in force say */
	uint32_t all; /* also what others map (MPOL_MF_MOVE_ALL) */
	uint64_t moved, failed; /* pages */
};

/* The next table of entries. STEP_MORE; 0: all of it; a host errno. */
int memory_move_step(struct memory *m, struct ctx *ctx, uint32_t mm,
		     struct move_job *job);

#endif
