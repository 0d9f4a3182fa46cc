// SPDX-License-Identifier: Apache-2.0
/* Whose zones are compacted: try_to_compact_pages(), compact_node(),
 * kcompactd_do_work() of mm/compaction.c. */
#include "vmcore/phys/block.h"
#include "vmcore/reclaim/compact.h"

/* --- a write to compact_memory ----------------------------------------------
 */
void compact_all_begin(struct space *s, uint32_t zone, struct compact *c)
{
	*c = (struct compact){ .zone = zone,
			       .order = COMPACT_ALL,
			       .type = MIGRATE_MOVABLE,
			       .mode = COMPACT_SYNC,
			       .ignore_skip = 1,
			       .whole = 1 };
	compact_begin(s, c);
}

/* --- for a request ----------------------------------------------------------
 */
void compact_direct_begin(const struct need *need, enum compact_priority prio,
			  struct compact_direct *d)
{
	*d = (struct compact_direct){
		.order = need->order,
		.gfp = need->gfp,
		.nodes = need->nodes ? need->nodes : UINT32_MAX,
		.home = need->home,
		.priority = prio,
		.result = COMPACTED_SKIPPED,
	};
}

static void note(struct compact_direct *d, enum compact_result result)
{
	if (d->result < (uint32_t)result)
		d->result = result;
}

/* A zone's run is over. Return: 0 if that is all, else STEP_MORE. */
static int zone_over(struct space *s, struct compact_direct *d)
{
	struct zone *z = &s->phys->zones[d->run.zone];
	uint32_t result = d->run.result;

	d->running = 0;
	note(d, (enum compact_result)result);
	if (result == COMPACTED_SUCCESS) {
		compact_defer_reset(z, d->order, false);
		return 0;
	}
	if (d->priority != COMPACT_PRIO_ASYNC &&
	    (result == COMPACTED_COMPLETE || result == COMPACTED_PARTIAL))
		compact_defer(z, d->order);
	return STEP_MORE;
}

static int zone_begin(struct space *s, struct compact_direct *d, unsigned zone)
{
	struct phys *p = s->phys;
	unsigned highest = gfp_zone(p, d->gfp);
	bool full = d->priority == COMPACT_PRIO_FULL;

	if (!full && compact_deferred(&p->zones[zone], d->order)) {
		note(d, COMPACTED_DEFERRED);
		return STEP_MORE;
	}
	d->run = (struct compact){
		.zone = zone,
		.order = d->order,
		.type = gfp_migratetype(p, d->gfp),
		.mode = d->priority == COMPACT_PRIO_ASYNC ? COMPACT_ASYNC
							  : COMPACT_SYNC_LIGHT,
		.direct = 1,
		.whole = full,
		.ignore_skip = full,
		.any_target = full,
	};
	d->run.result = compact_suitable(p, zone, d->order, highest);
	if (d->run.result != COMPACTED_CONTINUE)
		return zone_over(s, d);
	compact_begin(s, &d->run);
	d->running = 1;
	return STEP_MORE;
}

int compact_direct_step(struct space *s, struct ctx *ctx,
			struct compact_direct *d)
{
	const struct node *local = &s->phys->nodes[d->home];
	unsigned highest = gfp_zone(s->phys, d->gfp);
	int r;

	if (d->running) {
		r = compact_step(s, ctx, &d->run);
		return r ? r : zone_over(s, d);
	}
	while (d->next < local->nr_zonelist) {
		unsigned zone = local->zonelist[d->next++];
		const struct zone *z = &s->phys->zones[zone];

		if (z->type <= highest && z->managed && d->nodes >> z->node & 1)
			return zone_begin(s, d, zone);
	}
	return 0;
}

/* --- kcompactd --------------------------------------------------------------
 */
bool compact_daemon_useful(const struct phys *p, uint32_t node)
{
	const struct node *n = &p->nodes[node];

	for (unsigned t = 0; t <= n->kcompactd_zone; t++) {
		unsigned zone = node * MAX_ZONES_PER_NODE + t;

		if (p->zones[zone].managed &&
		    compact_suitable(p, zone, n->kcompactd_order,
				     n->kcompactd_zone) == COMPACTED_CONTINUE)
			return true;
	}
	return false;
}

void compact_daemon_begin(struct space *s, uint32_t node, bool proactive,
			  struct compact_daemon *d)
{
	const struct node *n = &s->phys->nodes[node];

	*d = (struct compact_daemon){
		.node = node,
		.order = proactive ? COMPACT_ALL : n->kcompactd_order,
		.highest = proactive ? MAX_ZONES_PER_NODE - 1
				     : n->kcompactd_zone,
		.proactive = proactive,
	};
	if (!proactive)
		vmstat_event(&s->phys->stat, COMPACT_DAEMON_WAKE, 1);
}

static void daemon_zone_over(struct space *s, struct compact_daemon *d)
{
	struct zone *z = &s->phys->zones[d->run.zone];
	uint32_t result = d->run.result;

	d->running = 0;
	if (d->proactive)
		return;
	if (result == COMPACTED_SUCCESS)
		compact_defer_reset(z, d->order, false);
	if (result != COMPACTED_COMPLETE && result != COMPACTED_PARTIAL)
		return;
	pcp_drain_zone(s->phys, d->run.zone);
	compact_defer(z, d->order);
}

static void daemon_zone_begin(struct space *s, struct compact_daemon *d,
			      unsigned zone)
{
	struct zone *z = &s->phys->zones[zone];

	if (!z->managed || (!d->proactive &&
			    (compact_deferred(z, d->order) ||
			     compact_suitable(s->phys, zone, d->order,
					      z->type) != COMPACTED_CONTINUE)))
		return;
	d->run = (struct compact){
		.zone = zone,
		.order = d->order,
		.type = MIGRATE_UNMOVABLE, /* of GFP_KERNEL */
		.mode = COMPACT_SYNC_LIGHT,
		.daemon = 1,
		.proactive = d->proactive,
		.whole = d->proactive,
		.ignore_skip = d->proactive,
	};
	compact_begin(s, &d->run);
	d->running = 1;
}

static int daemon_over(struct space *s, const struct compact_daemon *d)
{
	struct node *n = &s->phys->nodes[d->node];

	if (d->proactive)
		return 0;
	/* More may have been asked for meanwhile. */
	if (n->kcompactd_order <= d->order)
		n->kcompactd_order = n->kcompactd_zone = 0;
	return 0;
}

int compact_daemon_step(struct space *s, struct ctx *ctx,
			struct compact_daemon *d)
{
	int r;

	if (d->running) {
		r = compact_step(s, ctx, &d->run);
		if (!r)
			daemon_zone_over(s, d);
		return r ? r : STEP_MORE;
	}
	while (d->next <= d->highest && d->next < MAX_ZONES_PER_NODE) {
		daemon_zone_begin(s, d,
				  d->node * MAX_ZONES_PER_NODE + d->next++);
		if (d->running)
			return STEP_MORE;
	}
	return daemon_over(s, d);
}
