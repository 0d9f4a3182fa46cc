// SPDX-License-Identifier: Apache-2.0
/* The records of a heap: made, found, copied, dropped. */
#include "vmcore/task/heap.h"

#define DEFAULT_THRESHOLD (128u << 10)

static unsigned hash(uint64_t addr)
{
	return (unsigned)((addr >> 4 ^ addr >> 12) % HEAP_NR_HASH);
}

uint32_t heap_find(const struct tasks *t, const struct heap *h, uint64_t addr)
{
	uint32_t id = h->hash[hash(addr)];

	while (id && chunk_at(t, id)->addr != addr)
		id = chunk_at(t, id)->hash_next;
	return id;
}

static int heap_new(struct tasks *t, uint32_t *ret_heap)
{
	struct heap *h;
	int e = pool_new(&t->heaps, ret_heap);

	if (e)
		return e;
	h = heap_at(t, *ret_heap);
	h->mmap_threshold = h->trim_threshold = DEFAULT_THRESHOLD;
	for (unsigned i = 0; i < HEAP_NR_BINS; i++)
		h->bin_fd[i] = h->bin_bk[i] = HEAP_BIN | i;
	return 0;
}

int heap_of(struct tasks *t, uint32_t mm, uint32_t *ret_heap)
{
	struct mm *m = mm_at(t->space, mm);
	int e = m->heap ? 0 : heap_new(t, &m->heap);

	if (!e)
		*ret_heap = m->heap;
	return e;
}

int heap_reserve(struct tasks *t, unsigned n)
{
	uint32_t id[4];
	unsigned i;
	int e = 0;

	for (i = 0; i < n && !e; i++)
		e = pool_new(&t->chunks, &id[i]);
	if (e)
		i--;
	while (i--)
		pool_free(&t->chunks, id[i]);
	return e;
}

/* What the library keeps in memory of its own is not seen: no touch. */
static uint32_t make(struct heap_run *r, uint64_t addr, uint64_t size,
		     enum chunk_state state)
{
	uint32_t *bucket = &r->h->hash[hash(addr)], id;
	struct chunk *c;

	if (pool_new(&r->t->chunks, &id))
		return 0;
	c = chunk_at(r->t, id);
	c->addr = addr;
	c->size = size;
	c->state = state;
	c->hash_next = *bucket;
	*bucket = id;
	return id;
}

static void destroy(struct heap_run *r, uint32_t id)
{
	uint32_t *link = &r->h->hash[hash(chunk_at(r->t, id)->addr)];

	while (*link != id)
		link = &chunk_at(r->t, *link)->hash_next;
	*link = chunk_at(r->t, id)->hash_next;
	pool_free(&r->t->chunks, id);
}

uint32_t heap_insert(struct heap_run *r, uint32_t prev, uint64_t addr,
		     uint64_t size, enum chunk_state state)
{
	struct heap *h = r->h;
	uint32_t id = make(r, addr, size, state), next;

	if (!id)
		return 0;
	next = prev ? chunk_at(r->t, prev)->next : h->first;
	chunk_at(r->t, id)->prev = prev;
	chunk_at(r->t, id)->next = next;
	*(prev ? &chunk_at(r->t, prev)->next : &h->first) = id;
	*(next ? &chunk_at(r->t, next)->prev : &h->last) = id;
	return id;
}

void heap_remove(struct heap_run *r, uint32_t id)
{
	const struct chunk *c = chunk_at(r->t, id);
	struct heap *h = r->h;

	*(c->prev ? &chunk_at(r->t, c->prev)->next : &h->first) = c->next;
	*(c->next ? &chunk_at(r->t, c->next)->prev : &h->last) = c->prev;
	destroy(r, id);
}

uint32_t heap_insert_mapped(struct heap_run *r, uint64_t addr, uint64_t size)
{
	uint32_t id = make(r, addr, size, CHUNK_MAPPED);

	if (!id)
		return 0;
	chunk_at(r->t, id)->next = r->h->mapped;
	if (r->h->mapped)
		chunk_at(r->t, r->h->mapped)->prev = id;
	r->h->mapped = id;
	r->h->nr_mapped++;
	return id;
}

void heap_remove_mapped(struct heap_run *r, uint32_t id)
{
	const struct chunk *c = chunk_at(r->t, id);

	*(c->prev ? &chunk_at(r->t, c->prev)->next : &r->h->mapped) = c->next;
	if (c->next)
		chunk_at(r->t, c->next)->prev = c->prev;
	r->h->nr_mapped--;
	destroy(r, id);
}

/* --- touches --------------------------------------------------------------
 */
