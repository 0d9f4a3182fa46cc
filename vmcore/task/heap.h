/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_HEAP_H
#define VMCORE_HEAP_H

#include "vmcore/task/task.h"

/*
 * DOC: the chunks of a program's malloc().
 *
 * Models:  glibc 2.36 malloc/malloc.c: the main arena, its cache of freed
 *          chunks (tcache), fast, small, large and unsorted bins.
 * Owns:    chunk records, one heap an address space that ever called malloc.
 * Units:   bytes.
 * Order:   the library's own: equal calls give equal addresses.
 * Omits:   arenas of further threads, realloc, memalign, tunables.
 *
 * The records stand for what the library keeps in the memory itself; each
 * word of it that is read or written is touched, so faults come as they do.
 */
#define HEAP_MIN	 32u /* smallest chunk */
#define HEAP_HEADER	 16u /* before what malloc() returns */
#define HEAP_TOP_PAD	 (128u << 10)
#define HEAP_MMAP_MAX	 65536u /* chunks that are mappings of their own */
#define HEAP_CACHE_BYTES 640u /* struct tcache_perthread_struct */
#define HEAP_NR_FAST	 10u
#define HEAP_NR_CACHED	 64u
#define HEAP_NR_BINS	 128u
#define HEAP_NR_HASH	 64u

enum chunk_state {
	CHUNK_USED = 1,
	CHUNK_CACHED, /* freed, kept as it is for an equal request */
	CHUNK_FAST, /* freed, not yet joined with its neighbours */
	CHUNK_FREE, /* in a bin */
	CHUNK_TOP,
	CHUNK_MAPPED, /* a mapping of its own, in use */
	CHUNK_FENCE, /* ends what the heap had before somebody moved brk */
};

struct chunk {
	uint64_t addr; /* of its header; fixed as long as the record lives */
	uint64_t size;
	uint32_t next, prev; /* adjacent; CHUNK_MAPPED: in heap.mapped */
	/* Its free list; a bin's head is HEAP_BIN | number. */
	uint32_t fd, bk;
	uint32_t fd_size, bk_size; /* large bins: ring of the sizes, 0 none */
	uint32_t state; /* enum chunk_state */
	uint32_t hash_next; /* by addr */
};
#define HEAP_BIN 0x80000000u

struct heap {
	uint32_t first, last; /* chunks, as the system gave them */
	uint32_t top; /* 0: nothing yet */
	uint32_t mapped; /* list */
	uint32_t nr_mapped;
	uint32_t have_fast;
	uint32_t scattered; /* brk was refused once: not contiguous() */
	uint32_t spare;
	uint64_t last_remainder; /* its address */
	uint64_t mmap_threshold, trim_threshold;
	uint64_t cache; /* address of the tcache, 0 none */
	uint32_t fast[HEAP_NR_FAST];
	uint32_t cached[HEAP_NR_CACHED];
	uint32_t nr_cached[HEAP_NR_CACHED];
	uint32_t bin_fd[HEAP_NR_BINS], bin_bk[HEAP_NR_BINS];
	uint32_t hash[HEAP_NR_HASH];
};

/* A page that the library reads or writes, once its operation gets to it. */
struct heap_touch {
	uint32_t next;
	uint32_t write;
	uint64_t addr;
};

/* One call into the library. */
struct heap_run {
	struct tasks *t;
	struct heap *h;
	struct actor *a; /* cursor[2], [3]: its touches, first and last */
	int error; /* of the host, once a touch could not be noted */
};

static inline struct chunk *chunk_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->chunks, id);
}
static inline struct heap *heap_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->heaps, id);
}
static inline struct heap_touch *heap_touch_at(const struct tasks *t,
					       uint32_t id)
{
	return pool_at(&t->touches, id);
}

