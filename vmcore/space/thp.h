/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_THP_H
#define VMCORE_THP_H

#include "vmcore/base/ctx.h"
#include "vmcore/base/types.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: transparent huge pages: settings, PMD mappings, splitting.
 *
 * Models:  mm/huge_memory.c, include/linux/huge_mm.h, mm/rmap.c (PMDs),
 *          mm/shmem.c (shmem_allowable_huge_orders()) of 6.18.
 * Owns:    the settings and counts of /sys/kernel/mm/transparent_hugepage,
 *          the huge zero page, the deferred split queues of the lruvecs.
 * Units:   folios of 2^order pages; a PMD maps 512.
 * Order:   queues by arrival.
 * Omits:   PUDs, huge pages of disk files, migration entries.
 *
 * A huge entry stands in a table of level 2: PTE_HUGE, and the head of a
 * folio of order 9 (or the huge zero page). For each one of anonymous memory
 * that table has a page table deposited, so that splitting never fails.
 */
enum thp_mode { THP_ALWAYS, THP_MADVISE, THP_NEVER };
/* In the order the files print their words; a kernel boots with
 * THP_DEFRAG_MADVISE and THP_SHMEM_NEVER. */
enum thp_defrag {
	THP_DEFRAG_ALWAYS,
	THP_DEFRAG_DEFER,
	THP_DEFRAG_DEFER_MADVISE,
	THP_DEFRAG_MADVISE,
	THP_DEFRAG_NEVER,
};
enum thp_shmem {
	THP_SHMEM_ALWAYS,
	THP_SHMEM_WITHIN_SIZE,
	THP_SHMEM_ADVISE,
	THP_SHMEM_NEVER,
	THP_SHMEM_DENY,
	THP_SHMEM_FORCE,
};
/* enabled of a folio size */
enum thp_size_mode {
	THP_SIZE_ALWAYS,
	THP_SIZE_INHERIT,
	THP_SIZE_MADVISE,
	THP_SIZE_NEVER,
};
/* shmem_enabled of a folio size */
enum thp_size_shmem {
	THP_SIZE_SHMEM_ALWAYS,
	THP_SIZE_SHMEM_INHERIT,
	THP_SIZE_SHMEM_WITHIN,
	THP_SIZE_SHMEM_ADVISE,
	THP_SIZE_SHMEM_NEVER,
};

/* What is counted for each folio size (enum mthp_stat_item). */
enum thp_stat {
	THP_STAT_ANON_ALLOC,
	THP_STAT_ANON_FALLBACK,
	THP_STAT_ANON_FALLBACK_CHARGE,
	THP_STAT_ZSWPOUT,
	THP_STAT_SWPIN,
	THP_STAT_SWPIN_FALLBACK,
	THP_STAT_SWPIN_FALLBACK_CHARGE,
	THP_STAT_SWPOUT,
	THP_STAT_SWPOUT_FALLBACK,
	THP_STAT_SHMEM_ALLOC,
	THP_STAT_SHMEM_FALLBACK,
	THP_STAT_SHMEM_FALLBACK_CHARGE,
	THP_STAT_SPLIT,
	THP_STAT_SPLIT_FAILED,
	THP_STAT_SPLIT_DEFERRED,
	NR_THP_STATS
};

struct khugepaged {
	uint32_t defrag;
	uint32_t max_ptes_none, max_ptes_swap, max_ptes_shared;
	uint32_t pages_to_scan, scan_sleep_ms, alloc_sleep_ms;
	uint32_t pages_collapsed, full_scans;
	uint32_t first, last; /* mms to scan, by mm.scan_next */
	uint32_t mm; /* under way, 0: begin with the first */
	uint32_t wake; /* THP_WAKE_*, until the scheduler has seen it */
	uint64_t address; /* where it goes on in @mm */
};

/* There is something to scan for one that has nothing to do; or it shall not
 * sleep out its time, which was changed. */
#define THP_WAKE_WORK 1u
#define THP_WAKE_NOW  2u

struct thp {
	int32_t enabled, defrag, zero_page, shmem;
	/* by folio order; 2..9 have enabled, 1..9 shmem_enabled */
	uint8_t size[NR_ORDERS + 1], size_shmem[NR_ORDERS + 1];
	uint32_t shrink_underused;
	uint32_t small; /* orders below a PMD's that are not THP_SIZE_NEVER */
	uint32_t zero_pfn; /* the huge zero page, 0 none */
	uint32_t zero_users; /* address spaces that have mapped it */
	struct khugepaged khugepaged;
	uint64_t stat[NR_ORDERS][NR_THP_STATS];
};

/* What a booted kernel has before anybody wrote. */
void thp_defaults(struct thp *t);
void thp_set_size(struct thp *t, unsigned order, enum thp_size_mode mode);

struct space;
struct vma;

/* Who asks which orders a VMA may have (enum tva_type). */
enum thp_use { THP_FOR_SMAPS, THP_FOR_FAULT, THP_FOR_DAEMON, THP_FOR_COLLAPSE };
/* Bit an order: those that @v may have, were its flags @flags
 * (thp_vma_allowable_orders()). */
uint32_t thp_orders(const struct space *s, const struct vma *v, uint32_t flags,
		    enum thp_use use);
