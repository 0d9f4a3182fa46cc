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
};

const struct scan_policy *scan_policy(const struct space *s)
{
	return &policies[s->control->policy];
}
