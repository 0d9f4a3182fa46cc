// SPDX-License-Identifier: Apache-2.0
/* Trees of records: order, balance and what records remember of their
 * subtrees, after each step of random histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vmcore/base/tree.h"

#define RECORDS 300u
#define STEPS	4000u

struct record {
	uint64_t key, weight, most; /* most: of the weights below and its own */
	struct tree_node node;
	uint32_t in_tree, spare;
};

struct owner {
	struct host host;
	struct pool pool;
	uint32_t root, nr;
	uint32_t id[RECORDS]; /* that may be in the tree */
};

static struct record *at(const struct owner *o, uint32_t id)
{
	return pool_at(&o->pool, id);
}

static bool less(const void *owner, uint32_t a, uint32_t b)
{
	return at(owner, a)->key < at(owner, b)->key;
}

static uint64_t most(const struct record *r, const struct record *left,
		     const struct record *right)
{
	uint64_t n = r->weight;

	if (left && left->most > n)
		n = left->most;
	if (right && right->most > n)
		n = right->most;
	return n;
}

static bool update(const void *owner, void *record, const void *left,
		   const void *right)
{
	struct record *r = record;
	uint64_t old = r->most;

	(void)owner;
	r->most = most(r, left, right);
	return r->most != old;
}

static const struct tree_type type = {
	.pool = offsetof(struct owner, pool),
	.node = offsetof(struct record, node),
	.less = less,
	.update = update,
};

static uint64_t draw(uint64_t *rng)
{
	*rng = *rng * 6364136223846793005u + 1442695040888963407u;
	return *rng >> 33;
}

/* The height of @id's subtree, all of which is right. */
static uint32_t check(const struct owner *o, uint32_t id, uint32_t parent)
{
	const struct record *r;
	uint32_t l, h;

	if (!id)
		return 0;
	r = at(o, id);
	assert_int_equal(r->node.parent, parent);
	assert_int_equal(r->most,
			 most(r, r->node.left ? at(o, r->node.left) : NULL,
			      r->node.right ? at(o, r->node.right) : NULL));
	l = check(o, r->node.left, id);
	h = check(o, r->node.right, id);
	assert_true(l <= h + 1 && h <= l + 1);
	assert_int_equal(r->node.height, (l > h ? l : h) + 1);
	return r->node.height;
}

static int side(const void *owner, const void *key, uint32_t id)
{
	const uint64_t *k = key;

	return (*k > at(owner, id)->key) - (*k < at(owner, id)->key);
}

static void check_all(const struct owner *o)
{
	uint32_t nr = 0, last = 0;

	check(o, o->root, 0);
	for (uint32_t id = tree_first(&type, o, o->root); id;
	     id = tree_next(&type, o, id)) {
		assert_true(!last || at(o, last)->key <= at(o, id)->key);
		last = tree_search(&type, o, o->root, &at(o, id)->key, side);
		assert_int_equal(at(o, last)->key, at(o, id)->key);
		last = id;
		nr++;
	}
	assert_int_equal(nr, o->nr);
	assert_int_equal(
		tree_search(&type, o, o->root, &(uint64_t){ 1000 }, side), 0);
}

static void one_step(struct owner *o, uint64_t *rng, uint32_t fill)
{
	uint32_t id = o->id[draw(rng) % RECORDS];
	struct record *r = at(o, id);

	if (!r->in_tree) {
		if (draw(rng) % 100 >= fill)
			return;
		r->key = draw(rng) % 1000;
		r->weight = draw(rng) % 50;
		tree_insert(&type, o, &o->root, id);
		r->in_tree = 1;
		o->nr++;
	} else if (draw(rng) % 100 >= fill) {
		tree_erase(&type, o, &o->root, id);
		r->in_tree = 0;
		o->nr--;
	}
}

static void random_history(void **state)
{
	struct owner o = { .root = 0 };
	uint64_t rng = 1;

	(void)state;
	pool_init(&o.pool, &o.host, sizeof(struct record));
	for (uint32_t i = 0; i < RECORDS; i++)
		assert_int_equal(pool_new(&o.pool, &o.id[i]), 0);
	for (uint32_t i = 0; i < STEPS; i++) {
		one_step(&o, &rng, i / 500 % 2 ? 20 : 80);
		check_all(&o);
	}
	pool_fini(&o.pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