/* Does the block of 2^@order pages around @addr lie in @v, aligned? */
bool thp_fits(const struct vma *v, uint64_t addr, unsigned order);
/* Orders that a page at @index of the shared memory of @inode may have; @v 0:
 * it is written, not mapped (shmem_allowable_huge_orders()). */
uint32_t thp_shmem_orders(const struct space *s, uint32_t inode,
			  const struct vma *v, uint32_t flags, uint64_t index,
			  bool force);
/* What shared memory is aligned to where it is mapped; @internal: of the
 * kernel's own mount. 0: to nothing (shmem_get_unmapped_area()). */
uint64_t thp_shmem_alignment(const struct space *s, bool internal);
/* May any PMD be mapped anywhere (hugepage_pmd_enabled())? */
bool thp_pmd_enabled(const struct space *s);
/* How hard an allocation for @v tries: gfp bits (vma_thp_gfp_mask()). */
uint32_t thp_gfp(const struct space *s, uint32_t flags);
/* The same for a collapse, by khugepaged or advised. */
uint32_t thp_collapse_gfp(const struct space *s, bool daemon);
void thp_count(struct space *s, unsigned order, enum thp_stat item);

/* The huge zero page for @mm, made if missing. 0, NEED_*, host errno. */
int thp_zero_get(struct space *s, struct ctx *ctx, uint32_t mm);
/* @mm is gone; a page nobody uses stays until memory is short. */
void thp_zero_put(struct space *s, uint32_t mm);
/* Free it if nobody uses it: pages freed. */
uint32_t thp_zero_shrink(struct space *s, struct ctx *ctx);

/* --- scan-list.c: what khugepaged looks through ------------------------------
 */
/* @mm is scanned from now on; it is if @vma, had it @flags, may be huge. */
void thp_scan_enter(struct space *s, struct ctx *ctx, uint32_t mm);
void thp_scan_vma(struct space *s, struct ctx *ctx, uint32_t vma,
		  uint32_t flags);
void thp_scan_exit(struct space *s, struct ctx *ctx, uint32_t mm);
/* khugepaged is through with the address space under way. */
void thp_scan_next(struct space *s);

/* --- huge.c: PMD mappings ------------------------------------------------- */
/* A page table deposited with @table, of level 2; or back from there. */
void pt_deposit(struct space *s, uint32_t table, uint32_t leaf);
uint32_t pt_withdraw(struct space *s, uint32_t table);
/* A folio is mapped whole by one more (one less) PMD; the last frees an
 * anonymous one. */
void rmap_add_pmd(struct space *s, pfn_t folio);
void rmap_remove_pmd(struct space *s, struct ctx *ctx, pfn_t folio);
/* One of its PMDs became entries of a page table. */
void rmap_split_pmd(struct space *s, pfn_t folio);
/*
 * The huge entry at @addr of @vma becomes entries of a page table; that of
 * shared memory is dropped, to be faulted in again (__split_huge_pmd()).
 */
void pmd_split(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t addr);
/* Split what a border at @addr cuts; also where no entry is huge. */
void pmd_split_at(struct space *s, struct ctx *ctx, uint32_t vma,
		  uint64_t addr);

/* --- split.c: folios -------------------------------------------------------
 */
/* Queue @folio for splitting when memory is short; @partial: some of its
 * pages are unmapped (deferred_split_folio()). */
void thp_defer(struct space *s, pfn_t folio, bool partial);
/* Its entries go one by one, to be set anew elsewhere: after the first it
 * counts as partly mapped (try_to_migrate()). */
void thp_unmapping(struct space *s, pfn_t folio);
/* Off the queue: it is being freed or split. */
void thp_undefer(struct space *s, pfn_t folio);
/* No PMD maps @folio any more. */
void folio_split_pmds(struct space *s, struct ctx *ctx, pfn_t folio);
/* A folio of anonymous or shared memory becomes single pages; anonymous ones
 * nobody maps are freed. False: it cannot be (split_folio()). */
bool folio_split(struct space *s, struct ctx *ctx, pfn_t folio);
/* The file @inode is about to end at @size, and nobody maps what is behind:
 * the folio that goes on there is cut into halves and halves of halves, so that
 * what is in front stays (truncate_inode_partial_folio()). 0, WAIT_IO. */
int folio_truncate(struct space *s, struct ctx *ctx, uint32_t inode,
		   uint64_t size);
/* Of the queue of @group and @node up to @nr folios are looked at, and split
 * if partly mapped or hardly used: folios split (deferred_split_scan()). */
uint32_t thp_split_deferred(struct space *s, struct ctx *ctx, uint32_t group,
			    unsigned node, uint32_t nr);
/* Both shrinkers for @group and @node at a reclaim @priority. */
void thp_shrink(struct space *s, struct ctx *ctx, uint32_t group, unsigned node,
		int32_t priority);
/* The same for all, as far as it goes: drop_caches. */
void thp_shrink_all(struct space *s, struct ctx *ctx);
/* thp-check.c: recount what folios keep in their tails, the queues, and the
 * counters of what is mapped. */
void thp_check(const struct space *s, check_report *report, void *arg);
/* Does anybody but the address space @mm map pages of @folio? */
bool folio_maybe_shared(const struct space *s, pfn_t folio, uint32_t mm,
			uint64_t addr);

#endif