/* --- heap.c: records ------------------------------------------------------ */
/* The heap of @mm, made at its first call. 0 or a host errno. */
int heap_of(struct tasks *t, uint32_t mm, uint32_t *ret_heap);
/* A forked address space has a copy. 0 or a host errno, and none then. */
int heap_copy(struct tasks *t, uint32_t from, uint32_t to);
void heap_drop(struct tasks *t, uint32_t mm);
/* Make sure that @n records can be had. 0 or a host errno. */
int heap_reserve(struct tasks *t, unsigned n);
/* What lies at @addr, a chunk's header; 0 none. */
uint32_t heap_find(const struct tasks *t, const struct heap *h, uint64_t addr);
/* A record behind @prev (0: first), taken from the reserve. */
uint32_t heap_insert(struct heap_run *r, uint32_t prev, uint64_t addr,
		     uint64_t size, enum chunk_state state);
void heap_remove(struct heap_run *r, uint32_t chunk);
/* A chunk that is a mapping of its own. */
uint32_t heap_insert_mapped(struct heap_run *r, uint64_t addr, uint64_t size);
void heap_remove_mapped(struct heap_run *r, uint32_t chunk);
void heap_note_touch(struct heap_run *r, uint64_t addr, bool write);
void heap_drop_touches(struct tasks *t, struct actor *a);
/* Recount @mm's heap; @chunks: so many records more are in use. */
void heap_check(const struct tasks *t, uint32_t mm, check_report *report,
		void *arg, uint64_t *chunks);

/* --- heap-bins.c -----------------------------------------------------------
 */
unsigned heap_bin_index(uint64_t size);
/* In front of the unsorted chunks, its size and neighbours being written. */
void heap_to_unsorted(struct heap_run *r, uint32_t chunk);
/* Out of its bin (unlink_chunk()). */
void heap_unlink(struct heap_run *r, uint32_t chunk);
/* From the bins for small chunks of exactly @size; 0 none. */
uint32_t heap_take_small(struct heap_run *r, uint64_t size);
/* Sort the unsorted chunks, unless one of them does for @size; 0 none. */
uint32_t heap_take_unsorted(struct heap_run *r, uint64_t size);
/* The smallest that is large enough, cut; 0 none. */
uint32_t heap_take_best(struct heap_run *r, uint64_t size);
bool heap_cache_has_room(const struct heap_run *r, uint64_t size);
void heap_cache_put(struct heap_run *r, uint32_t chunk);
uint32_t heap_cache_take(struct heap_run *r, uint64_t size);
/* The chunk's first @size bytes; the rest is a new one, in no bin yet. */
uint32_t heap_cut(struct heap_run *r, uint32_t chunk, uint64_t size);

/* --- heap-arena.c ----------------------------------------------------------
 */
/* Chunk size of a request (request2size()). */
static inline uint64_t heap_chunk_size(uint64_t bytes)
{
	uint64_t size = (bytes + 8 + 15) & ~15ull;

	return size < HEAP_MIN ? HEAP_MIN : size;
}
/* A chunk of @size from what the heap has, 0 if the system must give more.
 * Needs one record in reserve. */
uint32_t heap_take(struct heap_run *r, uint64_t size);
/* The end of the heap gives a chunk of @size, 0 if it is too short. */
uint32_t heap_take_top(struct heap_run *r, uint64_t size);
/* Give a chunk back. True: the top may be trimmed. */
bool heap_release(struct heap_run *r, uint32_t chunk);

/* How far brk must go (sysmalloc()): @bytes, and @more if the heap is not
 * where it ended last. */
struct heap_growth {
	uint64_t start, bytes, more;
};
struct heap_growth heap_growth(const struct heap_run *r, uint64_t size,
			       uint64_t brk);
/* The heap got [@start, @start + @bytes). Needs three records in reserve.
 * True: the top may be trimmed, before anything is cut from it. */
bool heap_grow(struct heap_run *r, uint64_t start, uint64_t bytes);
/* Bytes that brk may go down by; 0 none (systrim()). */
uint64_t heap_excess(const struct heap_run *r, uint64_t brk);
void heap_trim(struct heap_run *r, uint64_t bytes);

#endif
