/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_COLLAPSE_H
#define VMCORE_COLLAPSE_H

#include "vmcore/memory/memory.h"

/*
 * DOC: 512 pages become a huge one.
 *
 * Models:  mm/khugepaged.c of 6.18: hpage_collapse_scan_pmd(),
 *          collapse_huge_page(), khugepaged_scan_mm_slot(), and of shared
 *          memory hpage_collapse_scan_file(), collapse_file().
 * Owns:    nothing; where khugepaged stands is struct khugepaged's.
 * Units:   bytes for addresses, entries of page tables for progress.
 * Order:   address spaces as they came, addresses upwards.
 * Omits:   files of disks, userfaultfd, pinned pages.
 */
enum collapse {
	COLLAPSE_DONE,
	COLLAPSE_PMD_MAPPED, /* is huge already */
	COLLAPSE_PMD_NULL,
	COLLAPSE_EXCEEDS, /* one of the max_ptes_* */
	COLLAPSE_NOT_USED, /* no entry is young */
	COLLAPSE_PAGE_BUSY, /* a page on no list, or locked */
	COLLAPSE_NOT_ANON,
	COLLAPSE_TRUNCATED, /* nothing is cached there */
	COLLAPSE_NO_PAGE,
	COLLAPSE_NO_CHARGE,
};

/*
 * Try the 2 MiB at @addr of @vma, by khugepaged's rules if @daemon.
 * Return: 0 and what came of it; NEED_MEMORY, WAIT_IO (to be repeated), a
 * host errno.
 */
int collapse_block(struct memory *m, struct ctx *ctx, uint32_t vma,
		   uint64_t addr, bool daemon, enum collapse *ret);
/* collapse-shmem.c: the same of a VMA of shared memory. */
int collapse_shmem(struct memory *m, struct ctx *ctx, uint32_t vma,
		   uint64_t addr, bool daemon, enum collapse *ret);
/*
 * A charged huge page, of FRAME_@type, for @addr of @vma, on @node. 0 and
 * *@ret: COLLAPSE_DONE, or why there is none; else as collapse_block().
 */
int collapse_alloc(struct memory *m, struct ctx *ctx, uint16_t node,
		   bool daemon, enum frame_type type, pfn_t *ret_folio,
		   enum collapse *ret);
/*
 * khugepaged_scan_mm_slot(): look at up to @pages entries of the address
 * space under way. *@progress counts them, *@last is the last result.
 * Return: as collapse_block().
 */
int khugepaged_scan(struct memory *m, struct ctx *ctx, uint32_t pages,
		    uint32_t *progress, enum collapse *last);

#endif
