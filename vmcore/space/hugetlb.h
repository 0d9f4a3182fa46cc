/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SPACE_HUGETLB_H
#define VMCORE_SPACE_HUGETLB_H

#include "vmcore/space/pgtable.h"

/*
 * DOC: mappings of huge pages from the pools.
 *
 * Models:  mm/hugetlb.c (__unmap_hugepage_range(), copy_hugetlb_page_range(),
 *          hugetlb_change_protection()), fs/proc/task_mmu.c of 6.18.
 * Owns:    entries of levels 2 and 3 in VMAs with VM_HUGETLB, and
 *          mm.hugetlb_pages.
 * Units:   addresses are bytes.
 * Order:   by address.
 * Omits:   shared PMD tables, page migration.
 *
 * A page counts its mappings in its head alone; it is in no LRU and no rss.
 */
enum huge_size vma_huge_size(const struct space *s, const struct vma *v);
static inline unsigned huge_level(enum huge_size size)
{
	return size == HUGE_1G ? 3 : 2;
}
static inline uint64_t vma_huge_bytes(const struct space *s,
				      const struct vma *v)
{
	return (uint64_t)PAGE_SIZE << huge_order(vma_huge_size(s, v));
}
/* vma_kernel_pagesize() */
static inline uint64_t vma_page_kb(const struct space *s, const struct vma *v)
{
	return (v->flags & VM_HUGETLB ? vma_huge_bytes(s, v) : PAGE_SIZE) >> 10;
}
static inline uint32_t vma_huge_inode(const struct space *s,
				      const struct vma *v)
{
	return file_at(s->cache, v->file)->inode;
}
/* Index of the huge page at @addr in its file. */
uint64_t vma_huge_index(const struct space *s, const struct vma *v,
			uint64_t addr);

/* Write an entry, 0 for none; mappings of the page are the caller's. */
void huge_set(struct space *s, uint32_t table, unsigned slot, uint64_t entry);
/* A page is mapped once more; once less, and a private one that nobody maps
 * goes back to its pool, @restore with its reservation. */
void huge_map(struct space *s, pfn_t pfn);
void huge_unmap(struct space *s, struct ctx *ctx, const struct vma *v,
		pfn_t pfn, bool restore);

/* zap_range() of such a VMA; pages of 4 KiB. */
uint64_t huge_zap(struct space *s, struct ctx *ctx, const struct vma *v,
		  uint64_t start, uint64_t end);
/* The VMA goes: what it did not use of its reservation. */
void huge_close(struct space *s, struct ctx *ctx, const struct vma *v);
/* mm_fork_step() for the page at *@cursor. */
int huge_fork_step(struct space *s, struct ctx *ctx, uint32_t dst,
		   const struct vma *v, uint64_t *cursor);
void huge_protect(struct space *s, const struct vma *v, uint64_t start,
		  uint64_t end);
void huge_smaps(const struct space *s, const struct vma *v, struct smaps *sum);
/* Visits who maps the page whose head is @pfn. */
void huge_rmap_walk(const struct space *s, pfn_t pfn, rmap_visit *visit,
		    void *arg);
/*
 * The owner of a private file wants @pfn for itself: others that
 * map it lose it, and their VMAs what could not be told from it
 * (unmap_ref_private()).
 */
void huge_steal(struct space *s, struct ctx *ctx, uint32_t owner, pfn_t pfn);

#endif
