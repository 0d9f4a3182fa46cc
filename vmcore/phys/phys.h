/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PHYS_H
#define VMCORE_PHYS_H

#include "vmcore/base/archive.h"
#include "vmcore/base/ctx.h"
#include "vmcore/base/host.h"
#include "vmcore/base/knob.h"
#include "vmcore/base/mempolicy.h"
#include "vmcore/base/vmstat.h"
#include "vmcore/phys/frame.h"

/*
 * DOC: physical memory: sections of frames, pageblocks, zones, nodes.
 *
 * Models:  mm/page_alloc.c, mm/mm_init.c, include/linux/mmzone.h (6.18).
 * Owns:    every frame, zone, node, free list and per-CPU list, and the
 *          counters of vmstat.def.
 * Units:   pages and pfn.
 * Order:   lists are pushed and popped as the kernel does; no randomness.
 * Omits:   hotplug, CMA, memory failure.
 *
 * Blocks of 1,024 frames (order 10) have a row in blocks[]: their pageblock
 * types, zone, and the links of the order-10 free lists. A block that was
 * never split has no frame written; 1 TiB idle is 262,144 rows of 16 bytes.
 */
#define SECTION_SHIFT  16
#define SECTION_FRAMES (1u << SECTION_SHIFT)
#define BLOCK_FRAMES   (1u << MAX_ORDER)

enum zone_type {
	ZONE_DMA,
	ZONE_DMA32,
	ZONE_NORMAL, /* on i386: 16 MiB .. 896 MiB */
	ZONE_MOVABLE, /* on i386 this index is HighMem */
	ZONE_DEVICE,
};

enum migratetype {
	MIGRATE_UNMOVABLE,
	MIGRATE_MOVABLE,
	MIGRATE_RECLAIMABLE,
	MIGRATE_HIGHATOMIC,
	MIGRATE_ISOLATE,
	NR_MIGRATETYPES
};
#define MIGRATE_PCPTYPES 3

/* kernel.numa_balancing */
#define NUMAB_NORMAL  1
#define NUMAB_TIERING 2

#define RECLAIM_ZONE  1
#define RECLAIM_WRITE 2
#define RECLAIM_UNMAP 4

enum wmark { WMARK_MIN, WMARK_LOW, WMARK_HIGH, WMARK_PROMO, NR_WMARKS };

struct block { /* 16 bytes a 4 MiB block */
	uint32_t next, prev; /* order-10 free list, by block number */
	uint8_t zone[2]; /* zone numbers of its two pageblocks */
	uint8_t type[2]; /* and their migratetypes */
	uint8_t state; /* enum block_state */
	uint8_t skip; /* bit a pageblock: compaction found nothing there */
	uint8_t spare[2];
};
enum block_state {
	BLOCK_HOLE, /* no memory; frames may not exist */
	BLOCK_OPEN, /* frames tell; its section exists */
	BLOCK_FREE, /* one free block of order 10; frames may not exist */
	BLOCK_RESERVED, /* all reserved at boot; frames may not exist */
};

struct free_area {
	uint32_t head[NR_MIGRATETYPES]; /* pfn (order 10: block); PFN_NONE */
	uint32_t tail[NR_MIGRATETYPES];
	uint32_t nr[NR_MIGRATETYPES]; /* blocks */
};

#define PCP_LISTS 14 /* orders 0..3 x 3 types, order 9 x 2 */
struct pcp {
	uint32_t head[PCP_LISTS], tail[PCP_LISTS];
	int32_t count, high, high_min, high_max, batch;
	int32_t alloc_factor, free_count;
	uint32_t flags; /* PCP_FLAG_* */
	uint32_t expire; /* ticks until a remote zone's list is drained */
};
#define PCP_FLAG_HIGH_ORDER 1u /* what was freed last had order 1..3 */

