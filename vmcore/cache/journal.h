/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_JOURNAL_H
#define VMCORE_JOURNAL_H

#include "vmcore/base/xarray.h"

/*
 * DOC: the journal of a disk's file system: which blocks of the device it
 * keeps in memory, and when they may be written in their place.
 *
 * Models:  fs/jbd2/{transaction,commit,checkpoint}.c, fs/ext4/super.c as far
 *          as memory and requests show them.
 * Owns:    journal heads (slab jbd2_journal_head) of pages of the device.
 * Units:   pages of 4 KiB, which are the blocks.
 * Order:   by page.
 * Omits:   credits of a handle, revoked blocks, fast commits; ordered data; a
 *          thread of its own: the disk's flusher commits.
 *
 * A block that is changed joins the running transaction. A commit writes it
 * to the journal; then it is dirty, and stays in memory until it is written
 * and a later commit or a shrinker drops its head.
 */
struct journal {
	struct xarray heads; /* JOURNAL_* by page; nodes: cache.huge_nodes */
	uint64_t nr_running, nr_heads;
	uint64_t at; /* where in the journal the next commit begins */
	uint64_t data; /* pages of files that were given a place, ever */
	uint64_t deferred; /* of its shrinker */
	uint32_t opened; /* ext4_sample_last_mounted() */
	uint32_t spare;
};
#define JOURNAL_MOUNT	   1u /* the mounted file system holds it */
#define JOURNAL_RUNNING	   2u /* of the running transaction */
#define JOURNAL_CHECKPOINT 4u /* committed, perhaps not written yet */

#endif
