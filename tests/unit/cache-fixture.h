/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CACHE_FIXTURE_H
#define TESTS_CACHE_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tape.h"
#include "vmcore/cache/cache.h"

/*
 * DOC: a machine up to the page cache, and a clock: a step that waits for a
 * request is repeated when that has ended.
 *
 * Models:  nothing.
 * Owns:    the floors up to the cache, and which requests have an event.
 * Units:   bytes of memory and files.
 * Order:   requests end by time, those of one time as they were submitted.
 * Omits:   processes: what is read and written is nobody's.
 */
#define KIB 1024u
#define MIB (1ull << 20)

struct cache_bench {
	struct host host;
	struct phys phys;
	struct phys_config config;
	struct control control;
	struct kmem kmem;
	struct cache cache;
	struct ctx ctx;
	uint64_t prices[NR_COSTS];
	uint32_t disk;
	uint32_t due[4096], nr_due; /* requests that have an event */
	uint32_t faults;
};

static inline void bench_report(void *arg, const char *what, int64_t recounted,
				int64_t kept)
{
	struct cache_bench *b = arg;

	b->faults++;
	print_message("# %s recounted=%lld kept=%lld\n", what,
		      (long long)recounted, (long long)kept);
}

static inline void bench_check(struct cache_bench *b)
{
	phys_check(&b->phys, bench_report, b);
	control_check(&b->control, bench_report, b);
	kmem_check(&b->kmem, bench_report, b);
	cache_check(&b->cache, bench_report, b);
	assert_int_equal(b->faults, 0);
}

static inline struct cache_bench *bench_boot(uint64_t bytes)
{
	struct cache_bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->config.nr_nodes = 1;
	b->config.nr_cpus = 1;
	b->config.memory_bytes = bytes;
	assert_int_equal(phys_init(&b->phys, &b->host, &b->config), 0);
	assert_int_equal(control_init(&b->control, &b->host, &b->phys), 0);
	assert_int_equal(kmem_init(&b->kmem, &b->host, &b->control), 0);
	assert_int_equal(cache_init(&b->cache, &b->host, &b->control, &b->kmem),
			 0);
	b->ctx.prices = b->prices;
	return b;
}

/* With a disk for "/", of which a request takes @latency ns and more. */
static inline struct cache_bench *bench_new(uint64_t latency)
{
	struct cache_bench *b = bench_boot(256 * MIB);
	struct disk like = { .name = "vda",
			     .mount = "/",
			     .size_bytes = 1024 * MIB,
			     .latency_ns = latency,
			     .bandwidth = latency ? 100 * MIB : 0,
			     .readahead_pages = 32 };

	assert_int_equal(disk_new(&b->cache, &like, &b->disk), 0);
	return b;
}

static inline void bench_free(struct cache_bench *b)
{
	cache_fini(&b->cache);
	kmem_fini(&b->kmem);
	control_fini(&b->control);
	phys_fini(&b->phys);
	assert_int_equal(b->host.used_bytes, 0);
	free(b);
}

/* Every floor in its order. */
static inline uint64_t bench_archive(struct cache_bench *b, struct archive *a)
{
	assert_int_equal(phys_archive(&b->phys, a), 0);
	assert_int_equal(control_archive(&b->control, a), 0);
	assert_int_equal(kmem_archive(&b->kmem, a), 0);
	assert_int_equal(cache_archive(&b->cache, a), 0);
	return a->digest;
}

static inline uint64_t bench_digest(struct cache_bench *b)
{
	struct archive a = { .mode = ARCHIVE_DIGEST };

	return bench_archive(b, &a);
}

/* Make @to, booted as @from was, what @from is. */
static inline void bench_copy(struct cache_bench *to, struct cache_bench *from)
{
	struct tape tape = { 0 };
	struct archive save = tape_save(&tape), load = tape_load(&tape);

	bench_archive(from, &save);
	bench_archive(to, &load);
	tape_end(&tape);
	memcpy(to->due, from->due, sizeof(to->due));
	to->nr_due = from->nr_due;
	to->ctx = from->ctx;
	to->ctx.prices = to->prices;
}

/* Give every submitted request its event. */
static inline void bench_schedule(struct cache_bench *b)
{
	uint32_t id;

	while ((id = io_take_submitted(&b->cache))) {
		assert_in_range(b->nr_due, 0, 4095);
		b->due[b->nr_due++] = id;
	}
}