struct zone {
	uint32_t node, type; /* enum zone_type */
	uint32_t start_pfn, spanned, present, managed;
	uint32_t early; /* managed when watermarks were first set */
	uint32_t wmark[NR_WMARKS], boost;
	uint32_t reserve[MAX_ZONES_PER_NODE]; /* lowmem_reserve, pages */
	uint32_t nr_reserved_highatomic, nr_free_highatomic;
	uint32_t flags; /* ZONE_FLAG_* */
	struct free_area free[NR_ORDERS];
	struct pcp pcp[MAX_CPUS];
	/* compaction's state */
	uint32_t compact_considered, compact_defer_shift, compact_order_failed;
	uint32_t compact_migrate_pfn[2]; /* asynchronous, synchronous runs */
	uint32_t compact_free_pfn, compact_init_pfn;
	uint32_t compact_flush; /* hints are to be forgotten */
};
#define ZONE_FLAG_BOOSTED	 1u
#define ZONE_FLAG_BELOW_HIGH	 2u
#define ZONE_FLAG_RECLAIM_ACTIVE 4u

/* How pages of slow memory come to a node: tier.h. */
struct promotion {
	uint32_t threshold_ms; /* 0: as it was at boot */
	uint32_t adjusted_ms, window_ms, spare;
	uint64_t adjusted_candidates, window_candidates;
};

struct node {
	bool online;
	uint32_t nr_cpus;
	uint32_t cpus[MAX_CPUS / 32];
	uint8_t distance[MAX_NODES];
	uint8_t zonelist[MAX_ZONES]; /* zone numbers, fallback order */
	uint32_t nr_zonelist;
	/* What kswapd is asked to do; the scheduler looks after each step. */
	uint32_t kswapd_wake; /* 1: wake it */
	uint32_t kswapd_order, kswapd_zone;
	uint32_t kswapd_running;
	uint32_t kswapd_failures;
	/* kswapd waits for writeback: pages written since, and 1 */
	uint32_t kswapd_throttled;
	uint32_t kcompactd_wake;
	uint32_t kcompactd_order, kcompactd_zone;
	uint32_t kcompactd_proactive; /* a proactive run was asked for */
	/* reclaim met only pages under writeback; they came round again */
	uint32_t reclaim_writeback, reclaim_congested;
	uint32_t dirty_limit; /* pages; 0: none. GFP_BIT_WRITE obeys it */
	struct promotion promotion;
};

struct klog;

struct phys {
	struct host *host;
	/* model/events and the clock; *story may be NULL: nobody reads them */
	struct klog *const *story;
	const vtime_t *now;
	bool telling; /* what becomes of blocks goes there now */
	struct vmstat stat;
	struct frame **sections; /* NULL: not yet used */
	uint32_t nr_sections;
	struct block *blocks;
	uint32_t nr_blocks;
	uint32_t max_pfn;
	uint32_t nr_nodes, nr_cpus;
	uint8_t cpu_node[MAX_CPUS];
	struct node nodes[MAX_NODES];
	struct zone zones[MAX_ZONES];
	uint32_t totalreserve; /* pages no dirty page may count on */
	uint32_t zero_pfn; /* the shared zero page */
	uint32_t policy_zone; /* highest zone type of the machine, Movable aside
			       */
	bool thp_enabled; /* raises min_free_kbytes (see 1.4) */
	bool i386, pae;
	bool grouping_off; /* too little memory for pageblock types */
	bool zero_reserved; /* the zero page is one of the kernel's own */
	/* knobs, rows in phys_knobs[] */
	int32_t min_free_kbytes, user_min_free_kbytes;
	int32_t watermark_scale_factor, watermark_boost_factor;
	int32_t lowmem_reserve_ratio[MAX_ZONES_PER_NODE];
	int32_t percpu_pagelist_high_fraction;
	int32_t numa_stat, zone_reclaim_mode; /* RECLAIM_* */
	int32_t numa_balancing; /* NUMAB_* */
	int32_t numa_balancing_promote_rate_limit_MBps;
	int32_t min_unmapped_ratio, min_slab_ratio;
	int32_t defrag_mode, extfrag_threshold;
	int32_t compact_unevictable_allowed, compaction_proactiveness;
	/* files of /sys/kernel/mm/{mempolicy,numa} */
	uint32_t interleave_auto, demotion_enabled;
	uint8_t interleave_weight[MAX_NODES]; /* 1..255 */
	int32_t stat_interval, page_lock_unfairness;
};

