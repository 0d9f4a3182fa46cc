// SPDX-License-Identifier: Apache-2.0
#include "vmcore/memory/ksm.h"
#include "vmcore/task/sched.h"

#define BATCH	  32u /* pages a step */
#define NS_PER_MS 1000000u

/* ksm_scan_thread(). cursor[0]: pages scanned since it woke. */
int ksmd_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct ksm *k = &t->space->ksm;
	uint32_t nr, left;
	int r;

	if (!ksm_active(t->space)) {
		a->cursor[0] = 0;
		return WAIT_WAKE;
	}
	left = k->pages_to_scan > a->cursor[0] ? k->pages_to_scan - a->cursor[0]
					       : 0;
	if (left > BATCH)
		left = BATCH;
	r = ksm_scan(t->memory, ctx, left, &nr);
	if (r)
		return r;
	a->cursor[0] += nr;
	if (nr && nr == left && a->cursor[0] < k->pages_to_scan)
		return STEP_MORE;
	a->cursor[0] = 0;
	if (!ksm_active(t->space))
		return WAIT_WAKE;
	/* Without a pause it would never let the clock move. */
	ctx->wait_until =
		t->now + ctx->cost_ns + 1 + (vtime_t)k->sleep_ms * NS_PER_MS;
	return WAIT_TIME;
}

void ksmd_wake(struct tasks *t)
{
	if (!t->space->ksm.wake)
		return;
	t->space->ksm.wake = 0;
	if (ksm_active(t->space))
		sched_wake(t, t->ksmd);
}
