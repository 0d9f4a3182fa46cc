/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_VMA_TREE_H
#define VMCORE_VMA_TREE_H

#include "vmcore/space/space.h"

/*
 * DOC: the index of an mm's VMAs: by address, and by what is free below them.
 *
 * Models:  the maple tree of mm_struct (lib/maple_tree.c): nodes of many
 *          slots, with the largest gap of each.
 * Owns:    nodes, and a VMA's neighbours (prev, next).
 * Units:   bytes.
 * Order:   by address; reserve before a VMA goes in.
 * Omits:   slab objects of the nodes: kmem keeps a usual number of them.
 */

/* Room for the nodes that one more VMA may need. 0 or a host errno. */
int vma_tree_reserve(struct space *s);
/* @vma, whose range is set, between @prev and @next, 0 none. */
void vma_tree_add(struct space *s, struct mm *mm, uint32_t vma, uint32_t prev,
		  uint32_t next);
void vma_tree_del(struct space *s, struct mm *mm, uint32_t vma);
/* @vma has another range now; its neighbours are the same. */
void vma_tree_moved(struct space *s, uint32_t vma);

/* The last VMA that starts at or below @addr, or the first one if it is the
 * other side of a border: what covers @addr is this one or beside it. 0: the
 * mm has none. */
uint32_t vma_tree_near(const struct space *s, const struct mm *mm,
		       uint64_t addr);
uint32_t vma_tree_first(const struct space *s, const struct mm *mm);

/*
 * The highest (lowest) of the gaps of at least @len bytes, below a VMA and
 * in touch with [@low, @high), that @fits says yes to. False: none.
 */
struct gap_search {
	const struct space *s;
	uint64_t len, low, high;
	uint64_t found; /* @fits puts it there */
	bool (*fits)(struct gap_search *q, const struct vma *v, uint64_t gap);
};
bool vma_tree_gap_down(struct gap_search *q, const struct mm *mm);
bool vma_tree_gap_up(struct gap_search *q, const struct mm *mm);

/* Recount: nodes, borders, gaps, neighbours of one mm. */
void vma_tree_check(const struct space *s, uint32_t mm, check_report *report,
		    void *arg);

#endif