/* What a machine's memory is, as a profile gives it. */
struct zone_config {
	bool given;
	uint32_t node, type;
	uint32_t start_pfn, spanned, present, managed, early; /* pages */
};
struct phys_config {
	uint64_t memory_bytes; /* all nodes */
	uint64_t node_bytes[MAX_NODES]; /* 0: share of memory_bytes */
	uint32_t nr_nodes, nr_cpus;
	uint8_t cpu_node[MAX_CPUS];
	uint8_t distance[MAX_NODES][MAX_NODES]; /* 0: 10 local, 20 remote */
	uint64_t reserved_bytes; /* 0: the kernel's own */
	bool i386, pae, thp;
	struct zone_config zones[MAX_ZONES];
};

extern const struct knob phys_knobs[];
extern const unsigned nr_phys_knobs;
enum phys_hook {
	PHYS_HOOK_NONE,
	PHYS_HOOK_MIN_FREE,
	PHYS_HOOK_WATERMARK,
	PHYS_HOOK_RESERVE,
	PHYS_HOOK_PCP,
	PHYS_HOOK_NUMA_STAT,
	PHYS_HOOK_PROACTIVE,
};
/* May @value be stored, beyond the row's range? (percpu_pagelist_high_fraction
 * refuses 1..7.) */
bool phys_value_ok(enum phys_hook hook, int64_t value);
/*
 * A knob's new value is stored: recompute what hangs on it. A write of
 * lowmem_reserve_ratio never fails: values below 1 are made 0 here.
 */
void phys_changed(struct phys *p, enum phys_hook hook);

/* Build zones, free lists, watermarks. Return: 0 or a host errno; EINVAL
 * (positive) if the zones of @c overlap or do not fit. */
int phys_init(struct phys *p, struct host *host, const struct phys_config *c);
void phys_fini(struct phys *p);
int phys_archive(struct phys *p, struct archive *a);

/*
 * transparent_hugepage/enabled was written (khugepaged.c): @enabled if THP may
 * be used at all now. Not for boot: struct phys_config says what holds then.
 */
void phys_set_thp(struct phys *p, bool enabled);

/* Allocate sections lazily: every pfn handed out by page_alloc() has one. */
static inline struct frame *frame_at(const struct phys *p, pfn_t pfn)
{
	return p->sections[pfn >> SECTION_SHIFT] + (pfn & (SECTION_FRAMES - 1));
}

/* @pfn joins a list of frames at its @head, or its @tail; it leaves it. */
static inline void frame_link(const struct phys *p, uint32_t *head,
			      uint32_t *tail, pfn_t pfn, bool to_tail)
{
	struct frame *f = frame_at(p, pfn);
	uint32_t *end = to_tail ? tail : head;
	pfn_t other = *end;

	f->next = to_tail ? PFN_NONE : other;
	f->prev = to_tail ? other : PFN_NONE;
	*end = pfn;
	if (other == PFN_NONE)
		*head = *tail = pfn;
	else if (to_tail)
		frame_at(p, other)->next = pfn;
	else
		frame_at(p, other)->prev = pfn;
}
static inline void frame_unlink(const struct phys *p, uint32_t *head,
				uint32_t *tail, pfn_t pfn)
{
	struct frame *f = frame_at(p, pfn);

	if (f->prev != PFN_NONE)
		frame_at(p, f->prev)->next = f->next;
	else
		*head = f->next;
	if (f->next != PFN_NONE)
		frame_at(p, f->next)->prev = f->prev;
	else
		*tail = f->prev;
	f->next = f->prev = 0;
}

