/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_MEMPOLICY_H
#define VMCORE_MEMPOLICY_H

#include "vmcore/base/types.h"

/*
 * DOC: a memory policy as one word.
 *
 * Models:  struct mempolicy, include/uapi/linux/mempolicy.h of 6.18.
 * Owns:    nothing: task, VMA and request hold the word by value, so that
 *          equal policies are equal words (mpol_equal()) and 0 is none.
 * Units:   bit n of the low byte is node n.
 * Order:   does not apply.
 * Omits:   home_node (set_mempolicy_home_node(2)); rebinding, as there are
 *          no cpusets.
 */
enum mpol_mode {
	MPOL_DEFAULT,
	MPOL_PREFERRED,
	MPOL_BIND,
	MPOL_INTERLEAVE,
	MPOL_LOCAL,
	MPOL_PREFERRED_MANY,
	MPOL_WEIGHTED_INTERLEAVE,
	NR_MPOL_MODES
};
/* MPOL_F_*: the kernel's values */
#define MPOL_F_STATIC	 0x8000u
#define MPOL_F_RELATIVE	 0x4000u
#define MPOL_F_BALANCING 0x2000u
#define MPOL_F_ALL	 (MPOL_F_STATIC | MPOL_F_RELATIVE | MPOL_F_BALANCING)

static inline uint32_t mpol_word(enum mpol_mode mode, uint32_t flags,
				 uint32_t nodes)
{
	return flags | (uint32_t)mode << 8 | nodes;
}
static inline enum mpol_mode mpol_mode(uint32_t policy)
{
	return (enum mpol_mode)(policy >> 8 & 7);
}
static inline uint32_t mpol_nodes(uint32_t policy)
{
	return policy & 0xff;
}
static inline bool mpol_interleaves(uint32_t policy)
{
	return mpol_mode(policy) == MPOL_INTERLEAVE ||
	       mpol_mode(policy) == MPOL_WEIGHTED_INTERLEAVE;
}
/* The first node of a set; MAX_NODES: it is empty. */
static inline unsigned mpol_first(uint32_t nodes)
{
	unsigned n = 0;

	while (n < MAX_NODES && !(nodes >> n & 1))
		n++;
	return n;
}
/* The next after @node, the first behind the last (next_node_in()). */
static inline unsigned mpol_next(uint32_t nodes, unsigned node)
{
	unsigned n = node + 1;

	while (n < MAX_NODES && !(nodes >> n & 1))
		n++;
	return n < MAX_NODES ? n : mpol_first(nodes);
}

#endif
