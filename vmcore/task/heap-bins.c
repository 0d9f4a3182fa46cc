// SPDX-License-Identifier: Apache-2.0
/* Where freed chunks wait: the tcache, small, large and unsorted bins. */
#include "vmcore/task/heap.h"

#define UNSORTED   1u /* its bin */
#define SMALL_MAX  1024u /* MIN_LARGE_SIZE: from here on large */
#define CACHED_MAX 7u /* of a size (TCACHE_FILL_COUNT) */
#define MAX_SORTED 10000u /* chunks sorted at once (MAX_ITERS) */

/* Where the words of a free chunk lie behind its header's start. */
#define HEAD_AT 8u /* its size */
#define LINK_AT 16u /* fd, bk; in the tcache: next, key */
#define RING_AT 32u /* fd_nextsize, bk_nextsize */

static bool is_small(uint64_t size)
{
	return size < SMALL_MAX;
}

/* largebin_index_64(): ever wider classes. */
unsigned heap_bin_index(uint64_t size)
{
	if (is_small(size))
		return (unsigned)(size >> 4);
	if (size >> 6 <= 48)
		return 48 + (unsigned)(size >> 6);
	if (size >> 9 <= 20)
		return 91 + (unsigned)(size >> 9);
	if (size >> 12 <= 10)
		return 110 + (unsigned)(size >> 12);
	if (size >> 15 <= 4)
		return 119 + (unsigned)(size >> 15);
	if (size >> 18 <= 2)
		return 124 + (unsigned)(size >> 18);
	return 126;
}

/* --- links ------------------------------------------------------------------
 */
static uint32_t fd(const struct heap_run *r, uint32_t link)
{
	return link & HEAP_BIN ? r->h->bin_fd[link & ~HEAP_BIN]
			       : chunk_at(r->t, link)->fd;
}

static uint32_t bk(const struct heap_run *r, uint32_t link)
{
	return link & HEAP_BIN ? r->h->bin_bk[link & ~HEAP_BIN]
			       : chunk_at(r->t, link)->bk;
}

static void wrote(struct heap_run *r, uint32_t chunk, uint64_t at)
{
	heap_note_touch(r, chunk_at(r->t, chunk)->addr + at, true);
}

static void set_fd(struct heap_run *r, uint32_t link, uint32_t to)
{
	if (link & HEAP_BIN) {
		r->h->bin_fd[link & ~HEAP_BIN] = to;
		return;
	}
	chunk_at(r->t, link)->fd = to;
	wrote(r, link, LINK_AT);
}

static void set_bk(struct heap_run *r, uint32_t link, uint32_t to)
{
	if (link & HEAP_BIN) {
		r->h->bin_bk[link & ~HEAP_BIN] = to;
		return;
	}
	chunk_at(r->t, link)->bk = to;
	wrote(r, link, LINK_AT);
}

static void set_ring(struct heap_run *r, uint32_t chunk, uint32_t fd_size,
		     uint32_t bk_size)
{
	chunk_at(r->t, chunk)->fd_size = fd_size;
	chunk_at(r->t, chunk)->bk_size = bk_size;
	wrote(r, chunk, RING_AT);
}

/* @next follows @chunk in the ring of sizes. */
static void join_ring(struct heap_run *r, uint32_t chunk, uint32_t next)
{
	chunk_at(r->t, chunk)->fd_size = next;
	chunk_at(r->t, next)->bk_size = chunk;
	wrote(r, chunk, RING_AT);
	wrote(r, next, RING_AT);
}

/* Between @before and @after of one list. */
static void link_between(struct heap_run *r, uint32_t chunk, uint32_t before,
			 uint32_t after)
{
	set_bk(r, chunk, before);
	set_fd(r, chunk, after);
	set_bk(r, after, chunk);
	set_fd(r, before, chunk);
	chunk_at(r->t, chunk)->state = CHUNK_FREE;
}

static void link_out(struct heap_run *r, uint32_t chunk)
{
	uint32_t before = bk(r, chunk), after = fd(r, chunk);

	set_fd(r, before, after);
	set_bk(r, after, before);
}

static bool in_ring(const struct heap_run *r, uint32_t link)
{
	/* The words after a bin's head are never 0. */
	return link & HEAP_BIN || chunk_at(r->t, link)->fd_size;
}