/* NULL: no frame was ever made there (hole, reserved, never used). For who
 * looks at any pfn; @pfn below max_pfn. */
static inline const struct frame *frame_peek(const struct phys *p, pfn_t pfn)
{
	const struct frame *section = p->sections[pfn >> SECTION_SHIFT];

	return p->blocks[pfn >> MAX_ORDER].state == BLOCK_OPEN
		       ? section + (pfn & (SECTION_FRAMES - 1))
		       : NULL;
}

/* The head of the folio or kernel block that @pfn belongs to. */
static inline pfn_t folio_head(const struct phys *p, pfn_t pfn)
{
	const struct frame *f = frame_at(p, pfn);

	return frame_type(f) == FRAME_TAIL ? f->owner : pfn;
}

/* Some page of the folio is in a page table; each counts its own mappings. */
static inline bool folio_mapped(const struct phys *p, pfn_t folio)
{
	const struct frame *f = frame_at(p, folio);
	const struct frame *end = f + (1u << frame_order(f));

	while (f < end && !frame_mapcount(f))
		f++;
	return f < end;
}

static inline unsigned pfn_zone(const struct phys *p, pfn_t pfn)
{
	return p->blocks[pfn >> MAX_ORDER].zone[pfn >> PAGEBLOCK_ORDER & 1];
}

static inline unsigned pfn_node(const struct phys *p, pfn_t pfn)
{
	return pfn_zone(p, pfn) / MAX_ZONES_PER_NODE;
}

/*
 * Allocate 2^@order frames for @gfp, fast path then the slow path's first
 * tries (zones of ctx->node's zonelist, mark LOW, then MIN and reserves as
 * ctx->alloc allows). Wakes kswapd by setting node.kswapd_wake. The block's
 * frames are zero but for type FRAME_KERNEL at the head; with GFP_BIT_COMP
 * and @order > 0 the head has PG_HEAD and the others are FRAME_TAIL.
 * Return: 0, NEED_MEMORY (ctx->need filled, nothing changed), host errno.
 */
int page_alloc_near(struct phys *p, struct ctx *ctx, unsigned order,
		    uint32_t gfp, pfn_t *ret_pfn);

/*
 * Up to @want single pages at once, if as many calls of page_alloc_near() would
 * each take one from the CPU's list. Return: how many; from the first, in
 * @ret_first, frame.next leads to the others. Their frames have no type yet;
 * all but next is zero.
 */
uint32_t page_alloc_run(struct phys *p, struct ctx *ctx, uint32_t gfp,
			uint32_t want, pfn_t *ret_first);

/* As page_alloc_near() where ctx->policy, not 0, sends it. */
int page_alloc_policy(struct phys *p, struct ctx *ctx, unsigned order,
		      uint32_t gfp, pfn_t *ret_pfn);

/* The same for whoever obeys the task's policy: nearly everybody. */
static inline int page_alloc(struct phys *p, struct ctx *ctx, unsigned order,
			     uint32_t gfp, pfn_t *ret_pfn)
{
	return ctx->policy ? page_alloc_policy(p, ctx, order, gfp, ret_pfn)
			   : page_alloc_near(p, ctx, order, gfp, ret_pfn);
}

/* Where ctx's policy, not 0, would have a page. */
struct mpol_where {
	unsigned node; /* whose zonelist */
	uint32_t nodes; /* that may serve it; 0: all */
	bool beyond; /* any other too, when these cannot */
};
void mpol_find(const struct phys *p, const struct ctx *ctx, uint32_t gfp,
	       struct mpol_where *ret);
/* What the kernel boots with, to share its memory out (numa_policy_init()). */
uint32_t mpol_boot(const struct phys *p);
/*
 * The policy word of set_mempolicy(2) and mbind(2) from @mode, MPOL_F_* @flags
 * and the caller's set of nodes (sanitize_mpol_flags(), mpol_new(),
 * mpol_set_nodemask()). 0, or EINVAL: not one of its nodes has memory, or the
 * parts do not go together.
 */
