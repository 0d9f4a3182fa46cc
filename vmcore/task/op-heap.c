// SPDX-License-Identifier: Apache-2.0
/*
 * malloc and free. cursor[0] is the phase, cursor[1] says that the tcache's
 * own chunk is asked for first, cursor[2] and [3] are what the library has
 * yet to touch; [pos, end) is what a locked process faults in at once.
 */
#include <errno.h>
#include <string.h>

#include "vmcore/task/heap.h"
#include "vmcore/task/sched.h"

#define BATCH	  32u /* touches a step, one fault at most */
#define CALL_NS	  20u /* what the library itself takes */
#define MORECORE  (1u << 20) /* MMAP_AS_MORECORE_SIZE */
#define DYN_LIMIT (32ull << 20) /* DEFAULT_MMAP_THRESHOLD_MAX */
#define HEAD_AT	  8u

static uint32_t mm_id(const struct tasks *t, const struct actor *a)
{
	return actor_task(t, a)->mm;
}

static struct heap_run run_of(struct tasks *t, struct actor *a)
{
	struct mm *mm = mm_at(t->space, mm_id(t, a));

	return (struct heap_run){ .t = t,
				  .h = mm->heap ? heap_at(t, mm->heap) : NULL,
				  .a = a };
}

/* On to @phase; what could not be noted ends the step. */
static int go(struct actor *a, const struct heap_run *r, uint32_t phase)
{
	a->cursor[0] = phase;
	return r->error ? r->error : STEP_MORE;
}

static uint64_t size_of(const struct actor *a)
{
	return heap_chunk_size(a->cursor[1] ? HEAP_CACHE_BYTES : a->op.size);
}

/* What an earlier phase left to be done: 0, or as a step. */
static int pending(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	unsigned n;
	int r;

	if (a->pos < a->end) {
		r = actor_populate(t, ctx, a, 0, false);
		if (!r)
			a->pos = a->end;
		return r ? r : STEP_MORE;
	}
	for (n = 0; n < BATCH && a->cursor[2]; n++) {
		uint32_t id = a->cursor[2];
		const struct heap_touch *p = heap_touch_at(t, id);
		uint32_t flags = p->write ? FAULT_FLAG_WRITE : 0;
		struct fault_result f;

		r = memory_access(t->memory, ctx, mm_id(t, a), p->addr,
				  flags | actor_tried(a), CONTENT_OWN, &f);
		if (r)
			/* What was done stands; the rest is a new step. */
			return n ? STEP_MORE : r;
		a->cursor[2] = p->next;
		if (!p->next)
			a->cursor[3] = 0;
		pool_free(&t->touches, id);
		actor_fault(t, a, &f);
		a->tried = 0;
		if (f.faulted)
			return STEP_MORE;
	}
	return n ? STEP_MORE : 0;
}

/* --- malloc -----------------------------------------------------------------
 */
enum phase {
	START,
	PLACE,
	MAP,
	GROW,
	GROW_LESS,
	FALLBACK,
	CUT_BACK,
	TOP,
	DONE
};

/* The chunk stands: it is the tcache, or the caller's. */
static int got(struct heap_run *r, uint32_t chunk)
{
	uint64_t at = chunk_at(r->t, chunk)->addr + HEAP_HEADER;
	struct actor *a = r->a;
	int e;

	if (a->cursor[1]) {
		a->cursor[1] = 0;
		r->h->cache = at;
		heap_note_touch(r, at, true);
		heap_note_touch(r, at + HEAP_CACHE_BYTES - 1, true);
		return go(a, r, PLACE);
	}
	a->ret[0] = at;
	a->ret[1] = at + a->op.size;
	e = region_lay(r->t, mm_id(r->t, a), a->op.region, at,
		       at + (a->op.size ? a->op.size : 1));
	return e ? e : go(a, r, DONE);
}

static int start(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct heap_run r;
	uint32_t id;
	int e;

	ctx->user_ns += CALL_NS;
	if (a->op.size > INT64_MAX)
		return ENOMEM;
	e = heap_of(t, mm_id(t, a), &id);
	if (e)
		return e;
	r = run_of(t, a);
	a->cursor[1] = !r.h->cache;
	return go(a, &r, PLACE);
}

