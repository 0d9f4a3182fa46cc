// SPDX-License-Identifier: Apache-2.0
/* What malloc() and free() do with the heap, the system's part apart. */
#include "vmcore/task/heap.h"

#define FAST_MAX	128u /* global_max_fast */
#define CONSOLIDATE_MIN 65536u /* FASTBIN_CONSOLIDATION_THRESHOLD */
#define HEAD_AT		8u
#define LINK_AT		16u
#define FENCE_BYTES	16u

static struct chunk *at(const struct heap_run *r, uint32_t id)
{
	return chunk_at(r->t, id);
}

static uint64_t top_size(const struct heap_run *r)
{
	return r->h->top ? at(r, r->h->top)->size : 0;
}

static uint64_t align_up(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) & PAGE_MASK;
}

/* The header of @chunk was written. */
static void wrote_head(struct heap_run *r, uint32_t chunk)
{
	heap_note_touch(r, at(r, chunk)->addr + HEAD_AT, true);
}

/* @chunk takes in the one behind it. */
static void absorb_next(struct heap_run *r, uint32_t chunk)
{
	uint32_t next = at(r, chunk)->next;

	at(r, chunk)->size += at(r, next)->size;
	heap_remove(r, next);
}

/* A freed chunk joins free neighbours, the top among them. */
static void coalesce(struct heap_run *r, uint32_t chunk)
{
	uint32_t prev = at(r, chunk)->prev, next = at(r, chunk)->next;

	heap_note_touch(r, at(r, next)->addr + HEAD_AT, false);
	if (prev && at(r, prev)->state == CHUNK_FREE) {
		heap_note_touch(r, at(r, prev)->addr + HEAD_AT, false);
		heap_unlink(r, prev);
		absorb_next(r, prev);
		chunk = prev;
	}
	if (next == r->h->top) {
		absorb_next(r, chunk);
		at(r, chunk)->state = CHUNK_TOP;
		r->h->top = chunk;
		wrote_head(r, chunk);
		return;
	}
	if (at(r, next)->state == CHUNK_FREE) {
		heap_unlink(r, next);
		absorb_next(r, chunk);
	} else {
		wrote_head(r, next);
	}
	heap_to_unsorted(r, chunk);
}

/* malloc_consolidate() */
static void consolidate(struct heap_run *r)
{
	r->h->have_fast = 0;
	for (unsigned i = 0; i < HEAP_NR_FAST; i++) {
		uint32_t chunk = r->h->fast[i], next;

		r->h->fast[i] = 0;
		for (; chunk; chunk = next) {
			next = at(r, chunk)->fd;
			coalesce(r, chunk);
		}
	}
}

static uint32_t pop_fast(struct heap_run *r, unsigned bin)
{
	uint32_t chunk = r->h->fast[bin];

	if (!chunk)
		return 0;
	heap_note_touch(r, at(r, chunk)->addr + LINK_AT, false);
	r->h->fast[bin] = at(r, chunk)->fd;
	at(r, chunk)->fd = 0;
	at(r, chunk)->state = CHUNK_USED;
	return chunk;
}

static unsigned fast_bin(uint64_t size)
{
	return (unsigned)(size >> 4) - 2;
}

static uint32_t take_fast(struct heap_run *r, uint64_t size)
{
	uint32_t chunk, more;

	if (size > FAST_MAX)
		return 0;
	chunk = pop_fast(r, fast_bin(size));
	/* Its like go to the tcache at once. */
	while (chunk && heap_cache_has_room(r, size)) {
		more = pop_fast(r, fast_bin(size));
		if (!more)
			break;
		heap_cache_put(r, more);
	}
	return chunk;
}

uint32_t heap_take_top(struct heap_run *r, uint64_t size)
{
	uint32_t top = r->h->top;

	if (!top)
		return 0;
	heap_note_touch(r, at(r, top)->addr + HEAD_AT, false);
	if (at(r, top)->size < size + HEAP_MIN)
		return 0;
	r->h->top = heap_cut(r, top, size);
	at(r, r->h->top)->state = CHUNK_TOP;
	at(r, top)->state = CHUNK_USED;
	return top;
}

/* __libc_malloc(), _int_malloc() */
uint32_t heap_take(struct heap_run *r, uint64_t size)
{
	uint32_t chunk = heap_cache_take(r, size);

	if (!chunk)
		chunk = take_fast(r, size);
	if (!chunk)
		chunk = heap_take_small(r, size);
	if (chunk)
		return chunk;
	if (heap_bin_index(size) >= 64 && r->h->have_fast)
		consolidate(r);
	for (;;) {
		chunk = heap_take_unsorted(r, size);
		if (!chunk)
			chunk = heap_take_best(r, size);
		if (!chunk)
			chunk = heap_take_top(r, size);
		if (chunk || !r->h->have_fast)
			return chunk;
		consolidate(r);
	}
}

