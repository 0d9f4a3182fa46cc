// SPDX-License-Identifier: Apache-2.0
/* What stands in files, and where they lie on their disk. */
#include "cache-fixture.h"

#include "vmcore/cache/content.h"
#include "vmcore/cache/extent.h"

static uint32_t content(const struct cache_bench *b, uint32_t inode,
			uint64_t page)
{
	return cache_content(&b->cache, inode, page);
}

/* The number that the disk has where page @page of @inode lies; 0 nowhere. */
static uint32_t on_disk(const struct cache_bench *b, uint32_t inode,
			uint64_t page)
{
	const struct disk *d = disk_at(&b->cache, b->disk);

	for (uint64_t place = 0; place < d->size_bytes >> PAGE_SHIFT; place++) {
		uint64_t at;

		if (extent_find(&b->cache, b->disk, place, &at) == inode &&
		    at == page)
			return content(b, d->bdev, place);
	}
	return 0;
}

static void write_page(struct cache_bench *b, uint32_t file, uint64_t page)
{
	uint32_t n;

	assert_int_equal(bench_write(b, file, page * PAGE_SIZE, PAGE_SIZE, &n),
			 0);
	assert_int_equal(n, PAGE_SIZE);
}

static void flush(struct cache_bench *b, uint32_t inode)
{
	uint64_t nr;

	assert_int_equal(cache_writeback(&b->cache, &b->ctx, inode, UINT64_MAX,
					 NULL, NULL, &nr),
			 0);
	bench_settle(b);
}

static void test_written(void **state)
{
	struct cache_bench *b = bench_new(1000);
	uint32_t inode, file = bench_file(b, "/f", 4 * MIB, &inode);
	uint32_t was = content(b, inode, 3), other = content(b, inode, 4), now;

	(void)state;
	assert_int_not_equal(was, 0);
	assert_int_not_equal(was, other);
	assert_false(content_outside(was));
	assert_int_equal(content(b, inode, 1024), 0); /* behind its end */
	write_page(b, file, 3);
	now = content(b, inode, 3);
	assert_int_not_equal(now, was);
	assert_int_equal(on_disk(b, inode, 3), was);
	flush(b, inode);
	assert_int_equal(on_disk(b, inode, 3), now);
	cache_drop(&b->cache, &b->ctx, 1);
	assert_int_equal(inode_at(&b->cache, inode)->nr_cached, 0);
	assert_int_equal(content(b, inode, 3), now);
	assert_int_equal(content(b, inode, 4), other);
	bench_check(b);
	bench_free(b);
}

static void test_outside(void **state)
{
	struct cache_bench *b = bench_new(1000);
	uint32_t inode, file = bench_file(b, "/f", MIB, &inode);

	(void)state;
	assert_true(cache_has_contents(&b->cache, inode));
	b->ctx.outside = 1;
	write_page(b, file, 0);
	assert_true(content_outside(content(b, inode, 0)));
	flush(b, inode);
	cache_drop(&b->cache, &b->ctx, 1);
	assert_true(content_outside(content(b, inode, 0)));
	b->ctx.outside = 0;
	write_page(b, file, 0);
	assert_false(content_outside(content(b, inode, 0)));
	bench_check(b);
	bench_free(b);
}

static void test_places(void **state)
{
	struct cache_bench *b = bench_new(1000);
	uint32_t one, two, three, file = bench_file(b, "/1", MIB, &one);
	const struct cache *c = &b->cache;
	uint64_t page;

	(void)state;
	bench_file(b, "/2", MIB, &two);
	assert_int_equal(inode_at(c, one)->placed, 256);
	/* one goes on behind two */
	write_page(b, file, 256);
	flush(b, one);
	assert_int_equal(inode_at(c, one)->placed, 257);
	assert_int_equal(c->extents.used, 3);
	assert_int_equal(
		extent_find(c, b->disk,
			    extent_at(c, inode_at(c, two)->extents)->place +
				    256,
			    &page),
		one);
	assert_int_equal(page, 256);
	/* what is made anew lies elsewhere, and nowhere twice */
	assert_int_equal(inode_make(&b->cache, &b->ctx, "/1", 2 * MIB, &one),
			 0);
	assert_int_equal(inode_at(c, one)->placed, 512);
	bench_check(b);
	/* more than the disk has: as far as there is room */
	assert_int_equal(
		inode_make(&b->cache, &b->ctx, "/3", 4096 * MIB, &three), 0);
	assert_in_range(inode_at(c, three)->placed, 1000 * 256,
			1024 * 256 - 768);
	bench_check(b);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
