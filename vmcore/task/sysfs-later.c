// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sysfs-later.h"

#include <string.h>

static void ksm_defaults(struct ksm_sysfs *k)
{
	k->pages_to_scan = 100;
	k->sleep_ms = 20;
	k->merge_across_nodes = 1;
	k->max_page_sharing = 256;
	k->smart_scan = 1;
	k->prune_ms = 2000;
	k->advisor = KSM_ADVISOR_NONE;
	k->advisor_max_cpu = 70;
	k->advisor_target_s = 200;
	k->advisor_min_pages = 500;
	k->advisor_max_pages = 30000;
}

void sysfs_later_defaults(struct later_sysfs *s)
{
	memset(s, 0, sizeof(*s));
	ksm_defaults(&s->ksm);
	s->zswap.max_pool_percent = 20;
	s->zswap.accept_threshold_percent = 90;
	s->interleave_auto = 1;
	memset(s->interleave_weight, 1, sizeof(s->interleave_weight));
}