static int place(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct heap_run r = run_of(t, a);
	uint64_t size = size_of(a);
	uint32_t chunk;
	int e = heap_reserve(t, 1);

	(void)ctx;
	if (e)
		return e;
	chunk = heap_take(&r, size);
	if (chunk)
		return got(&r, chunk);
	if (size >= r.h->mmap_threshold && r.h->nr_mapped < HEAP_MMAP_MAX)
		return go(a, &r, MAP);
	return go(a, &r, GROW);
}

/* Locked processes have what they map at once. */
static void populate_later(struct tasks *t, struct actor *a, uint64_t start,
			   uint64_t end)
{
	uint32_t flags = mm_at(t->space, mm_id(t, a))->def_flags;
	bool now = (flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED;

	a->pos = now ? start : 0;
	a->end = now ? end : 0;
}

static int map(struct tasks *t, struct ctx *ctx, struct actor *a,
	       uint64_t bytes, uint64_t *ret_start)
{
	const struct mmap_args args = { .len = bytes,
					.prot = VM_READ | VM_WRITE };
	int r = memory_mmap(t->memory, ctx, mm_id(t, a), &args, ret_start);

	if (!r)
		populate_later(t, a, *ret_start, *ret_start + bytes);
	return r;
}

/* sysmalloc_mmap() */
static int map_chunk(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct heap_run r = run_of(t, a);
	uint64_t bytes = (size_of(a) + 8 + PAGE_SIZE - 1) & PAGE_MASK, at;
	uint32_t chunk;
	int e = heap_reserve(t, 1);

	if (!e)
		e = map(t, ctx, a, bytes, &at);
	if (e > 0 && e < OUTCOME_BASE)
		return go(a, &r, GROW);
	if (e)
		return e;
	chunk = heap_insert_mapped(&r, at, bytes);
	heap_note_touch(&r, at + HEAD_AT, true);
	return got(&r, chunk);
}

/* The heap is longer. */
static int grown(struct heap_run *r, uint64_t at, uint64_t bytes)
{
	return go(r->a, r, heap_grow(r, at, bytes) ? CUT_BACK : TOP);
}

/* It goes without a tcache; but the caller gets nothing. */
static int none(struct actor *a, const struct heap_run *r)
{
	if (!a->cursor[1])
		return ENOMEM;
	a->cursor[1] = 0;
	return go(a, r, PLACE);
}

/* The longer heap's end gives the chunk. */
static int take_top(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct heap_run r = run_of(t, a);
	int e = heap_reserve(t, 1);
	uint32_t chunk;

	(void)ctx;
	if (e)
		return e;
	chunk = heap_take_top(&r, size_of(a));
	return chunk ? got(&r, chunk) : none(a, &r);
}

/* systrim() */
static int trim(struct tasks *t, struct ctx *ctx, struct actor *a,
		uint32_t phase)
{
	struct heap_run r = run_of(t, a);
	uint64_t brk = mm_at(t->space, mm_id(t, a))->brk;
	uint64_t bytes = heap_excess(&r, brk);
	int e = bytes ? actor_brk(t, ctx, a, brk - bytes) : 0;

	a->pos = a->end = 0;
	if (e < 0 || e >= OUTCOME_BASE)
		return e;
	if (bytes && !e)
		heap_trim(&r, bytes);
	return go(a, &r, phase);
}

/* What was left of the old heap was so much that free() looks at the new. */
static int cut_back(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return trim(t, ctx, a, TOP);
}

/* @whole: as far as it takes for the heap's end to lie between pages. */
static int grow_by(struct tasks *t, struct ctx *ctx, struct actor *a,
		   bool whole)
{
	struct heap_run r = run_of(t, a);
	uint64_t brk = mm_at(t->space, mm_id(t, a))->brk, bytes;
	struct heap_growth g = heap_growth(&r, size_of(a), brk);
	int e = heap_reserve(t, 3);

	/* "break adjusted to free malloc space" */
	if (!e && r.h->top && !r.h->scattered &&
	    brk < chunk_at(t, r.h->top)->addr + chunk_at(t, r.h->top)->size)
		return FAULT_ABORT;
	bytes = g.bytes + (whole ? g.more : 0);
	if (!e)
		e = actor_brk(t, ctx, a, brk + bytes);
	if (e > 0 && e < OUTCOME_BASE)
		return go(a, &r, whole && g.more ? GROW_LESS : FALLBACK);
	if (e)
		return e;
	populate_later(t, a, a->pos, a->end);
	return grown(&r, brk, bytes);
}

static int grow(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return grow_by(t, ctx, a, true);
}

static int grow_less(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return grow_by(t, ctx, a, false);
}

/* sysmalloc_mmap_fallback(): the heap goes on elsewhere. */
static int fall_back(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct heap_run r = run_of(t, a);
	uint64_t brk = mm_at(t->space, mm_id(t, a))->brk, at;
	struct heap_growth g = heap_growth(&r, size_of(a), brk);
	int e = heap_reserve(t, 3);

	/* The first time in whole MiB, then no more than it takes. */
	if (!r.h->scattered) {
		if (r.h->top)
			g.bytes += chunk_at(t, r.h->top)->size;
		g.bytes = (g.bytes + MORECORE - 1) & ~(uint64_t)(MORECORE - 1);
	}
	if (!e)
		e = map(t, ctx, a, g.bytes, &at);
	if (e > 0 && e < OUTCOME_BASE)
		return none(a, &r);
	if (e)
		return e;
	r.h->scattered = 1;
	return grown(&r, at, g.bytes);
}

static int done(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	(void)t;
	(void)ctx;
	(void)a;
	return 0;
}

int op_malloc(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	static int (*const phases[])(struct tasks * t, struct ctx * ctx,
				     struct actor * a) = {
		[START] = start,	 [PLACE] = place,
		[MAP] = map_chunk,	 [GROW] = grow,
		[GROW_LESS] = grow_less, [FALLBACK] = fall_back,
		[CUT_BACK] = cut_back,	 [TOP] = take_top,
		[DONE] = done,
	};
	int r = pending(t, ctx, a);

	return r ? r : phases[a->cursor[0]](t, ctx, a);
}

/* --- free -------------------------------------------------------------------
 */
enum free_phase { FREE, UNMAP, TRIM, FREED };

/* Larger requests are worth a place in the heap from now on. */
static void raise_threshold(struct heap *h, uint64_t size)
{
	/* The flag in the size's word counts. */
	if ((size | 2) <= h->mmap_threshold || (size | 2) > DYN_LIMIT)
		return;
	h->mmap_threshold = size;
	h->trim_threshold = 2 * size;
}

static int release(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = region_find(t, mm_id(t, a), a->op.region), chunk = 0;
	struct heap_run r = run_of(t, a);
	struct chunk *c;

	ctx->user_ns += CALL_NS;
	if (id && r.h)
		chunk = heap_find(t, r.h, region_at(t, id)->base - HEAP_HEADER);
	c = chunk ? chunk_at(t, chunk) : NULL;
	if (!c || (c->state != CHUNK_USED && c->state != CHUNK_MAPPED))
		return EINVAL;
	region_forget(t, mm_id(t, a), id);
	a->ret[0] = c->addr;
	heap_note_touch(&r, c->addr + HEAD_AT, false);
	if (c->state == CHUNK_MAPPED) {
		raise_threshold(r.h, c->size);
		return go(a, &r, UNMAP);
	}
	return go(a, &r, heap_release(&r, chunk) ? TRIM : FREED);
}

/* munmap_chunk(): whether it could be or not, the chunk is forgotten. */
static int unmap(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct heap_run r = run_of(t, a);
	uint32_t chunk = heap_find(t, r.h, a->ret[0]);
	uint64_t start, bytes;
	int e;

	if (!chunk)
		return go(a, &r, FREED);
	start = chunk_at(t, chunk)->addr;
	bytes = chunk_at(t, chunk)->size;
	e = memory_munmap(t->memory, ctx, mm_id(t, a), start, bytes);
	if (!e)
		e = region_clip(t, mm_id(t, a), start, start + bytes);
	if (e && (e < 0 || e >= OUTCOME_BASE))
		return e;
	heap_remove_mapped(&r, chunk);
	return go(a, &r, FREED);
}

static int trim_freed(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return trim(t, ctx, a, FREED);
}

int op_free(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	static int (*const phases[])(struct tasks * t, struct ctx * ctx,
				     struct actor * a) = {
		[FREE] = release,
		[UNMAP] = unmap,
		[TRIM] = trim_freed,
		[FREED] = done,
	};
	int r = pending(t, ctx, a);

	return r ? r : phases[a->cursor[0]](t, ctx, a);
}