void heap_note_touch(struct heap_run *r, uint64_t addr, bool write)
{
	uint32_t last = r->a->cursor[3], id;
	struct heap_touch *p;
	int e;

	if (last && (heap_touch_at(r->t, last)->addr ^ addr) < PAGE_SIZE) {
		heap_touch_at(r->t, last)->write |= write;
		return;
	}
	e = pool_new(&r->t->touches, &id);
	if (e) {
		r->error = e;
		return;
	}
	p = heap_touch_at(r->t, id);
	p->addr = addr;
	p->write = write;
	if (last)
		heap_touch_at(r->t, last)->next = id;
	else
		r->a->cursor[2] = id;
	r->a->cursor[3] = id;
}

void heap_drop_touches(struct tasks *t, struct actor *a)
{
	while (a->cursor[2]) {
		uint32_t id = a->cursor[2];

		a->cursor[2] = heap_touch_at(t, id)->next;
		pool_free(&t->touches, id);
	}
	a->cursor[3] = 0;
}

/* --- a whole heap ----------------------------------------------------------
 */
/* The copy of what @link means. */
static uint32_t same(const struct tasks *t, const struct heap *to,
		     uint32_t link)
{
	if (!link || link & HEAP_BIN)
		return link;
	return heap_find(t, to, chunk_at(t, link)->addr);
}

static void copy_links(const struct tasks *t, struct heap *to,
		       const struct heap *from)
{
	for (uint32_t id = from->first; id; id = chunk_at(t, id)->next) {
		const struct chunk *c = chunk_at(t, id);
		struct chunk *copy = chunk_at(t, same(t, to, id));

		copy->fd = same(t, to, c->fd);
		copy->bk = same(t, to, c->bk);
		copy->fd_size = same(t, to, c->fd_size);
		copy->bk_size = same(t, to, c->bk_size);
	}
	for (unsigned i = 0; i < HEAP_NR_BINS; i++) {
		to->bin_fd[i] = same(t, to, from->bin_fd[i]);
		to->bin_bk[i] = same(t, to, from->bin_bk[i]);
	}
	for (unsigned i = 0; i < HEAP_NR_FAST; i++)
		to->fast[i] = same(t, to, from->fast[i]);
	for (unsigned i = 0; i < HEAP_NR_CACHED; i++) {
		to->cached[i] = same(t, to, from->cached[i]);
		to->nr_cached[i] = from->nr_cached[i];
	}
	to->top = same(t, to, from->top);
	to->last_remainder = from->last_remainder;
	to->have_fast = from->have_fast;
	to->scattered = from->scattered;
	to->cache = from->cache;
	to->mmap_threshold = from->mmap_threshold;
	to->trim_threshold = from->trim_threshold;
}

static int copy_chunks(struct heap_run *r, const struct heap *from)
{
	uint32_t mapped = from->mapped;

	for (uint32_t id = from->first; id; id = chunk_at(r->t, id)->next) {
		const struct chunk *c = chunk_at(r->t, id);
		int e = heap_reserve(r->t, 1);

		if (e)
			return e;
		heap_insert(r, r->h->last, c->addr, c->size,
			    (enum chunk_state)c->state);
	}
	while (mapped && chunk_at(r->t, mapped)->next)
		mapped = chunk_at(r->t, mapped)->next;
	for (; mapped; mapped = chunk_at(r->t, mapped)->prev) {
		const struct chunk *c = chunk_at(r->t, mapped);
		int e = heap_reserve(r->t, 1);

		if (e)
			return e;
		heap_insert_mapped(r, c->addr, c->size);
	}
	return 0;
}

int heap_copy(struct tasks *t, uint32_t from, uint32_t to)
{
	uint32_t id = mm_at(t->space, from)->heap, copy;
	struct heap_run r = { .t = t };
	int e = id ? heap_of(t, to, &copy) : 0;

	if (e || !id)
		return e;
	r.h = heap_at(t, copy);
	e = copy_chunks(&r, heap_at(t, id));
	if (e)
		heap_drop(t, to);
	else
		copy_links(t, r.h, heap_at(t, id));
	return e;
}

void heap_drop(struct tasks *t, uint32_t mm)
{
	struct mm *m = mm_at(t->space, mm);
	struct heap_run r = { .t = t };

	if (!m->heap)
		return;
	r.h = heap_at(t, m->heap);
	while (r.h->first)
		heap_remove(&r, r.h->first);
	while (r.h->mapped)
		heap_remove_mapped(&r, r.h->mapped);
	pool_free(&t->heaps, m->heap);
	m->heap = 0;
}
