/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_NUMAB_H
#define VMCORE_NUMAB_H

#include "vmcore/memory/fault.h"

/*
 * DOC: NUMA balancing: hints in page tables and the faults on them.
 *
 * Models:  task_numa_work() of kernel/sched/fair.c, change_prot_numa() of
 *          mm/mempolicy.c, do_numa_page(), migrate_misplaced_folio() of
 *          mm/memory.c and mm/migrate.c, 6.18.
 * Owns:    PTE_HINT; frame.private of pages that are not busy: who used them
 *          last by such a fault (cpupid), or in slow memory when they were
 *          marked, in ms.
 * Units:   pages, bytes for addresses.
 * Order:   ascending addresses, round and round.
 * Omits:   groups of processes that share pages; VMAs passed over as nobody
 *          of the process used them lately.
 */
/* frame.private has other uses now. */
static inline bool numab_busy(const struct frame *f)
{
	return f->word & (PG_LOCKED | PG_WRITEBACK | PG_SWAPCACHE | PG_KSM);
}
#define NUMAB_MS(ns) ((uint32_t)((ns) / 1000000u))

/*
 * Mark the next 256 MiB of what @mm maps, as far as its pages are not where
 * ctx's CPU is. Counts numa_pte_updates.
 */
void memory_numa_scan(struct memory *m, struct ctx *ctx, uint32_t mm);

/* A fault on a hint: @entry of level 1 or 2 is used again, its page perhaps
 * here now. 0 or a host errno. */
int fault_hint(struct fault *f, uint32_t table, unsigned slot);

#endif
