/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_VMA_H
#define VMCORE_VMA_H

#include "vmcore/space/space.h"

/*
 * DOC: the VMAs of an mm: find, insert, split, merge, where to map.
 *
 * Models:  mm/vma.c, mm/mmap.c of 6.18.
 * Owns:    the tree of VMAs of every mm and their places in reverse maps.
 * Units:   bytes for addresses, pages for offsets.
 * Order:   by address; top-down first fit.
 * Omits:   userfaultfd contexts, named anonymous VMAs.
 */

/* What a new or changed range shall be: the merge rules compare it. */
struct vma_spec {
	uint64_t start, end, pgoff;
	uint32_t flags, file, anon_vma, policy, name;
	uint32_t copied_from; /* mremap: the VMA it comes from, else 0 */
};

/* A VMA record with its slab object, in no tree. 0, NEED_*, host errno. */
int vma_new(struct space *s, struct ctx *ctx, uint32_t *ret_vma);
/* Give it back; it must be in no tree. */
void vma_delete(struct space *s, struct ctx *ctx, uint32_t vma);
/* Into (out of) the mm's tree, the file's map and the accounting; @prev and
 * @next: the VMAs of @mm below and above it, 0 none. */
void vma_link(struct space *s, uint32_t mm, uint32_t vma, uint32_t prev,
	      uint32_t next);
/* Also drops its chains and its hold on the file. */
void vma_remove(struct space *s, struct ctx *ctx, uint32_t vma);

/*
 * Map @spec, merging with neighbours where the rules allow; the file gets
 * one more reference if a VMA of its own is made.
 * Return: 0 and the VMA now covering it, NEED_*, host errno.
 */
int vma_map(struct space *s, struct ctx *ctx, uint32_t mm,
	    const struct vma_spec *spec, uint32_t *ret_vma);
/*
 * Give [@start, @end) within @vma the flags @flags (policy @policy),
 * merging or splitting as vma_modify() does.
 * Return: 0 and the VMA covering the range, ENOMEM past max_map_count,
 * NEED_*, host errno.
 */
int vma_modify(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t start,
	       uint64_t end, uint32_t flags, uint32_t policy,
	       uint32_t *ret_vma);
/* Cut @vma at @addr, strictly inside. @ret_upper: the upper part. */
int vma_split(struct space *s, struct ctx *ctx, uint32_t vma, uint64_t addr,
	      uint32_t *ret_upper);
/* Move a border: rmaps, gaps and accounting follow. */
void vma_set_range(struct space *s, uint32_t vma, uint64_t start, uint64_t end,
		   uint64_t pgoff);

/* Where a mapping of @len bytes goes. @align: 0 or a power of two above a
 * page; @off: file offset in bytes, congruent modulo @align. UINT64_MAX:
 * no room. */
uint64_t vma_unmapped_area(const struct space *s, const struct mm *mm,
			   uint64_t len, uint64_t align, uint64_t off);
/* The same for who would like to have it at @hint: there if it is free, else
 * as any other; above the window only if that is (mmap(2)). */
uint64_t vma_hinted_area(const struct space *s, uint32_t mm, uint64_t len,
			 uint64_t hint);
/* vm_stat_account(): @pages more (less) of a mapping with @flags. */
void mm_account(struct mm *mm, uint32_t flags, int64_t pages);

/* --- anon_vma.c -------------------------------------------------------- */
/* Make sure @vma has an anon_vma (own or a neighbour's). */
int anon_vma_prepare(struct space *s, struct ctx *ctx, uint32_t vma);
/* @dst gets chains to all anon_vmas of @src (split, merge, mremap). */
int anon_vma_clone(struct space *s, struct ctx *ctx, uint32_t dst,
		   uint32_t src);
/* The child's VMA at fork: clones, then an anon_vma of its own. */
int anon_vma_fork(struct space *s, struct ctx *ctx, uint32_t dst, uint32_t src);
/* Drop all chains of @vma. */
void anon_vma_unlink(struct space *s, struct ctx *ctx, uint32_t vma);
bool anon_vma_singular(const struct space *s, uint32_t vma);
/* The VMA's entries in anon_vma trees and the file's map: out before its
 * range changes, in again after. */
void vma_rmap_out(struct space *s, uint32_t vma);
void vma_rmap_in(struct space *s, uint32_t vma);

static inline struct anon_vma *anon_vma_at(const struct space *s, uint32_t id)
{
	return pool_at(&s->anon_vmas, id);
}

#endif
