// SPDX-License-Identifier: Apache-2.0
/* Words that stand for a number: protections, advices, policies. */
#include "fs/script-parse.h"

#include <errno.h>

const struct choice access_choices[] = {
	{ "read", TOUCH_READ },
	{ "write", TOUCH_WRITE },
	{ "exec", TOUCH_EXEC },
	{ NULL, 0 },
};

const struct choice prot_choices[] = {
	{ "rw", VM_READ | VM_WRITE },
	{ "r", VM_READ },
	{ "rx", VM_READ | VM_EXEC },
	{ "rwx", VM_READ | VM_WRITE | VM_EXEC },
	{ "none", 0 },
	{ NULL, 0 },
};

const struct choice madvise_choices[] = {
	{ "normal", MADV_NORMAL },
	{ "random", MADV_RANDOM },
	{ "sequential", MADV_SEQUENTIAL },
	{ "willneed", MADV_WILLNEED },
	{ "dontneed", MADV_DONTNEED },
	{ "free", MADV_FREE },
	{ "cold", MADV_COLD },
	{ "pageout", MADV_PAGEOUT },
	{ "hugepage", MADV_HUGEPAGE },
	{ "nohugepage", MADV_NOHUGEPAGE },
	{ "mergeable", MADV_MERGEABLE },
	{ "unmergeable", MADV_UNMERGEABLE },
	{ "dontfork", MADV_DONTFORK },
	{ "dofork", MADV_DOFORK },
	{ "populate_read", MADV_POPULATE_READ },
	{ "populate_write", MADV_POPULATE_WRITE },
	{ "collapse", MADV_COLLAPSE },
	{ NULL, 0 },
};

/* POSIX_FADV_* of include/uapi/linux/fadvise.h */
const struct choice fadvise_choices[] = {
	{ "normal", 0 },   { "random", 1 },   { "sequential", 2 },
	{ "willneed", 3 }, { "dontneed", 4 }, { NULL, 0 },
};

const struct choice policy_choices[] = {
	{ "default", MPOL_DEFAULT },
	{ "preferred", MPOL_PREFERRED },
	{ "bind", MPOL_BIND },
	{ "interleave", MPOL_INTERLEAVE },
	{ "local", MPOL_LOCAL },
	{ "preferred-many", MPOL_PREFERRED_MANY },
	{ "weighted-interleave", MPOL_WEIGHTED_INTERLEAVE },
	{ NULL, 0 },
};

const struct choice gfp_choices[] = {
	{ "kernel", GFP_KERNEL },
	{ "atomic", GFP_ATOMIC },
	{ "highuser", GFP_HIGHUSER },
	{ "dma", GFP_KERNEL | GFP_BIT_DMA },
	{ "dma32", GFP_KERNEL | GFP_BIT_DMA32 },
	{ NULL, 0 },
};

const struct choice inject_choices[] = {
	{ "zone", INJECT_ZONE },
	{ "list", INJECT_LIST },
	{ "counter", INJECT_COUNTER },
	{ NULL, 0 },
};

int parse_choice(struct parse *p, const struct word *w,
		 const struct choice *choices, const char *what, uint32_t *ret)
{
	for (const struct choice *c = choices; c->word; c++)
		if (word_is(w, c->word)) {
			*ret = c->value;
			return 0;
		}
	parse_bad(p, EINVAL, "'%.*s' is no %s, one of", SHOWN(w), what);
	for (const struct choice *c = choices; c->word; c++)
		out_printf(p->why, " %s", c->word);
	return EINVAL;
}