/* The next chunk of the same size stands for it from now on. */
static void leave_ring(struct heap_run *r, uint32_t chunk)
{
	const struct chunk *c = chunk_at(r->t, chunk);
	uint32_t heir = c->fd;

	if (in_ring(r, heir)) {
		join_ring(r, c->bk_size, c->fd_size);
		return;
	}
	if (c->fd_size == chunk) {
		set_ring(r, heir, heir, heir);
		return;
	}
	join_ring(r, heir, c->fd_size);
	join_ring(r, c->bk_size, heir);
}

void heap_unlink(struct heap_run *r, uint32_t chunk)
{
	struct chunk *c = chunk_at(r->t, chunk);

	heap_note_touch(r, c->addr + LINK_AT, false);
	link_out(r, chunk);
	if (!is_small(c->size) && c->fd_size)
		leave_ring(r, chunk);
	c->fd_size = c->bk_size = 0;
}

void heap_to_unsorted(struct heap_run *r, uint32_t chunk)
{
	struct chunk *c = chunk_at(r->t, chunk);

	link_between(r, chunk, HEAP_BIN | UNSORTED, fd(r, HEAP_BIN | UNSORTED));
	if (!is_small(c->size))
		set_ring(r, chunk, 0, 0);
	wrote(r, chunk, HEAD_AT);
	wrote(r, chunk, c->size); /* its size again, at its end */
}

uint32_t heap_cut(struct heap_run *r, uint32_t chunk, uint64_t size)
{
	struct chunk *c = chunk_at(r->t, chunk);
	uint32_t rest = heap_insert(r, chunk, c->addr + size, c->size - size,
				    CHUNK_FREE);

	c->size = size;
	wrote(r, chunk, HEAD_AT);
	wrote(r, rest, HEAD_AT);
	return rest;
}

/* It is the caller's; the next header says so. */
static uint32_t use(struct heap_run *r, uint32_t chunk)
{
	struct chunk *c = chunk_at(r->t, chunk);

	c->state = CHUNK_USED;
	wrote(r, chunk, c->size + HEAD_AT);
	return chunk;
}

/* --- the tcache -------------------------------------------------------------
 */
static unsigned cache_index(uint64_t size)
{
	return (unsigned)((size - HEAP_MIN) / 16);
}

static bool is_cached(const struct heap_run *r, uint64_t size)
{
	return r->h->cache && (size - HEAP_MIN) / 16 < HEAP_NR_CACHED;
}

bool heap_cache_has_room(const struct heap_run *r, uint64_t size)
{
	return is_cached(r, size) &&
	       r->h->nr_cached[cache_index(size)] < CACHED_MAX;
}

void heap_cache_put(struct heap_run *r, uint32_t chunk)
{
	struct chunk *c = chunk_at(r->t, chunk);
	unsigned i = cache_index(c->size);

	c->state = CHUNK_CACHED;
	c->bk = 0;
	set_fd(r, chunk, r->h->cached[i]);
	r->h->cached[i] = chunk;
	r->h->nr_cached[i]++;
	heap_note_touch(r, r->h->cache, true);
}

uint32_t heap_cache_take(struct heap_run *r, uint64_t size)
{
	struct heap *h = r->h;
	unsigned i = cache_index(size);
	uint32_t chunk;

	if (!is_cached(r, size) || !h->cached[i])
		return 0;
	chunk = h->cached[i];
	h->cached[i] = chunk_at(r->t, chunk)->fd;
	h->nr_cached[i]--;
	chunk_at(r->t, chunk)->state = CHUNK_USED;
	set_fd(r, chunk, 0);
	heap_note_touch(r, h->cache, true);
	return chunk;
}

/* --- taking -----------------------------------------------------------------
 */
uint32_t heap_take_small(struct heap_run *r, uint64_t size)
{
	uint32_t bin = HEAP_BIN | heap_bin_index(size), chunk, more;

	if (!is_small(size) || bk(r, bin) == bin)
		return 0;
	chunk = use(r, bk(r, bin));
	link_out(r, chunk);
	/* Its like go to the tcache at once. */
	while (heap_cache_has_room(r, size) && bk(r, bin) != bin) {
		more = use(r, bk(r, bin));
		link_out(r, more);
		heap_cache_put(r, more);
	}
	return chunk;
}

/* Large bins are sorted, largest first; of equals one is in the ring, and
 * others stand behind it. */
