/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SYSFS_LATER_H
#define VMCORE_SYSFS_LATER_H

#include "vmcore/base/types.h"

/*
 * DOC: settings below /sys of subsystems that are not built.
 *
 * Models:  attributes of mm/ksm.c, mm/swap_state.c,
 *          mm/memory-tiers.c, mm/mempolicy.c, mm/zswap.c of 6.18.
 * Owns:    the values and nothing that acts on them; the results such a
 *          subsystem counts stand beside its settings and are zero.
 * Units:   pages, ms, percent as the kernel's files have them.
 * Order:   does not apply.
 * Omits:   the subsystems.
 */

enum ksm_advisor { KSM_ADVISOR_NONE, KSM_ADVISOR_SCAN_TIME };

struct ksm_sysfs {
	uint32_t run, pages_to_scan, sleep_ms;
	uint32_t merge_across_nodes, max_page_sharing;
	uint32_t use_zero_pages, smart_scan, prune_ms;
	uint32_t advisor; /* enum ksm_advisor */
	uint32_t advisor_max_cpu, advisor_target_s;
	uint64_t advisor_min_pages, advisor_max_pages;
	/* results */
	uint64_t pages_shared, pages_sharing, pages_unshared, rmap_items;
	uint64_t pages_skipped, pages_scanned, full_scans, zero_pages;
	uint64_t stable_node_chains, stable_node_dups;
};

/* module/zswap/parameters */
struct zswap_sysfs {
	uint32_t enabled, shrinker_enabled;
	uint32_t max_pool_percent, accept_threshold_percent;
	uint32_t compressor; /* place in the table of names */
};

struct later_sysfs {
	struct ksm_sysfs ksm;
	struct zswap_sysfs zswap;
	uint32_t demotion;
	uint32_t interleave_auto;
	uint8_t interleave_weight[MAX_NODES];
};

/* What a booted kernel shows before anybody wrote. */
void sysfs_later_defaults(struct later_sysfs *s);

#endif