bool heap_release(struct heap_run *r, uint32_t chunk)
{
	uint64_t size = at(r, chunk)->size;
	unsigned bin = fast_bin(size);
	uint32_t prev = at(r, chunk)->prev, next = at(r, chunk)->next;

	if (heap_cache_has_room(r, size)) {
		/* Was it freed before? */
		heap_note_touch(r, at(r, chunk)->addr + LINK_AT, false);
		heap_cache_put(r, chunk);
		return false;
	}
	if (size <= FAST_MAX) {
		at(r, chunk)->state = CHUNK_FAST;
		at(r, chunk)->fd = r->h->fast[bin];
		heap_note_touch(r, at(r, chunk)->addr + LINK_AT, true);
		r->h->fast[bin] = chunk;
		r->h->have_fast = 1;
		return false;
	}
	if (prev && at(r, prev)->state == CHUNK_FREE)
		size += at(r, prev)->size;
	if (at(r, next)->state == CHUNK_FREE || at(r, next)->state == CHUNK_TOP)
		size += at(r, next)->size;
	coalesce(r, chunk);
	if (size < CONSOLIDATE_MIN)
		return false;
	if (r->h->have_fast)
		consolidate(r);
	return top_size(r) >= r->h->trim_threshold;
}

/* --- more and less of brk ----------------------------------------------------
 */
static uint64_t top_end(const struct heap_run *r)
{
	return r->h->top ? at(r, r->h->top)->addr + top_size(r) : 0;
}

struct heap_growth heap_growth(const struct heap_run *r, uint64_t size,
			       uint64_t brk)
{
	struct heap_growth g = { .start = brk };
	uint64_t end;

	g.bytes = size + HEAP_TOP_PAD + HEAP_MIN;
	if (!r->h->scattered)
		g.bytes -= top_size(r);
	g.bytes = align_up(g.bytes);
	if (brk == top_end(r) || r->h->scattered)
		return g;
	/* Somebody else moved brk: the old top is of no use, and the end
	 * shall lie between pages again. */
	if (brk % 16)
		g.more = 16 - brk % 16;
	g.more += top_size(r);
	end = brk + g.bytes + g.more;
	g.more += align_up(end) - end;
	return g;
}

/* The old top ends in two fences that are never freed; the rest is. True: the
 * new top may be trimmed. */
static bool fence(struct heap_run *r, uint32_t old)
{
	uint64_t size = at(r, old)->size - 2 * FENCE_BYTES;
	uint64_t addr = at(r, old)->addr + size;
	uint32_t prev = old;

	at(r, old)->size = size;
	wrote_head(r, old);
	if (!size) {
		prev = at(r, old)->prev;
		heap_remove(r, old);
	}
	prev = heap_insert(r, prev, addr, FENCE_BYTES, CHUNK_FENCE);
	wrote_head(r, prev);
	prev = heap_insert(r, prev, addr + FENCE_BYTES, FENCE_BYTES,
			   CHUNK_FENCE);
	wrote_head(r, prev);
	if (!size)
		return false;
	at(r, old)->state = CHUNK_USED;
	return heap_release(r, old);
}

bool heap_grow(struct heap_run *r, uint64_t start, uint64_t bytes)
{
	uint64_t up = start % 16 ? 16 - start % 16 : 0;
	uint32_t old = r->h->top;

	if (old && start == top_end(r)) {
		at(r, old)->size += bytes;
		wrote_head(r, old);
		return false;
	}
	r->h->top =
		heap_insert(r, r->h->last, start + up, bytes - up, CHUNK_TOP);
	wrote_head(r, r->h->top);
	return old && fence(r, old);
}

uint64_t heap_excess(const struct heap_run *r, uint64_t brk)
{
	uint64_t size = top_size(r);

	if (size <= HEAP_MIN + 1 + HEAP_TOP_PAD || brk != top_end(r))
		return 0;
	return (size - HEAP_MIN - 1 - HEAP_TOP_PAD) & PAGE_MASK;
}

void heap_trim(struct heap_run *r, uint64_t bytes)
{
	at(r, r->h->top)->size -= bytes;
	wrote_head(r, r->h->top);
}