int mpol_make(const struct phys *p, enum mpol_mode mode, uint32_t flags,
	      uint64_t user, uint32_t *ret_policy);

/*
 * A page of zone @z alone, whatever the watermarks say (no kernel has this: a
 * zone is put in a state). Return: 0, NEED_MEMORY (the zone is empty), host
 * errno.
 */
int zone_alloc(struct phys *p, struct ctx *ctx, unsigned z, pfn_t *ret_pfn);

/* Free 2^@order frames from @pfn on; frames become zero. */
void page_free(struct phys *p, struct ctx *ctx, pfn_t pfn, unsigned order);

/* The same for a block of which only the first frame was ever written. */
void page_free_clean(struct phys *p, struct ctx *ctx, pfn_t pfn,
		     unsigned order);

/* @pages of @node were written: a kswapd that waits for that may go on
 * (acct_reclaim_writeback()). */
void node_written(struct phys *p, unsigned node, uint64_t pages);

/* Return every per-CPU list to the buddy (drain_all_pages). */
void pcp_drain_all(struct phys *p);

/* Between what was taken as much was freed: lists of @cpu do not learn to fetch
 * more at a time (nr_pcp_alloc(), free_frozen_page_commit()). */
void pcp_refill_small(struct phys *p, unsigned cpu);

/* Nothing happened for a long time: lists became short (decay_pcp_high()). */
void pcp_settle(struct phys *p);

/* @alloc of zone_watermark_ok() beside gfp.h's: what the request may use. */
#define ALLOC_MIN_RESERVE 0x10u /* GFP_BIT_HIGH */
#define ALLOC_NON_BLOCK	  0x20u /* cannot reclaim by itself */
#define ALLOC_HIGHATOMIC  0x40u /* order > 0: the HighAtomic reserve too */

/*
 * Zone watermark test of 1.7 against @mark pages (boost included by the
 * caller). @highest_zone: zone type the request may use at most; @alloc:
 * ALLOC_* bits, 0 for an ordinary request.
 */
bool zone_watermark_ok(const struct phys *p, unsigned zone, unsigned order,
		       uint32_t mark, unsigned highest_zone, uint32_t alloc);

/* Has some zone of @node @pages more than its @mark, for an ordinary page
 * (migrate_balanced_pgdat(), pgdat_free_space_enough())? */
bool node_above(const struct phys *p, unsigned node, enum wmark mark,
		uint32_t pages);

static inline uint32_t zone_wmark(const struct zone *z, enum wmark mark)
{
	return z->wmark[mark] + z->boost;
}

/* Pages: sum of managed; free pages; what meminfo calls available. */
uint64_t phys_total_pages(const struct phys *p);
uint64_t phys_free_pages(const struct phys *p);
uint64_t phys_available_pages(const struct phys *p);

/* Free blocks of one order and type of a zone. */
uint32_t phys_nr_free(const struct phys *p, unsigned zone, unsigned order,
		      enum migratetype type);
/* Pageblocks of a type in a zone, as pagetypeinfo counts them. */
uint32_t phys_nr_pageblocks(const struct phys *p, unsigned zone,
			    enum migratetype type);

/* max_low_pfn: where memory ends that the kernel has mapped for good. */
uint32_t phys_low_end(const struct phys *p);
/* "DMA", "DMA32", "Normal", "Movable" ("HighMem" on i386), "Device". */
const char *zone_name(const struct phys *p, unsigned type);

/*
 * Recount free lists, per-CPU lists and counters. Each difference is told
 * to @report(arg, what, recounted, kept).
 */
typedef void check_report(void *arg, const char *what, int64_t recounted,
			  int64_t kept);
void phys_check(const struct phys *p, check_report *report, void *arg);

#endif
