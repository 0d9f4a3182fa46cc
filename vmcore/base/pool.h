/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_POOL_H
#define VMCORE_POOL_H

#include "vmcore/base/archive.h"
#include "vmcore/base/host.h"
#include "vmcore/base/types.h"

/*
 * DOC: records addressed by number.
 *
 * Models:  nothing; the one store of model objects. Numbers, not pointers,
 *          link them, so that state can be saved, digested and compared.
 * Owns:    its records, in chunks that never move.
 * Units:   ids from 1; 0 is none.
 * Order:   a freed id is the next one handed out.
 * Omits:   bounds checks on the hot path.
 *
 * The first four bytes of a free record link the free list; all else in it
 * is zero, so equal histories give equal bytes.
 */
#define POOL_SHIFT 9 /* records a chunk; the first one's first is no record */

struct pool {
	struct host *host;
	char **chunks;
	uint32_t size; /* bytes a record */
	uint32_t nr_chunks;
	uint32_t cap_chunks;
	uint32_t top; /* ids ever handed out */
	uint32_t free; /* head of the free list */
	uint32_t used; /* records in use */
};

/* @size: bytes a record, at least 4, a multiple of 8 when it holds u64. */
void pool_init(struct pool *p, struct host *host, uint32_t size);
void pool_fini(struct pool *p);

/* The next @n records are there: pool_new() will not fail. 0 or a host errno.
 */
int pool_reserve(struct pool *p, uint32_t n);
/* A zeroed record. Return: 0 or a host errno. */
int pool_new(struct pool *p, uint32_t *ret_id);

/* Give record @id back; it must be in use. */
void pool_free(struct pool *p, uint32_t id);
/* The same of one of whose bytes only the first @used may be other than 0. */
void pool_free_head(struct pool *p, uint32_t id, size_t used);

/* Save, load or digest every record. */
int pool_archive(struct pool *p, struct archive *a);

/* Record 1, of a pool that has it. */
static inline void *pool_first(const struct pool *p)
{
	return p->chunks[0] + p->size;
}

static inline void *pool_at(const struct pool *p, uint32_t id)
{
	return p->chunks[id >> POOL_SHIFT] +
	       (size_t)(id & ((1u << POOL_SHIFT) - 1)) * p->size;
}

#endif
