/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_WB_H
#define VMCORE_WB_H

#include "vmcore/base/ctx.h"

/*
 * DOC: the dirty side of a disk: what waits to be written, how fast that
 * goes, and how fast its writers may go.
 *
 * Models:  struct bdi_writeback, struct wb_domain (mm/page-writeback.c,
 *          fs/fs-writeback.c), the dirty_* fields of struct task_struct.
 * Owns:    lists of dirty inodes, the estimates behind throttling.
 * Units:   pages, pages a second; *_stamp and paused_when in jiffies of 4 ms.
 * Order:   inodes by when they became dirty.
 * Omits:   writeback by memory group, strictlimit, min_ratio and max_ratio.
 */
#define WB_HZ	     250u
#define NS_PER_JIFFY (1000000000u / WB_HZ)
#define NEVER	     UINT64_MAX

/* Where a dirty inode is: b_dirty, b_io, b_more_io. */
enum wb_where { WB_NOWHERE, WB_DIRTY, WB_IO, WB_MORE_IO, NR_WB_LISTS };

struct wb_list {
	uint32_t head, tail; /* inodes */
};

/* What its thread is at; each is looked for in this order. */
enum wb_work { WB_IDLE, WB_ALL, WB_OLD, WB_BACKGROUND, NR_WB_WORKS };

struct wb {
	struct wb_list list[NR_WB_LISTS];
	uint64_t nr_dirty, nr_writeback; /* WB_RECLAIMABLE, WB_WRITEBACK */
	uint64_t nr_dirtied, nr_written; /* ever */
	/* its share of what all disks complete (fprop_local_percpu) */
	uint64_t completions, period;
	/* estimates */
	uint64_t write_bandwidth, avg_write_bandwidth;
	uint64_t dirty_ratelimit, balanced_dirty_ratelimit;
	uint64_t bw_stamp, dirtied_stamp, written_stamp;
	/* its thread: the scheduler's actor, 0 none */
	uint32_t actor;
	uint32_t running; /* WB_writeback_running */
	uint32_t wake; /* it is to look for work now */
	uint32_t start_all; /* WB_start_all */
	uint32_t stage, work; /* enum wb_work: looked for next, at hand */
	uint32_t dirty_exceeded, spare;
	uint64_t work_left, pass_wrote; /* pages */
	vtime_t timer; /* it looks for work then, NEVER */
	vtime_t commit_at; /* the journal commits then, NEVER */
	vtime_t laptop_at; /* laptop mode writes everything then, NEVER */
	vtime_t last_old_flush;
};

/* All disks together. */
struct wb_domain {
	uint64_t completions, period;
	vtime_t period_end; /* NEVER: nothing was completed of late */
	uint64_t dirty_limit; /* follows the threshold, down only slowly */
	uint64_t limit_stamp;
};

/* What a process has dirtied and when it slept for that last. */
struct dirtier {
	uint32_t nr_dirtied, nr_pause; /* pages; since, and until, a look */
	uint64_t paused_when;
};

#endif
