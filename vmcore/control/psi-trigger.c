// SPDX-License-Identifier: Apache-2.0
/* Who wants to be told when stalls grow: psi_trigger_create(), window_update(),
 * update_triggers(). */
#include "vmcore/control/control.h"

#include <errno.h>
#include <string.h>

#define UPDATES 10u /* looks a window: UPDATES_PER_WINDOW */

static void find_next(struct psi_triggers *ts)
{
	ts->next = UINT64_MAX;
	for (unsigned i = 0; i < PSI_TRIGGERS; i++)
		if (ts->row[i].used && ts->row[i].next < ts->next)
			ts->next = ts->row[i].next;
}

int psi_trigger_new(struct psi_triggers *ts, const struct psi *p,
		    enum psi_state state, uint64_t threshold, uint64_t window,
		    vtime_t now, uint32_t *ret_id)
{
	unsigned i = 0;

	while (i < PSI_TRIGGERS && ts->row[i].used)
		i++;
	if (i == PSI_TRIGGERS)
		return ENOSPC;
	ts->row[i] = (struct psi_trigger){
		.used = 1,
		.state = state,
		.threshold = threshold,
		.window = window,
		.start = now,
		.start_total = psi_total(p, state, now),
		.seen = psi_total(p, state, now),
		.next = now + window / UPDATES,
	};
	ts->nr++;
	find_next(ts);
	*ret_id = i + 1;
	return 0;
}

void psi_trigger_of(struct psi_triggers *ts, uint32_t id, uint32_t group,
		    uint64_t born)
{
	ts->row[id - 1].group = group;
	ts->row[id - 1].born = born;
}

void psi_trigger_free(struct psi_triggers *ts, uint32_t id)
{
	memset(&ts->row[id - 1], 0, sizeof(ts->row[id - 1]));
	ts->nr--;
	find_next(ts);
}

/* What was stalled in the window that ends now; of the one before it, the
 * part that is still inside. */
static uint64_t growth(struct psi_trigger *t, uint64_t total, vtime_t now)
{
	uint64_t elapsed = now - t->start, grown = total - t->start_total;

	if (elapsed > t->window) {
		t->start = now;
		t->start_total = total;
		t->last_growth = grown;
		return grown;
	}
	/* in us, lest the product is too large */
	return grown + t->last_growth / 1000 * ((t->window - elapsed) / 1000) /
			       (t->window / 1000) * 1000;
}

static void look(struct psi_trigger *t, const struct psi *p, vtime_t now)
{
	uint64_t total = psi_total(p, (enum psi_state)t->state, now);

	/* What did not grow since the last look cannot be too much now. */
	if (total != t->seen && growth(t, total, now) >= t->threshold)
		t->pending = 1;
	t->seen = total;
	/* Once a window at most. */
	if (!t->pending || (t->last_event && now < t->last_event + t->window))
		return;
	t->fired = 1;
	t->pending = 0;
	t->last_event = now;
}

void psi_triggers_run(struct psi_triggers *ts, const struct psi *p,
		      const struct control *c, vtime_t now)
{
	for (unsigned i = 0; i < PSI_TRIGGERS; i++) {
		struct psi_trigger *t = &ts->row[i];
		const struct psi *of;

		if (!t->used || t->next > now)
			continue;
		of = group_psi(c, p, t->group, t->born);
		if (of)
			look(t, of, now);
		t->next = now + t->window / UPDATES;
	}
	find_next(ts);
}
