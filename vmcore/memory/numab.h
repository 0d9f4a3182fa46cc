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
 *          last by such a fault (cpupid).
 * Units:   pages, bytes for addresses.
 * Order:   ascending addresses, round and round.
 * Omits:   groups of processes that share pages; VMAs passed over as nobody
 *          of the process used them lately.
 */
#define NUMAB_NORMAL  1 /* kernel.numa_balancing */
#define NUMAB_TIERING 2

/*
 * Mark the next 256 MiB of what @mm maps, as far as its pages are not where
 * ctx's CPU is. Counts numa_pte_updates.
 */
void memory_numa_scan(struct memory *m, struct ctx *ctx, uint32_t mm);

/* A fault on a hint: @entry of level 1 or 2 is used again, its page perhaps
 * here now. 0 or a host errno. */
int fault_hint(struct fault *f, uint32_t table, unsigned slot);

#endif
