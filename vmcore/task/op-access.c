// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "vmcore/base/rng.h"
#include "vmcore/task/pattern.h"
#include "vmcore/task/sched.h"

#define QUANTUM_NS 10000000u /* a workload is dealt its share every 10 ms */
#define BATCH	   32u /* accesses a step */
#define COMPUTE_NS 1000000u /* a step of mere computing */

/* A step's accesses, and where the actor's numbers are after each. */
struct draw {
	struct access list[BATCH];
	uint64_t rng[BATCH];
	unsigned nr;
};

/* @nr accesses of @d from @i on were made. */
static void made(struct ctx *ctx, struct actor *a, const struct draw *d,
		 unsigned i, unsigned nr)
{
	if (!nr)
		return;
	a->rng = d->rng[i + nr - 1];
	a->loop += nr;
	ctx->user_ns += (uint64_t)ACCESS_NS * nr;
	a->tried = 0;
}

/* One access; counts its fault. */
static int access_one(struct tasks *t, struct ctx *ctx, struct actor *a,
		      const struct draw *d, unsigned i)
{
	struct fault_result f;
	int r = memory_access(
		t->memory, ctx, actor_task(t, a)->mm, d->list[i].addr,
		(d->list[i].write ? FAULT_FLAG_WRITE : 0) | actor_tried(a),
		CONTENT_OWN, &f);

	if (r)
		return r;
	actor_fault(t, a, &f);
	made(ctx, a, d, i, 1);
	return 0;
}

/* As many from @i on as are plain, or the one that is not. */
static int access_some(struct tasks *t, struct ctx *ctx, struct actor *a,
		       const struct draw *d, unsigned *i)
{
	uint32_t mm = actor_task(t, a)->mm;
	unsigned n;
	int r;

	/* Who waited for its page is not plain. */
	if (!a->tried) {
		n = memory_hit_run(t->memory, mm, &d->list[*i], d->nr - *i);
		made(ctx, a, d, *i, n);
		*i += n;
		n = memory_fault_run(t->memory, ctx, mm, &d->list[*i],
				     d->nr - *i);
		made(ctx, a, d, *i, n);
		*i += n;
		a->minflt += n;
		actor_task(t, a)->minflt += n;
		if (n || *i == d->nr)
			return 0;
	}
	r = access_one(t, ctx, a, d, *i);
	*i += !r;
	return r;
}

/* Up to BATCH of @left accesses. */
static void draw(const struct tasks *t, const struct actor *a,
		 const struct pattern *p, uint64_t left, struct draw *d)
{
	uint64_t rng = a->rng;

	d->nr = left < BATCH ? (unsigned)left : BATCH;
	for (unsigned i = 0; i < d->nr; i++) {
		uint64_t page = pattern_next(p, &rng, a->loop + i);

		d->list[i].addr = a->pos + (page << PAGE_SHIFT);
		d->list[i].write = rng_below(&rng, 100) < a->op.percent;
		d->rng[i] = rng;
	}
	memory_access_look(t->memory, actor_task(t, a)->mm, d->list, d->nr);
}

/* Up to BATCH of @left accesses; what kept the first from being made. */
static int access_batch(struct tasks *t, struct ctx *ctx, struct actor *a,
			uint64_t left)
{
	uint64_t pages = (a->end - a->pos + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct pattern p;
	struct draw d;
	int r = pattern_parse(a->op.text, a->op.value, &p);

	if (r)
		return r;
	if (!pattern_ready(&t->pattern, &p, pages)) {
		t->pattern = p;
		pattern_begin(&t->pattern, pages);
	}
	draw(t, a, &t->pattern, left, &d);
	for (unsigned i = 0; i < d.nr;) {
		r = access_some(t, ctx, a, &d, &i);
		/* What was done stands: a->loop counts it. */
		if (r)
			return r;
	}
	return STEP_MORE;
}

int op_access_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct pattern p;
	int r = pattern_parse(a->op.text, a->op.value, &p);

	if (!r)
		r = op_range_begin(t, ctx, a);
	if (!r && a->end <= a->pos)
		return EINVAL;
	a->rng = a->op.value + 1;
	return r;
}

int op_access(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t count = a->op.loops;

	if (a->loop >= count)
		return 0;
	return access_batch(t, ctx, a, count - a->loop);
}

/* --- workloads --------------------------------------------------------------
 */
