// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/heap.h"

struct recount {
	const struct tasks *t;
	const struct heap *h;
	check_report *report;
	void *arg;
};

static void same(const struct recount *c, const char *what, uint64_t recounted,
		 uint64_t kept)
{
	if (recounted != kept)
		c->report(c->arg, what, (int64_t)recounted, (int64_t)kept);
}

static const struct chunk *at(const struct recount *c, uint32_t id)
{
	return chunk_at(c->t, id);
}

/* Chunks follow one another without a hole, but behind a fence, and no two
 * free ones are neighbours. Return: how many wait in bins. */
static uint64_t check_order(const struct recount *c, uint64_t *chunks)
{
	uint64_t nr_free = 0;

	for (uint32_t id = c->h->first; id; id = at(c, id)->next) {
		const struct chunk *k = at(c, id);
		const struct chunk *next = k->next ? at(c, k->next) : NULL;
		bool is_free = k->state == CHUNK_FREE;

		++*chunks;
		nr_free += is_free;
		same(c, "chunk by address", heap_find(c->t, c->h, k->addr), id);
		same(c, "top of a heap", k->state == CHUNK_TOP,
		     id == c->h->top);
		if (!next)
			continue;
		same(c, "chunk before", next->prev, id);
		if (k->state != CHUNK_FENCE)
			same(c, "end of a chunk", next->addr,
			     k->addr + k->size);
		if (is_free)
			same(c, "free neighbours",
			     next->state == CHUNK_FREE ||
				     next->state == CHUNK_TOP,
			     0);
	}
	return nr_free;
}

static uint64_t check_bin(const struct recount *c, unsigned i)
{
	uint32_t before = HEAP_BIN | i;
	uint64_t n = 0, size = UINT64_MAX;

	for (uint32_t id = c->h->bin_fd[i]; !(id & HEAP_BIN);
	     id = at(c, id)->fd, n++) {
		const struct chunk *k = at(c, id);

		same(c, "state of a chunk in a bin", k->state, CHUNK_FREE);
		same(c, "order of a bin", k->bk, before);
		if (i > 1)
			same(c, "bin of a chunk", heap_bin_index(k->size), i);
		if (i >= 64)
			same(c, "sorted bin", k->size <= size, 1);
		size = k->size;
		before = id;
	}
	same(c, "end of a bin", c->h->bin_bk[i], before);
	return n;
}

/* A list of chunks that are not in bins. */
static uint64_t check_kept(const struct recount *c, uint32_t id,
			   enum chunk_state state, uint64_t size)
{
	uint64_t n = 0;

	for (; id; id = at(c, id)->fd, n++) {
		same(c, "state of a kept chunk", at(c, id)->state, state);
		same(c, "size of a kept chunk", at(c, id)->size, size);
	}
	return n;
}

static void check_mapped(const struct recount *c, uint64_t *chunks)
{
	uint64_t n = 0;

	for (uint32_t id = c->h->mapped; id; id = at(c, id)->next, n++)
		same(c, "state of a mapped chunk", at(c, id)->state,
		     CHUNK_MAPPED);
	same(c, "mapped chunks", n, c->h->nr_mapped);
	*chunks += n;
}

void heap_check(const struct tasks *t, uint32_t mm, check_report *report,
		void *arg, uint64_t *chunks)
{
	struct recount c = { .t = t, .report = report, .arg = arg };
	uint64_t nr_free, binned = 0;

	if (!mm_at(t->space, mm)->heap)
		return;
	c.h = heap_at(t, mm_at(t->space, mm)->heap);
	nr_free = check_order(&c, chunks);
	for (unsigned i = 0; i < HEAP_NR_BINS; i++)
		binned += check_bin(&c, i);
	same(&c, "chunks in bins", binned, nr_free);
	for (unsigned i = 0; i < HEAP_NR_FAST; i++)
		check_kept(&c, c.h->fast[i], CHUNK_FAST, 16ull * (i + 2));
	for (unsigned i = 0; i < HEAP_NR_CACHED; i++)
		same(&c, "chunks of a tcache",
		     check_kept(&c, c.h->cached[i], CHUNK_CACHED,
				HEAP_MIN + 16ull * i),
		     c.h->nr_cached[i]);
	check_mapped(&c, chunks);
}
