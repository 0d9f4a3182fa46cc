/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROC_DIRECTMAP_H
#define FS_PROC_DIRECTMAP_H

#include "vmcore/phys/phys.h"

/*
 * DOC: which page sizes the kernel maps all memory with.
 *
 * Models:  arch/x86/mm/init.c: split_mem_range(); mm/pat/set_memory.c:
 *          arch_report_meminfo().
 * Owns:    nothing; it follows from where memory is.
 * Units:   kB.
 * Order:   does not apply.
 * Omits:   splits after boot (page attributes): the model makes none.
 */
struct directmap {
	uint64_t small_kb; /* 4 KiB pages */
	uint64_t huge_kb; /* 2 MiB, or 4 MiB on a 32-bit machine without PAE */
	uint64_t giant_kb; /* 1 GiB */
	uint32_t huge_mb; /* 2 or 4 */
};

void directmap(const struct phys *p, struct directmap *ret_map);

#endif