static bool same_workload(const struct actor *d, const struct op *op)
{
	return d->daemon && d->op.code == op->code &&
	       !strcmp(d->op.region, op->region);
}

/* The one that runs on the same region ends; a new one takes its place. */
static void end_workload(struct tasks *t, uint32_t task, const struct op *op)
{
	for (uint32_t id = task_at(t, task)->actors; id;
	     id = actor_at(t, id)->sibling) {
		struct actor *d = actor_at(t, id);

		if (!same_workload(d, op))
			continue;
		d->begun = BEGUN_ENDED;
		d->daemon = DAEMON_NONE;
	}
}

static int install(struct tasks *t, struct actor *a)
{
	struct pattern p;

	if (!(a->op.flags & OPX_CPU) && !(a->op.flags & OPX_OFF)) {
		int r = pattern_parse(a->op.text, a->op.value, &p);

		if (!r && !region_find(t, actor_task(t, a)->mm, a->op.region))
			r = EINVAL;
		if (r)
			return r;
	}
	end_workload(t, a->task, &a->op);
	if (a->op.flags & OPX_OFF)
		return 0;
	return sched_daemon(t, a->task, &a->op);
}

/* Until the next share is due. */
static int rest(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	a->end = 0;
	a->began += QUANTUM_NS;
	/* Time lost to stalls is lost. */
	if (a->began < t->now)
		a->began = t->now;
	ctx->wait_until = a->began;
	return WAIT_TIME;
}

static int compute(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t share = QUANTUM_NS / 100 * a->op.percent;
	uint64_t left = share > a->pos ? share - a->pos : 0;

	if (!left) {
		a->pos = 0;
		return rest(t, ctx, a);
	}
	if (left > COMPUTE_NS)
		left = COMPUTE_NS;
	ctx->user_ns += left;
	a->pos += left;
	return STEP_MORE;
}

/* cursor[0], [1]: accesses made of this share; what the rate left over. */
static int touch_share(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = region_find(t, actor_task(t, a)->mm, a->op.region);
	uint64_t due, before = a->loop;
	int r;

	if (!id)
		return 0;
	if (!a->end) {
		uint64_t sum = a->op.rate * (QUANTUM_NS / 1000) + a->cursor[1];

		a->cursor[0] = (uint32_t)(sum / 1000000);
		a->cursor[1] = (uint32_t)(sum % 1000000);
	}
	a->pos = region_at(t, id)->base;
	a->end = a->pos + region_at(t, id)->bytes;
	due = a->end > a->pos ? a->cursor[0] : 0;
	if (!due)
		return rest(t, ctx, a);
	r = access_batch(t, ctx, a, due);
	a->cursor[0] -= (uint32_t)(a->loop - before);
	return r;
}

int op_workload(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (!a->daemon)
		return install(t, a);
	if (!a->began)
		a->began = t->now;
	return a->op.flags & OPX_CPU ? compute(t, ctx, a)
				     : touch_share(t, ctx, a);
}

/* --- leaks
 * -------------------------------------------------------------------- */
#define LEAK_CHUNK (1u << 20)

/* Map the next chunk when the last is full; then touch page by page. */
static int leak_page(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t mm = actor_task(t, a)->mm;
	struct fault_result f = { false, false, false };
	int r;

	if (a->pos >= a->end) {
		struct mmap_args args = { .len = LEAK_CHUNK,
					  .prot = VM_READ | VM_WRITE };

		r = memory_mmap(t->memory, ctx, mm, &args, &a->pos);
		if (r)
			return r;
		a->end = a->pos + LEAK_CHUNK;
	}
	r = memory_access(t->memory, ctx, mm, a->pos, FAULT_FLAG_WRITE,
			  CONTENT_OWN, &f);
	if (r)
		return r;
	a->pos += PAGE_SIZE;
	a->loop -= PAGE_SIZE;
	actor_fault(t, a, &f);
	return STEP_MORE;
}

int op_leak(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (!a->daemon) {
		end_workload(t, a->task, &a->op);
		return a->op.flags & OPX_OFF ? 0
					     : sched_daemon(t, a->task, &a->op);
	}
	if (!a->began)
		a->began = t->now;
	if (a->loop >= PAGE_SIZE)
		return leak_page(t, ctx, a);
	a->loop += a->op.rate / (1000000000u / QUANTUM_NS);
	a->began += QUANTUM_NS;
	if (a->began < t->now)
		a->began = t->now;
	ctx->wait_until = a->began;
	return WAIT_TIME;
}
