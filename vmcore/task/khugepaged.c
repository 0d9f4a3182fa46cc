// SPDX-License-Identifier: Apache-2.0
/* khugepaged: khugepaged_do_scan(), khugepaged_wait_work(). */
#include "vmcore/memory/collapse.h"
#include "vmcore/task/sched.h"

#define TICK_NS	     4000000u
#define PAGES_A_STEP (8 * HPAGE_PAGES) /* as many as a default pass has */

/* actor.cursor[0]; [1] entries looked at, [2] how often from the start, [3]
 * what came of the last block, and whether it has waited for a huge page. */
enum state { SLEPT, SCANS };
#define WAITED 0x100u

static bool has_work(const struct tasks *t)
{
	return t->space->thp.khugepaged.first && thp_pmd_enabled(t->space);
}

/* A thread that is to sleep for no time at all takes turns by the tick. */
static int sleep_for(struct ctx *ctx, uint32_t ms)
{
	ctx->wait_until = ctx->now + (ms ? ms * (vtime_t)1000000 : TICK_NS);
	return WAIT_TIME;
}

static int lie_down(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	a->cursor[0] = SLEPT;
	if (!has_work(t))
		return WAIT_WAKE;
	return sleep_for(ctx, t->space->thp.khugepaged.scan_sleep_ms);
}

/* One call of khugepaged_scan_mm_slot(), and what follows from it. */
static int scan(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct khugepaged *k = &t->space->thp.khugepaged;
	enum collapse last = (enum collapse)(a->cursor[3] & ~WAITED);
	int r;

	a->cursor[2] += !k->mm;
	if (!has_work(t) || a->cursor[2] > 1 ||
	    a->cursor[1] >= k->pages_to_scan)
		return lie_down(t, ctx, a);
	r = khugepaged_scan(t->memory, ctx, k->pages_to_scan, &a->cursor[1],
			    &last);
	a->cursor[3] = (a->cursor[3] & WAITED) | last;
	if (r)
		return r;
	/* The next block is a request of its own. */
	a->slow.open = a->no_huge = ctx->no_huge = 0;
	if (last != COLLAPSE_NO_PAGE || a->cursor[1] >= k->pages_to_scan)
		return STEP_MORE;
	/* The first time it waits for one; then it gives up until later. */
	if (a->cursor[3] & WAITED)
		return lie_down(t, ctx, a);
	a->cursor[3] = WAITED | COLLAPSE_DONE;
	return sleep_for(ctx, k->alloc_sleep_ms);
}

int khugepaged_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t enough;
	int r;

	if (a->cursor[0] == SLEPT) {
		a->cursor[0] = SCANS;
		a->cursor[1] = a->cursor[2] = a->cursor[3] = 0;
	}
	enough = a->cursor[1] + PAGES_A_STEP;
	do {
		r = scan(t, ctx, a);
	} while (r == STEP_MORE && a->cursor[1] < enough);
	return r;
}

void khugepaged_wake(struct tasks *t)
{
	struct khugepaged *k = &t->space->thp.khugepaged;
	uint32_t why = k->wake;

	k->wake = 0;
	if (!why || !t->khugepaged)
		return;
	if (why == THP_WAKE_NOW ||
	    actor_at(t, t->khugepaged)->state == ACTOR_ASLEEP)
		sched_wake(t, t->khugepaged);
}
