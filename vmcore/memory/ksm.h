/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_MEMORY_KSM_H
#define VMCORE_MEMORY_KSM_H

#include "vmcore/memory/memory.h"

/*
 * DOC: merging pages of equal content, and parting them again.
 *
 * Models:  mm/ksm.c of 6.18: ksm_do_scan(), cmp_and_merge_page(),
 *          break_ksm(), unmerge_and_remove_all_rmap_items().
 * Owns:    nothing: settings and records are the space's (ksm.h there).
 * Units:   pages.
 * Order:   address spaces in turn, pages by address.
 * Omits:   advisors; pages that are in swap too are left alone.
 */

/*
 * Scan up to @nr pages; ends early when every address space was seen once.
 * Return: 0 and how many in @ret_nr (fewer than @nr: a full scan is done, or
 * there is no memory for its records), or a host errno.
 */
int ksm_scan(struct memory *m, struct ctx *ctx, uint32_t nr, uint32_t *ret_nr);
/* Has ksmd anything to do? */
bool ksm_active(const struct space *s);

/*
 * Each merged page of [@start, @end) of @vma becomes the process's own again,
 * a fault each (ctx->minor_faults). 0, NEED_* (to be repeated), host errno.
 */
int ksm_break(struct memory *m, struct ctx *ctx, uint32_t vma, uint64_t start,
	      uint64_t end);
/* The same of all memory, and all that is known is forgotten: run = 2. */
int ksm_unmerge_all(struct memory *m, struct ctx *ctx);

/* --- ksm-scan.c -------------------------------------------------------------
 */
/* First anonymous page at or after *@addr in @vma; false none. */
bool ksm_next_page(const struct space *s, const struct vma *v, uint64_t *addr,
		   pfn_t *ret_page);
/* --- ksm.c
 * --------------------------------------------------------------------- */
/* What becomes of @page, of @item (cmp_and_merge_page()). 0, host errno. */
int ksm_compare(struct memory *m, struct ctx *ctx, uint32_t item, pfn_t page);

#endif