static void sort_large(struct heap_run *r, uint32_t chunk, uint32_t bin)
{
	uint64_t size = chunk_at(r->t, chunk)->size;
	uint32_t at = fd(r, bin), last = bk(r, bin);

	if (at == bin) {
		set_ring(r, chunk, chunk, chunk);
	} else if (size < chunk_at(r->t, last)->size) {
		join_ring(r, chunk_at(r->t, at)->bk_size, chunk);
		join_ring(r, chunk, at);
		at = bin;
	} else {
		while (size < chunk_at(r->t, at)->size)
			at = chunk_at(r->t, at)->fd_size;
		if (size == chunk_at(r->t, at)->size) {
			at = fd(r, at);
		} else {
			join_ring(r, chunk_at(r->t, at)->bk_size, chunk);
			join_ring(r, chunk, at);
		}
	}
	link_between(r, chunk, bk(r, at), at);
}

static void sort(struct heap_run *r, uint32_t chunk)
{
	uint64_t size = chunk_at(r->t, chunk)->size;
	uint32_t bin = HEAP_BIN | heap_bin_index(size);

	if (is_small(size))
		link_between(r, chunk, bin, fd(r, bin));
	else
		sort_large(r, chunk, bin);
}

/* What the last small request was cut from, alone among the unsorted. */
static uint32_t cut_last_remainder(struct heap_run *r, uint32_t chunk,
				   uint64_t size)
{
	uint32_t rest;

	if (!is_small(size) || bk(r, chunk) != (HEAP_BIN | UNSORTED) ||
	    chunk_at(r->t, chunk)->addr != r->h->last_remainder ||
	    chunk_at(r->t, chunk)->size <= size + HEAP_MIN)
		return 0;
	link_out(r, chunk);
	rest = heap_cut(r, chunk, size);
	heap_to_unsorted(r, rest);
	r->h->last_remainder = chunk_at(r->t, rest)->addr;
	chunk_at(r->t, chunk)->state = CHUNK_USED;
	return chunk;
}

uint32_t heap_take_unsorted(struct heap_run *r, uint64_t size)
{
	bool cached = false;
	uint32_t chunk, n = 0;

	while ((chunk = bk(r, HEAP_BIN | UNSORTED)) != (HEAP_BIN | UNSORTED)) {
		heap_note_touch(r, chunk_at(r->t, chunk)->addr + HEAD_AT,
				false);
		if (cut_last_remainder(r, chunk, size))
			return chunk;
		link_out(r, chunk);
		if (chunk_at(r->t, chunk)->size != size) {
			sort(r, chunk);
			if (++n >= MAX_SORTED)
				break;
			continue;
		}
		use(r, chunk);
		if (!heap_cache_has_room(r, size))
			return chunk;
		heap_cache_put(r, chunk);
		cached = true;
	}
	return cached ? heap_cache_take(r, size) : 0;
}

/* Cut what is left of a chunk that was found, if it is worth it. */
static uint32_t take_found(struct heap_run *r, uint32_t chunk, uint64_t size,
			   bool remember)
{
	uint32_t rest;

	heap_unlink(r, chunk);
	if (chunk_at(r->t, chunk)->size - size < HEAP_MIN)
		return use(r, chunk);
	rest = heap_cut(r, chunk, size);
	heap_to_unsorted(r, rest);
	if (remember)
		r->h->last_remainder = chunk_at(r->t, rest)->addr;
	chunk_at(r->t, chunk)->state = CHUNK_USED;
	return chunk;
}

/* The smallest that does of a large request's own bin; of equals the second,
 * so that the ring stays. */
static uint32_t find_fit(const struct heap_run *r, uint64_t size)
{
	uint32_t bin = HEAP_BIN | heap_bin_index(size), chunk = fd(r, bin),
		 next;

	if (is_small(size) || chunk == bin ||
	    chunk_at(r->t, chunk)->size < size)
		return 0;
	do
		chunk = chunk_at(r->t, chunk)->bk_size;
	while (chunk_at(r->t, chunk)->size < size);
	next = fd(r, chunk);
	if (next != bin &&
	    chunk_at(r->t, next)->size == chunk_at(r->t, chunk)->size)
		return next;
	return chunk;
}

uint32_t heap_take_best(struct heap_run *r, uint64_t size)
{
	uint32_t chunk = find_fit(r, size);

	if (chunk)
		return take_found(r, chunk, size, false);
	for (unsigned i = heap_bin_index(size) + 1; i < HEAP_NR_BINS; i++) {
		chunk = r->h->bin_bk[i];
		if (chunk != (HEAP_BIN | i))
			return take_found(r, chunk, size, is_small(size));
	}
	return 0;
}
