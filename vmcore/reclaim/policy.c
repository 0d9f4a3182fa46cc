// SPDX-License-Identifier: Apache-2.0
#include "vmcore/reclaim/policy.h"

static const struct scan_policy policies[NR_POLICIES] = {
	[POLICY_LRU] = {
		.node = twolist_node,
		.group = twolist_group,
		.step = twolist_step,
		.group_end = twolist_group_end,
		.age = twolist_age,
		.references = twolist_references,
	},
	[POLICY_MGLRU] = {
		.node = mglru_node,
		.group = mglru_group,
		.step = mglru_step,
		.group_end = mglru_group_end,
		.age = mglru_age,
		.references = mglru_references,
		.putback = mglru_putback,
	},
	[POLICY_CLASSIC] = {
		.node = classic_node,
		.group = classic_group,
		.step = classic_step,
		.group_end = classic_group_end,
		.references = classic_references,
		.dirty_stay = true,
	},
};

#define TELL_AGAIN_NS 100000000u

bool scan_news(struct space *s, const struct ctx *ctx, const struct scan *sc,
	       uint64_t what)
{
	struct told *told = &s->control->told[sc->node];

	if (told->what == what && ctx->now < told->at + TELL_AGAIN_NS)
		return false;
	*told = (struct told){ what, ctx->now };
	return true;
}

const struct scan_policy *scan_policy(const struct space *s)
{
	return &policies[s->control->policy];
}
