// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/pool.h"

#include <errno.h>
#include <string.h>

#define CHUNK_RECORDS (1u << POOL_SHIFT)

void pool_init(struct pool *p, struct host *host, uint32_t size)
{
	memset(p, 0, sizeof(*p));
	p->host = host;
	p->size = size;
}

void pool_fini(struct pool *p)
{
	for (uint32_t i = 0; i < p->nr_chunks; i++)
		host_free(p->host, p->chunks[i],
			  (size_t)CHUNK_RECORDS * p->size);
	if (p->chunks)
		host_free(p->host, p->chunks,
			  p->cap_chunks * sizeof(*p->chunks));
	memset(p, 0, sizeof(*p));
}

static int pool_grow_index(struct pool *p)
{
	uint32_t cap = p->cap_chunks ? 2 * p->cap_chunks : 16;
	char **chunks;
	void *mem;
	int r = host_alloc(p->host, cap * sizeof(*chunks), &mem);

	if (r)
		return r;
	chunks = mem;
	if (p->chunks) {
		memcpy(chunks, p->chunks, p->nr_chunks * sizeof(*chunks));
		host_free(p->host, p->chunks, p->cap_chunks * sizeof(*chunks));
	}
	p->chunks = chunks;
	p->cap_chunks = cap;
	return 0;
}

static int pool_grow(struct pool *p)
{
	void *mem;
	int r = 0;

	if (p->nr_chunks == p->cap_chunks)
		r = pool_grow_index(p);
	if (r)
		return r;
	r = host_alloc(p->host, (size_t)CHUNK_RECORDS * p->size, &mem);
	if (r)
		return r;
	p->chunks[p->nr_chunks++] = mem;
	return 0;
}

/* Ids from 1 that there is room for. */
static uint32_t room(const struct pool *p)
{
	return p->nr_chunks ? p->nr_chunks * CHUNK_RECORDS - 1 : 0;
}

int pool_reserve(struct pool *p, uint32_t n)
{
	int r = 0;

	while (!r && room(p) - p->used < n)
		r = pool_grow(p);
	return r;
}

int pool_new(struct pool *p, uint32_t *ret_id)
{
	uint32_t id = p->free;

	if (id) {
		memcpy(&p->free, pool_at(p, id), sizeof(p->free));
		memset(pool_at(p, id), 0, sizeof(p->free));
	} else {
		if (p->top == room(p)) {
			int r = pool_grow(p);

			if (r)
				return r;
		}
		id = ++p->top;
	}
	p->used++;
	*ret_id = id;
	return 0;
}

void pool_free(struct pool *p, uint32_t id)
{
	pool_free_head(p, id, p->size);
}

void pool_free_head(struct pool *p, uint32_t id, size_t used)
{
	char *rec = pool_at(p, id);

	memset(rec, 0, used);
	memcpy(rec, &p->free, sizeof(p->free));
	p->free = id;
	p->used--;
}

/* Records that were in use before a smaller state was loaded: pool_new()
 * counts on zeroes. */
static void forget_rest(struct pool *p)
{
	for (uint32_t id = p->top + 1; id <= room(p);) {
		uint32_t n = CHUNK_RECORDS - id % CHUNK_RECORDS;

		memset(pool_at(p, id), 0, (size_t)n * p->size);
		id += n;
	}
}

int pool_archive(struct pool *p, struct archive *a)
{
	uint32_t head[3] = { p->top, p->free, p->used };
	int r = archive_bytes(a, head, sizeof(head));

	if (r)
		return r;
	while (archive_loading(a) && room(p) < head[0]) {
		r = pool_grow(p);
		if (r)
			return r;
	}
	p->top = head[0];
	p->free = head[1];
	p->used = head[2];
	if (archive_loading(a))
		forget_rest(p);
	for (uint32_t id = 1, n; id <= p->top && !r; id += n) {
		n = CHUNK_RECORDS - id % CHUNK_RECORDS;
		if (n > p->top - id + 1)
			n = p->top - id + 1;
		r = archive_bytes(a, pool_at(p, id), (size_t)n * p->size);
	}
	return r;
}
