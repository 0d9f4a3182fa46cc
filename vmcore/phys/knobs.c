// SPDX-License-Identifier: Apache-2.0
/* vm.* settings of physical memory and what a change does. */
#include "vmcore/phys/inner.h"

#include <string.h>

#define FRACTION_LEAST 8 /* MIN_PERCPU_PAGELIST_HIGH_FRACTION */

#define ROW(field, low, high, start, what, text, file)                        \
	{                                                                     \
		.name = #field, .type = KNOB_INT, .mode = 0644, .len = 1,     \
		.off = offsetof(struct phys, field), .min = low, .max = high, \
		.def = start, .hook = what, .doc = text, .source = file       \
	}

const struct knob phys_knobs[] = {
	ROW(compact_unevictable_allowed, 0, 1, 1, PHYS_HOOK_NONE,
	    "Whether compaction may move mlocked pages", "mm/compaction.c"),
	ROW(compaction_proactiveness, 0, 100, 20, PHYS_HOOK_PROACTIVE,
	    "How hard kcompactd works without being asked (%)",
	    "mm/compaction.c"),
	ROW(defrag_mode, 0, 1, 0, PHYS_HOOK_NONE,
	    "Keep pageblocks of one type even under pressure",
	    "mm/page_alloc.c"),
	ROW(extfrag_threshold, 0, 1000, 500, PHYS_HOOK_NONE,
	    "Fragmentation index above which a failed request compacts",
	    "mm/compaction.c"),
	{
		.name = "lowmem_reserve_ratio",
		.type = KNOB_INTVEC,
		.mode = 0644,
		.len = MAX_ZONES_PER_NODE,
		.off = offsetof(struct phys, lowmem_reserve_ratio),
		.min = INT32_MIN,
		.max = INT32_MAX,
		.def = 256,
		.hook = PHYS_HOOK_RESERVE,
		.doc = "A zone keeps 1/ratio of what lies above it from "
		       "requests that could go there",
		.source = "mm/page_alloc.c",
	},
	ROW(min_free_kbytes, 0, INT32_MAX, 0, PHYS_HOOK_MIN_FREE,
	    "Memory kept free: the sum of the zones' min watermarks (kB)",
	    "mm/page_alloc.c"),
	ROW(min_slab_ratio, 0, 100, 5, PHYS_HOOK_NONE,
	    "Reclaimable slab a node must hold for node reclaim (%)",
	    "mm/page_alloc.c"),
	ROW(min_unmapped_ratio, 0, 100, 1, PHYS_HOOK_NONE,
	    "Unmapped page cache a node must hold for node reclaim (%)",
	    "mm/page_alloc.c"),
	ROW(numa_balancing, 0, 4, 0, PHYS_HOOK_NONE,
	    "1: pages go to where they are used; 2: hot ones to fast memory",
	    "kernel/sched/core.c"),
	ROW(numa_balancing_promote_rate_limit_MBps, 0, INT32_MAX, 65536,
	    PHYS_HOOK_NONE, "Promotion from slow memory (MiB a second)",
	    "kernel/sched/fair.c"),
	ROW(numa_stat, 0, 1, 1, PHYS_HOOK_NUMA_STAT,
	    "Count numa_hit, numa_miss and the like", "mm/vmstat.c"),
	ROW(page_lock_unfairness, 0, INT32_MAX, 5, PHYS_HOOK_NONE,
	    "How often a page lock may be stolen from a waiter",
	    "mm/filemap.c"),
	ROW(percpu_pagelist_high_fraction, 0, INT32_MAX, 0, PHYS_HOOK_PCP,
	    "Per-CPU lists may hold 1/fraction of a zone; 0: by watermark",
	    "mm/page_alloc.c"),
	ROW(stat_interval, INT32_MIN, INT32_MAX, 1, PHYS_HOOK_NONE,
	    "Period of the vmstat worker (s)", "mm/vmstat.c"),
	ROW(watermark_boost_factor, 0, INT32_MAX, 15000, PHYS_HOOK_NONE,
	    "Most watermark boost, in 1/10000 of the high watermark",
	    "mm/page_alloc.c"),
	ROW(watermark_scale_factor, 1, 3000, 10, PHYS_HOOK_WATERMARK,
	    "Distance of the watermarks, in 1/10000 of a zone",
	    "mm/page_alloc.c"),
	ROW(zone_reclaim_mode, 0, INT32_MAX, 0, PHYS_HOOK_NONE,
	    "Reclaim on the own node first: 1 on, 2 write, 4 unmap",
	    "mm/vmscan.c"),
};
const unsigned nr_phys_knobs = sizeof(phys_knobs) / sizeof(phys_knobs[0]);

bool phys_value_ok(enum phys_hook hook, int64_t value)
{
	return hook != PHYS_HOOK_PCP || value <= 0 || value >= FRACTION_LEAST;
}

static void proactive(struct phys *p)
{
	for (unsigned n = 0; p->compaction_proactiveness && n < p->nr_nodes;
	     n++) {
		p->nodes[n].kcompactd_proactive = 1;
		p->nodes[n].kcompactd_wake = 1;
	}
}

void phys_changed(struct phys *p, enum phys_hook hook)
{
	switch (hook) {
	case PHYS_HOOK_NONE:
		break;
	case PHYS_HOOK_MIN_FREE:
		p->user_min_free_kbytes = p->min_free_kbytes;
		wmarks_set(p, false);
		break;
	case PHYS_HOOK_WATERMARK:
		wmarks_set(p, false);
		break;
	case PHYS_HOOK_RESERVE:
		for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++)
			if (p->lowmem_reserve_ratio[t] < 1)
				p->lowmem_reserve_ratio[t] = 0;
		reserve_set(p, false);
		break;
	case PHYS_HOOK_PCP:
		pcp_update(p);
		break;
	case PHYS_HOOK_NUMA_STAT:
		if (!p->numa_stat)
			memset(p->stat.numa, 0, sizeof(p->stat.numa));
		break;
	case PHYS_HOOK_PROACTIVE:
		proactive(p);
		break;
	}
}

void phys_set_thp(struct phys *p, bool enabled)
{
	p->thp_enabled = enabled;
	if (enabled)
		min_free_for_thp(p, false);
	else
		min_free_calculate(p, false);
	wmarks_set(p, false);
}
