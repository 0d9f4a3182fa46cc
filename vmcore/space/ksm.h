/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_KSM_H
#define VMCORE_KSM_H

#include "vmcore/base/ctx.h"
#include "vmcore/base/xarray.h"
#include "vmcore/phys/phys.h"

/*
 * DOC: pages that stand for several of equal content: who has which.
 *
 * Models:  mm/ksm.c of 6.18: mm slots, rmap items, stable and unstable tree.
 * Owns:    the settings and counts of /sys/kernel/mm/ksm and these records;
 *          what is merged and when: memory/ksm.h.
 * Units:   pages; addresses are bytes.
 * Order:   slots as the kernel links them, items of a slot by address.
 * Omits:   advisors, memory hot-remove, the migration of nodes between trees.
 *
 * The kernel's trees are ordered by bytes; equal contents have equal ids here,
 * so a tree is a table by id (and NUMA node, if pages are not merged across).
 */
enum ksm_run { KSM_STOP, KSM_MERGE, KSM_UNMERGE };
enum ksm_advisor { KSM_ADVISOR_NONE, KSM_ADVISOR_SCAN_TIME };

/* Where an item is. */
enum ksm_place { KSM_NOWHERE, KSM_UNSTABLE, KSM_STABLE };

/* struct ksm_rmap_item: one page of one address space. */
struct ksm_item {
	uint32_t next; /* of its slot */
	uint32_t slot;
	uint64_t addr;
	uint32_t place; /* enum ksm_place */
	uint32_t checksum, seen; /* content when it was last looked at */
	uint32_t node, node_next, node_prev; /* stable */
	uint64_t key, seqnr; /* unstable: the scan it was put there */
	uint32_t age, skips;
	uint32_t slab, spare;
};

/* struct ksm_stable_node: one page, or a chain of such of equal content. */
struct ksm_node {
	uint32_t pfn;
	uint32_t items, nr_items;
	uint32_t chain; /* whose dup it is, 0 none */
	uint32_t next, prev; /* dups of a chain */
	uint32_t dups, is_chain; /* a chain: its first */
	uint64_t key;
	vtime_t pruned_at; /* a chain */
	uint32_t slab, spare;
};

/* struct ksm_mm_slot: an address space with mergeable memory. */
struct ksm_slot {
	uint32_t next, prev;
	uint32_t mm;
	uint32_t items;
	uint32_t slab;
	uint32_t gone; /* all of @mm but its PGD, and its items not yet */
};

struct ksm {
	/* settings */
	uint32_t run, pages_to_scan, sleep_ms;
	uint32_t merge_across_nodes, max_page_sharing;
	uint32_t use_zero_pages, smart_scan, prune_ms;
	uint32_t advisor; /* enum ksm_advisor */
	uint32_t advisor_max_cpu, advisor_target_s;
	uint32_t wake; /* ksmd has a reason to look: see ksmd_wake() */
	uint64_t advisor_min_pages, advisor_max_pages;
	/* results */
	uint64_t pages_shared, pages_sharing, pages_unshared;
	uint64_t pages_skipped, pages_scanned, rmap_items;
	uint64_t stable_node_chains, stable_node_dups;
	int64_t zero_pages;
	/* the scan under way (struct ksm_scan) */
	uint32_t first, last; /* slots */
	uint32_t slot; /* 0: before the first */
	uint32_t item; /* the last one passed of it, 0 none */
	uint64_t address, seqnr; /* seqnr: full scans */
	struct xarray stable, unstable; /* key: node; item */
};

struct space;
void ksm_defaults(struct ksm *k);
static inline struct ksm_item *ksm_item_at(const struct pool *items,
					   uint32_t id)
{
	return pool_at(items, id);
}

/* --- who is scanned --------------------------------------------------------
 */
/* @mm has mergeable memory from now on. 0, NEED_*, host errno. */
int ksm_enter(struct space *s, struct ctx *ctx, uint32_t mm);
/* A fork: the child has what its parent has, if memory suffices. */
int ksm_fork(struct space *s, struct ctx *ctx, uint32_t child, uint32_t mm);
/* @mm goes. True: the next scan has yet to forget what is known of it, and
 * calls mm_drop(). */
bool ksm_exit(struct space *s, struct ctx *ctx, uint32_t mm);
/* The slot is of no use any more; its items are gone. */
void ksm_slot_drop(struct space *s, struct ctx *ctx, uint32_t slot);

/* --- items -------------------------------------------------------------------
 */
/* The item of @addr behind item @prev (0: the first) of @slot, made if
 * missing; those passed are dropped. 0, NEED_*, host errno. */
int ksm_item_next(struct space *s, struct ctx *ctx, uint32_t slot,
		  uint32_t prev, uint64_t addr, uint32_t *ret_item);
/* All items of @slot behind @prev go. */
void ksm_items_drop(struct space *s, struct ctx *ctx, uint32_t slot,
		    uint32_t prev);
/* Out of the tree it is in (remove_rmap_item_from_tree()). */
void ksm_item_out(struct space *s, struct ctx *ctx, uint32_t item);
/* One more mapping of @node's page (stable_tree_append()). */
void ksm_append(struct space *s, uint32_t item, uint32_t node);

/* --- trees
 * --------------------------------------------------------------------- */
/* What a page of @content on the NUMA node of @pfn is found by. */
uint64_t ksm_key(const struct space *s, pfn_t pfn);
/* Its page, PFN_NONE: it was freed since. */
pfn_t ksm_node_page(const struct space *s, uint32_t node);
/* A node with the page's content that may have one more, 0 none
 * (stable_tree_search()). */
uint32_t ksm_stable_find(struct space *s, struct ctx *ctx, uint64_t key);
/* A node for @pfn, which becomes a KSM page. 0, NEED_*, host errno. */
int ksm_stable_insert(struct space *s, struct ctx *ctx, pfn_t pfn,
		      uint32_t *ret_node);
/* A KSM page is at @to now (folio_migrate_ksm()). */
void ksm_moved(struct space *s, pfn_t page, pfn_t to);
/* May another page share it? */
bool ksm_has_room(const struct space *s, uint32_t node, uint32_t more);
/* Nodes whose page is gone go (remove_all_stable_nodes()). */
void ksm_drop_nodes(struct space *s, struct ctx *ctx);
/* @item into the unstable tree; its beginning anew. 0 or a host errno. */
int ksm_unstable_insert(struct space *s, uint32_t item, uint64_t key);
void ksm_unstable_reset(struct space *s);

void ksm_check(const struct space *s, check_report *report, void *arg);

#endif