/* The event that is due first. */
static inline void bench_tick(struct cache_bench *b)
{
	uint32_t first = 0, id;

	assert_int_not_equal(b->nr_due, 0);
	for (uint32_t i = 1; i < b->nr_due; i++)
		if (io_at(&b->cache, b->due[i])->done_at <
		    io_at(&b->cache, b->due[first])->done_at)
			first = i;
	id = b->due[first];
	b->due[first] = b->due[--b->nr_due];
	b->ctx.now = io_at(&b->cache, id)->done_at;
	io_complete(&b->cache, &b->ctx, id);
}

/* A step answered @r: true if it has to be repeated. */
static inline bool bench_again(struct cache_bench *b, int r)
{
	bench_schedule(b);
	if (r != WAIT_IO)
		return r == STEP_MORE;
	assert_in_range(b->ctx.wait_io, 1, b->cache.ios.top);
	assert_int_not_equal(io_at(&b->cache, b->ctx.wait_io)->pages, 0);
	while (io_at(&b->cache, b->ctx.wait_io)->pages)
		bench_tick(b);
	return true;
}

/* Every request ends. */
static inline void bench_settle(struct cache_bench *b)
{
	bench_schedule(b);
	while (b->nr_due)
		bench_tick(b);
}

static inline int bench_read(struct cache_bench *b, uint32_t file, uint64_t pos,
			     uint32_t len, uint32_t *ret_len)
{
	int r;

	do
		r = file_read(&b->cache, &b->ctx, file, pos, len, ret_len);
	while (bench_again(b, r));
	return r;
}

static inline int bench_write(struct cache_bench *b, uint32_t file,
			      uint64_t pos, uint32_t len, uint32_t *ret_len)
{
	int r;

	do
		r = file_write(&b->cache, &b->ctx, file, pos, len, ret_len);
	while (bench_again(b, r));
	return r;
}

/* read(2) and write(2) of any length, as a loop of steps. */
static inline void bench_read_all(struct cache_bench *b, uint32_t file,
				  uint64_t pos, uint64_t len)
{
	uint32_t n = 1;

	for (; len && n; pos += n, len -= n)
		assert_int_equal(bench_read(b, file, pos,
					    len < 65536 ? (uint32_t)len : 65536,
					    &n),
				 0);
	bench_settle(b);
}

static inline void bench_write_all(struct cache_bench *b, uint32_t file,
				   uint64_t pos, uint64_t len)
{
	uint32_t n;

	for (; len; pos += n, len -= n)
		assert_int_equal(
			bench_write(b, file, pos,
				    len < 65536 ? (uint32_t)len : 65536, &n),
			0);
}

/* On a disk that takes no time, and on one that does. */
static inline void bench_each_speed(void (*body)(struct cache_bench *b))
{
	static const uint64_t latency[] = { 0, 100000 };

	for (unsigned i = 0; i < 2; i++) {
		struct cache_bench *b = bench_new(latency[i]);

		body(b);
		bench_settle(b);
		bench_check(b);
		bench_free(b);
	}
}

static inline int bench_fault(struct cache_bench *b, uint32_t file,
			      uint64_t index, uint32_t how, bool *ret_major)
{
	pfn_t folio = PFN_NONE;
	int r;

	*ret_major = false;
	for (;; how |= FAULT_TRIED) {
		r = file_fault(&b->cache, &b->ctx, file, index, how, 0,
			       UINT32_MAX, &folio, ret_major);
		if (!bench_again(b, r))
			break;
	}
	if (!r)
		assert_int_equal(folio,
				 cache_find(&b->cache,
					    file_at(&b->cache, file)->inode,
					    index));
	return r;
}

static inline int bench_sync(struct cache_bench *b, uint32_t inode)
{
	struct sync_at at = { 0 };
	int r;

	do
		r = file_sync(&b->cache, &b->ctx, inode, 0, UINT64_MAX, &at,
			      NULL, NULL);
	while (bench_again(b, r));
	return r;
}

static inline int bench_make(struct cache_bench *b, const char *path,
			     uint64_t size, uint32_t *ret_inode)
{
	int r;

	do
		r = inode_make(&b->cache, &b->ctx, path, size, ret_inode);
	while (bench_again(b, r));
	return r;
}

/* A new file and one that has it open. */
static inline uint32_t bench_file(struct cache_bench *b, const char *path,
				  uint64_t size, uint32_t *ret_inode)
{
	uint32_t file;

	assert_int_equal(bench_make(b, path, size, ret_inode), 0);
	assert_int_equal(file_open(&b->cache, &b->ctx, *ret_inode, &file), 0);
	return file;
}

static inline int64_t bench_node(const struct cache_bench *b,
				 enum node_stat item)
{
	return vmstat_node_sum(&b->phys.stat, item);
}

#endif
