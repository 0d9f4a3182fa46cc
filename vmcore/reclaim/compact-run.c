// SPDX-License-Identifier: Apache-2.0
/* Whose zones are compacted: compact_node() of mm/compaction.c. */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/compact.h"

int compact_node(struct space *s, struct ctx *ctx, uint32_t node)
{
	int r = STEP_MORE;

	pcp_drain_all(s->phys);
	for (unsigned t = 0; t < MAX_ZONES_PER_NODE; t++) {
		struct compact c = { .zone = node * MAX_ZONES_PER_NODE + t,
				     .order = COMPACT_ALL,
				     .type = MIGRATE_MOVABLE,
				     .mode = COMPACT_SYNC };

		if (!s->phys->zones[c.zone].managed)
			continue;
		compact_begin(s, &c, true);
		do
			r = compact_step(s, ctx, &c);
		while (r == STEP_MORE);
		pcp_drain_zone(s->phys, c.zone);
		if (r)
			return r;
	}
	return 0;
}
