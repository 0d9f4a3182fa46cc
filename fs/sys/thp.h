/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SYS_THP_H
#define FS_SYS_THP_H

#include "vmcore/machine.h"

/*
 * DOC: what follows from the settings of transparent huge pages.
 *
 * Models:  mm/khugepaged.c: hugepage_pmd_enabled(),
 *          set_recommended_min_free_kbytes(); mm/huge_memory.c counters.
 * Owns:    nothing.
 * Units:   folios of 2^order pages.
 * Order:   does not apply.
 * Omits:   khugepaged itself.
 */

/* A setting was written: the reserve of free memory follows it. */
void thp_changed(struct machine *m);

/* Anonymous folios of @order there are; @partial: those with a page that
 * nobody maps any more. */
uint64_t thp_nr_anon(const struct phys *p, unsigned order, bool partial);

#endif
