// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/rng.h"
#include "vmcore/base/xarray.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct host host;
	struct pool nodes;
	struct xarray xa;
	unsigned released;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	pool_init(&f.nodes, &f.host, sizeof(struct xa_node));
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pool_fini(&f->nodes);
	assert_int_equal(f->host.used_bytes, 0);
	return 0;
}

static void store(struct fixture *f, uint64_t index, uint64_t entry)
{
	unsigned missing = entry ? xa_missing(&f->nodes, &f->xa, index) : 0;
	uint32_t used = f->nodes.used, leaf;

	assert_int_equal(xa_store(&f->nodes, &f->xa, index, entry, &leaf), 0);
	if (entry)
		assert_int_equal(f->nodes.used, used + missing);
	assert_int_equal(leaf, xa_leaf(&f->nodes, &f->xa, index));
}

static void count_release(void *arg, const struct xa_node *node)
{
	struct fixture *f = arg;

	assert_true(node->count <= 1);
	f->released++;
}

static void erase(struct fixture *f, uint64_t index)
{
	uint32_t used = f->nodes.used;

	f->released = 0;
	xa_erase(&f->nodes, &f->xa, index, count_release, f);
	assert_int_equal(f->nodes.used, used - f->released);
}

/* Node counts as lib/xarray.c would have them. */
static void node_counts(void **state)
{
	struct fixture *f = *state;

	store(f, 0, 2);
	assert_int_equal(f->nodes.used, 0);
	store(f, 63, 4);
	assert_int_equal(f->nodes.used, 1);
	store(f, 64, 6);
	assert_int_equal(f->nodes.used, 3);
	store(f, 4096, 8);
	assert_int_equal(f->nodes.used, 6);
	erase(f, 4096);
	assert_int_equal(f->nodes.used, 3);
	erase(f, 64);
	assert_int_equal(f->nodes.used, 1);
	erase(f, 63);
	assert_int_equal(f->nodes.used, 0);
	assert_int_equal(xa_load(&f->nodes, &f->xa, 0), 2);
	erase(f, 0);
	assert_int_equal(xa_load(&f->nodes, &f->xa, 0), 0);
}

static void far_index(void **state)
{
	struct fixture *f = *state;
	uint64_t far = (uint64_t)1 << 50, e = 0;

	store(f, far, 3);
	assert_int_equal(xa_next(&f->nodes, &f->xa, 0, XA_NONE, &e), far);
	assert_int_equal(e, 3);
	assert_int_equal(xa_next(&f->nodes, &f->xa, 0, far, &e), XA_NONE);
	store(f, 0, 5);
	assert_int_equal(xa_next(&f->nodes, &f->xa, 0, far, &e), 0);
	assert_int_equal(xa_next(&f->nodes, &f->xa, 1, far + 1, &e), far);
	erase(f, far);
	assert_int_equal(f->nodes.used, 0);
	assert_int_equal(xa_load(&f->nodes, &f->xa, 0), 5);
	store(f, UINT64_MAX - 1, 7);
	assert_int_equal(xa_next(&f->nodes, &f->xa, 1, XA_NONE, &e),
			 UINT64_MAX - 1);
	erase(f, UINT64_MAX - 1);
	erase(f, 0);
	assert_int_equal(f->nodes.used, 0);
}

/* In the leaf alone, every other time and where that will do. */
static void change(struct fixture *f, uint64_t index, uint64_t entry,
		   bool in_leaf)
{
	uint32_t leaf = xa_leaf(&f->nodes, &f->xa, index);

	if (in_leaf && leaf &&
	    xa_exchange(xa_node_at(&f->nodes, leaf), index, entry))
		return;
	if (entry)
		store(f, index, entry);
	else
		erase(f, index);
}

#define TWIN 9000
/* Random stores and erasures beside a plain array. */
static void twin(void **state)
{
	static uint64_t plain[TWIN];
	struct fixture *f = *state;
	uint64_t rng = 1;

	memset(plain, 0, sizeof(plain));
	for (unsigned step = 0; step < 40000; step++) {
		uint64_t range = step < 20000 ? TWIN : TWIN / 50;
		uint64_t i = rng_below(&rng, range), e = 0, next;

		plain[i] = rng_below(&rng, 3) ? step + 1 : 0;
		change(f, i, plain[i], step % 2);
		i = rng_below(&rng, range);
		assert_int_equal(xa_load(&f->nodes, &f->xa, i), plain[i]);
		for (next = i; next < TWIN && !plain[next];)
			next++;
		if (next == TWIN)
			next = XA_NONE;
		assert_int_equal(xa_next(&f->nodes, &f->xa, i, TWIN, &e), next);
		if (next != XA_NONE)
			assert_int_equal(e, plain[next]);
	}
	for (uint64_t i = 0; i < TWIN; i++)
		erase(f, i);
	assert_int_equal(f->nodes.used, 0);
	assert_int_equal(f->xa.single, 0);
}

/* The host runs out in the middle of a store: the tree is as before. */
static void host_limit(void **state)
{
	struct fixture *f = *state;
	uint32_t leaf;

	store(f, 0, 2);
	f->host.limit_bytes = 1;
	assert_int_equal(xa_store(&f->nodes, &f->xa, 70, 4, &leaf), -ENOBUFS);
	assert_int_equal(xa_load(&f->nodes, &f->xa, 0), 2);
	assert_int_equal(f->nodes.used, 0);
	f->host.limit_bytes = 0;
	store(f, 70, 4);
	f->host.limit_bytes = 1;
	/* Fill what the pool holds until it has to grow. */
	for (uint64_t i = 1;; i++) {
		uint32_t used = f->nodes.used;
		uint64_t e, index = i << 18;
		int r = xa_store(&f->nodes, &f->xa, index, 6, &leaf);

		if (r) {
			assert_int_equal(r, -ENOBUFS);
			assert_int_equal(f->nodes.used, used);
			assert_int_equal(xa_load(&f->nodes, &f->xa, 70), 4);
			assert_int_equal(
				xa_next(&f->nodes, &f->xa, index, XA_NONE, &e),
				XA_NONE);
			break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(node_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(far_index, setup, teardown),
		cmocka_unit_test_setup_teardown(twin, setup, teardown),
		cmocka_unit_test_setup_teardown(host_limit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
