// SPDX-License-Identifier: Apache-2.0
/* What memory.min and memory.low keep of a group's memory: mm/page_counter.c
 * page_counter_calculate_protection(), effective_protection(). */
#include "vmcore/control/control.h"

struct protection {
	uint64_t min, low;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What the children of @id claim of it, as far as they use it. */
static struct protection claimed(const struct control *c, uint32_t id)
{
	struct protection sum = { 0, 0 };

	for (uint32_t g = group_at(c, id)->first_child; g;
	     g = group_at(c, g)->next_sibling) {
		const struct group *child = group_at(c, g);

		sum.min += least(child->usage, child->min);
		sum.low += least(child->usage, child->low);
	}
	return sum;
}

/*
 * A share of what the group above has, @parent, if all claim more than that
 * (@all); what nobody claims is shared out by what each uses beyond its claim
 * (memory_recursiveprot).
 */
static uint64_t effective(const struct group *g, const struct group *up,
			  uint64_t setting, uint64_t parent, uint64_t all)
{
	uint64_t own = least(g->usage, setting);

	if (all > parent)
		return own * parent / all;
	if (parent > all && up->usage > all && g->usage > own)
		own += (parent - all) * (g->usage - own) / (up->usage - all);
	return own;
}

static struct protection protection(const struct control *c, uint32_t root,
				    uint32_t id)
{
	const struct group *g = group_at(c, id), *up = group_at(c, g->parent);
	struct protection above, all, p = { g->min, g->low };

	/* The topmost below who reclaims has what it was given. */
	if (g->parent == root)
		return p;
	above = protection(c, root, g->parent);
	all = claimed(c, g->parent);
	p.min = effective(g, up, g->min, above.min, all.min);
	p.low = effective(g, up, g->low, above.low, all.low);
	return p;
}

void group_protection(const struct control *c, uint32_t root, uint32_t id,
		      uint64_t *ret_min, uint64_t *ret_low)
{
	struct protection p = { 0, 0 };

	if (id > GROUP_ROOT && id != root)
		p = protection(c, root, id);
	*ret_min = p.min;
	*ret_low = p.low;
}
