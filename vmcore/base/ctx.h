/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_CTX_H
#define VMCORE_CTX_H

#include "vmcore/base/gfp.h"
#include "vmcore/base/klog.h"
#include "vmcore/base/types.h"

/*
 * DOC: who acts.
 *
 * Models:  `current`, smp_processor_id() and the gfp argument of the kernel.
 * Owns:    nothing; lives on the stack of one step.
 * Units:   cost_ns is simulated time.
 * Order:   filled by the scheduler, read by whatever allocates.
 * Omits:   cpusets.
 */

/* What a step lacked: read by the scheduler when NEED_* was returned. */
struct need {
	uint32_t order;
	uint32_t gfp; /* gfp.h bits of the request */
	uint32_t nodes; /* bit a node that may serve it; 0: all */
	uint32_t home; /* whose zonelist it goes by */
	uint32_t group; /* NEED_CHARGE: the group at its limit */
	uint32_t pages; /* NEED_CHARGE: what it wanted */
	uint32_t noswap; /* NEED_CHARGE: swap counts as memory does (memsw) */
	/* zone_reclaim_mode: only look through node @nodes, then repeat */
	uint32_t node_reclaim;
};

/* Pages [first, end) of an inode; of slots of swap where that is 0. */
struct page_range {
	uint32_t inode, spare;
	uint64_t first, end;
};

/* Costs a step can incur; the profile's [cost] gives each its price. */
enum cost {
	COST_SYSCALL,
	COST_MINOR_FAULT,
	COST_MAJOR_FAULT,
	COST_COPY_PAGE,
	COST_ZERO_PAGE,
	COST_SCAN_PAGE,
	COST_TLB_MISS,
	COST_SWITCH,
	COST_PAGEOUT,
	NR_COSTS
};

/* Hint faults of a step (NUMA balancing), in pages. */
struct numab_faults {
	uint32_t local, remote; /* where they were used from */
	uint32_t shared; /* used by another process before */
	uint32_t came, stayed; /* of the remote: moved; not meant to */
	uint32_t node[MAX_NODES]; /* where they are now */
};

struct ctx {
	uint32_t pid; /* 0: the kernel itself */
	uint16_t cpu;
	uint16_t node; /* the CPU's node: where allocations prefer to go */
	uint32_t group; /* memory group charged, 0 the root */
	uint32_t alloc; /* ALLOC_* privileges of the actor, gfp.h */
	uint32_t nodes; /* mempolicy bind mask, 0: all */
	/* the task's memory policy and where its interleaving stands; a fault
	 * puts its VMA's in their place while it looks for a page */
	uint32_t policy; /* mempolicy.h; 0: the local node */
	uint32_t il_prev, il_weight;
	uint64_t il_index; /* 1 + place in the VMA or file; 0: in turn */
	struct numab_faults numab;
	uint32_t numab_early; /* the process has no node of its own yet */
	/* nodes that zone_reclaim_mode may still have looked through for the
	 * step, whose actor waits for it */
	uint32_t node_reclaim;
	struct need need; /* valid after NEED_* */
	/* what its repetition is to find: all it needs, what it waits for */
	struct page_range wants[2];
	uint32_t wait_io; /* valid after WAIT_IO */
	uint32_t minor_faults; /* taken by the call itself: current->min_flt */
	uint32_t wait_major; /* WAIT_IO of a fault: its page had to be read */
	uint32_t wait_stall; /* WAIT_IO for a page that was lost too early */
	vtime_t wait_until; /* valid after WAIT_TIME */
	uint64_t fault_addr; /* valid after FAULT_SIGSEGV: where, and the */
	uint32_t fault_code; /* error code of the exception */
	uint32_t no_huge; /* folios of this order were looked for in vain */
	/* and from this one up the fault has given up and counted it */
	uint32_t huge_counted;
	uint32_t wait_disk; /* WAIT_TIME that a disk is to blame for */
	uint32_t over_high; /* pages charged above memory.high */
	uint32_t slow; /* a page did not come from the CPU's list at once */
	uint32_t dirtied; /* pages this step made dirty */
	uint32_t dirtied_disk; /* and of which disk, the last of them */
	vtime_t now; /* simulated time at the step's begin */
	uint64_t cost_ns; /* what the step has cost so far, in the kernel */
	uint64_t user_ns; /* and in the program */
	const uint64_t *prices; /* NR_COSTS prices in ns */
	struct klog *story; /* model/events; NULL: nobody reads them */
	const char *comm; /* who acts, by name; NULL: the kernel */
	uint32_t outside; /* it stands for a program outside of the machine */
};

/* May a request for a folio of 2^@order pages make its step wait? Not where
 * one as small was looked for in vain: its repetition goes without. */
static inline bool ctx_may_wait(const struct ctx *ctx, uint32_t gfp,
				unsigned order)
{
	return (gfp & GFP_BIT_DIRECT_RECLAIM) &&
	       (!ctx->no_huge || order < ctx->no_huge);
}

/* Add @count times the price of @what to the step's cost. */
static inline void ctx_pay(struct ctx *ctx, enum cost what, uint64_t count)
{
	ctx->cost_ns += ctx->prices[what] * count;
}

#endif
