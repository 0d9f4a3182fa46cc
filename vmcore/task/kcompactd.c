// SPDX-License-Identifier: Apache-2.0
/* kcompactd of a node: kcompactd(), should_proactive_compact_node(). */
#include "vmcore/phys/block.h"
#include "vmcore/task/sched.h"

#define CHECK_NS 500000000u /* HPAGE_FRAG_CHECK_INTERVAL_MSEC */

/* actor.cursor[0]; [1] how far its next look is put off, as a shift; [2] the
 * fragmentation before a proactive run, in hundredths. */
enum kcompactd_state { KCOMPACTD_SLEEPS, KCOMPACTD_WORKS, KCOMPACTD_TIDIES };

static uint32_t node_of(const struct tasks *t, const struct actor *a)
{
	uint32_t n = 0;

	while (t->kcompactd[n] != a->self)
		n++;
	return n;
}

static int lie_down(const struct tasks *t, struct ctx *ctx, struct actor *a)
{
	a->cursor[0] = KCOMPACTD_SLEEPS;
	a->memstall = 0;
	if (!t->space->phys->compaction_proactiveness)
		return WAIT_WAKE;
	ctx->wait_until = ctx->now + ((vtime_t)CHECK_NS << a->cursor[1]);
	return WAIT_TIME;
}

static int begin(struct tasks *t, struct actor *a, uint32_t n,
		 enum kcompactd_state how)
{
	compact_daemon_begin(t->space, n, how == KCOMPACTD_TIDIES,
			     &t->compacting[n]);
	a->cursor[0] = how;
	a->cursor[1] = 0;
	return STEP_MORE;
}

static int look(struct tasks *t, struct ctx *ctx, struct actor *a, uint32_t n)
{
	struct phys *p = t->space->phys;
	struct node *node = &p->nodes[n];
	bool asked = node->kcompactd_proactive;
	unsigned score;

	node->kcompactd_proactive = 0;
	if (node->kcompactd_order && !asked) {
		a->memstall = 1; /* psi_memstall_enter() */
		return begin(t, a, n, KCOMPACTD_WORKS);
	}
	a->cursor[1] = 0;
	if (!p->compaction_proactiveness || node->kswapd_running)
		return lie_down(t, ctx, a);
	score = compact_score_node(p, n);
	if (score <= compact_score_mark(p, false))
		return lie_down(t, ctx, a);
	a->cursor[2] = score;
	return begin(t, a, n, KCOMPACTD_TIDIES);
}

int kcompactd_step(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t n = node_of(t, a);
	int r;

	if (a->cursor[0] == KCOMPACTD_SLEEPS)
		return look(t, ctx, a, n);
	r = compact_daemon_step(t->space, ctx, &t->compacting[n]);
	if (r)
		return r;
	/* It was no use: not again for half a minute. */
	if (a->cursor[0] == KCOMPACTD_TIDIES &&
	    compact_score_node(t->space->phys, n) >= a->cursor[2])
		a->cursor[1] = COMPACT_MAX_DEFER;
	return lie_down(t, ctx, a);
}

void kcompactd_wake(struct tasks *t)
{
	struct phys *p = t->space->phys;

	for (uint32_t n = 0; n < p->nr_nodes; n++) {
		struct node *node = &p->nodes[n];

		if (!node->kcompactd_wake)
			continue;
		node->kcompactd_wake = 0;
		if (node->kcompactd_proactive || compact_daemon_useful(p, n))
			sched_wake(t, t->kcompactd[n]);
	}
}
