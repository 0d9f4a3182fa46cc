// SPDX-License-Identifier: Apache-2.0
/* Geometry of the caches; random histories of kernel memory, and saved ones,
 * against recounts. */
#include "kmem-fixture.h"

#include "tests/unit/tape.h"
#include "vmcore/base/rng.h"

#define MANY 6000

/* --- geometry ---------------------------------------------------------- */
struct shape {
	const char *name;
	uint32_t size, per_slab, pages;
};

static const struct shape shapes[] = {
#define SHAPE(name, size, per_slab, pages) { name, size, per_slab, pages },
#include "kmem-shapes.def"
};

/* Every cache of a 6.18 machine with two CPUs: those of the table by their
 * own rows, the others by their size. */
static void test_shapes(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 2);
	uint32_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];
		uint32_t id = kmem_cache_find(&x->k, s->name);
		const struct kmem_cache *c;

		if (id == x->k.caches.top) {
			struct kmem_cache_args args = {
				.name = s->name, .object_size = s->size
			};

			assert_int_equal(kmem_cache_create(&x->k, &args, &id),
					 0);
		}
		c = kmem_cache_at(&x->k, id);
		if (c->size == s->size && c->per_slab == s->per_slab &&
		    1u << c->order == s->pages)
			continue;
		wrong++;
		print_message("# %s is %u %u %u, not %u %u %u\n", s->name,
			      c->size, c->per_slab, 1u << c->order, s->size,
			      s->per_slab, s->pages);
	}
	assert_int_equal(wrong, 0);
	fixture_free(x);
}

static const struct shape shapes_one_cpu[] = {
#define SHAPE_ONE_CPU(size, per_slab, pages) { NULL, size, per_slab, pages },
#include "kmem-shapes.def"
};

static void test_shapes_one_cpu(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 1);
	const size_t nr = sizeof(shapes_one_cpu) / sizeof(shapes_one_cpu[0]);

	(void)state;
	for (size_t i = 0; i < nr; i++) {
		const struct shape *s = &shapes_one_cpu[i];
		const struct kmem_cache *c;
		char name[32];
		uint32_t id;

		snprintf(name, sizeof(name), "size %u", s->size);
		assert_int_equal(
			kmem_cache_create(
				&x->k,
				&(struct kmem_cache_args){
					.name = name, .object_size = s->size },
				&id),
			0);
		c = kmem_cache_at(&x->k, id);
		assert_int_equal(c->size, s->size);
		assert_int_equal(c->per_slab, s->per_slab);
		assert_int_equal(1u << c->order, s->pages);
	}
	fixture_free(x);
}

static void test_cache_create(void **state)
{
	struct fixture *x = fixture_new(64u << 20, 1, 2);
	struct kmem_cache_args args = { .name = "dentry", .object_size = 100 };
	uint32_t id;

	(void)state;
	assert_int_equal(kmem_cache_create(&x->k, &args, &id), EEXIST);
	args.name = "cred_jar";
	assert_int_equal(kmem_cache_find(&x->k, "cred_jar"), KMEM_PID);
	assert_int_equal(kmem_cache_create(&x->k, &args, &id), EEXIST);
	args.name = "";
	assert_int_equal(kmem_cache_create(&x->k, &args, &id), EINVAL);
	args.name = "mine";
	args.object_size = 0;
	assert_int_equal(kmem_cache_create(&x->k, &args, &id), EINVAL);
	args.object_size = 5u << 20;
	assert_int_equal(kmem_cache_create(&x->k, &args, &id), EINVAL);
	args.object_size = 100;
	args.flags = KMEM_HWCACHE;
	assert_int_equal(kmem_cache_create(&x->k, &args, &id), 0);
	assert_int_equal(kmem_cache_at(&x->k, id)->size, 128);
	assert_int_equal(kmem_cache_find(&x->k, "mine"), id);
	fixture_free(x);
}

static void test_kmalloc_classes(void **state)
{
	static const uint32_t class[] = { 8,   16,  32,	  64,	96,   128, 192,
					  256, 512, 1024, 2048, 4096, 8192 };
	struct fixture *x = fixture_new(64u << 20, 1, 2);
	unsigned want = 0;

	(void)state;
	for (uint32_t bytes = 1; bytes <= KMALLOC_MAX_CACHE; bytes++) {
		const struct kmem_cache *c;

		want += bytes > class[want];
		c = kmem_cache_at(&x->k, kmalloc_cache(bytes, GFP_KERNEL));
		assert_int_equal(c->size, class[want]);
		c = kmem_cache_at(&x->k,
				  kmalloc_cache(bytes, GFP_KERNEL_ACCOUNT));
		assert_int_equal(c->size, class[want]);
		assert_true(c->flags & KMEM_ACCOUNT);
	}
	assert_string_equal(
		kmem_cache_at(&x->k, kmalloc_cache(100, GFP_KERNEL))->name,
		"kmalloc-128");
	fixture_free(x);
}

/* --- random histories -------------------------------------------------- */
struct thing {
	enum { NOTHING, OBJECT, BLOCK, AREA, STACK } kind;
	uint32_t group, cpu;
	pfn_t pfn, stack[4];
	uint32_t area;
};

static int make(struct fixture *x, struct thing *t, uint64_t *rng)
{
	struct ctx *ctx =
		on_cpu(x, (uint32_t)rng_below(rng, x->b->phys.nr_cpus));
	uint64_t dice = rng_below(rng, 100);
	uint32_t groups[] = { 0, x->group[0], x->group[1] };

	ctx->group = t->group = groups[rng_below(rng, 3)];
	if (dice < 70) {
		t->kind = OBJECT;
		return kmem_alloc(
			&x->k, ctx,
			(enum kmem_cache_id)rng_below(rng, NR_KMEM_CACHES),
			&t->pfn);
	}
	if (dice < 90) {
		t->kind = BLOCK;
		return kmalloc(&x->k, ctx, 1 + rng_below(rng, 20000),
			       rng_below(rng, 2) ? GFP_KERNEL
						 : GFP_KERNEL_ACCOUNT,
			       &t->pfn);
	}
	if (dice < 95) {
		t->kind = AREA;
		return vmalloc(&x->k, ctx, 1 + rng_below(rng, 20),
			       VMALLOC_BY_MODULE, &t->area);
	}
	t->kind = STACK;
	return stack_alloc(&x->k, ctx, 1, t->stack);
}

static void unmake(struct fixture *x, struct thing *t, uint64_t *rng)
{
	struct ctx *ctx =
		on_cpu(x, (uint32_t)rng_below(rng, x->b->phys.nr_cpus));

	ctx->group = t->group;
	switch (t->kind) {
	case OBJECT:
		kmem_free(&x->k, ctx, t->pfn);
		break;
	case BLOCK:
		kfree(&x->k, ctx, t->pfn);
		break;
	case AREA:
		vfree(&x->k, ctx, t->area);
		break;
	case STACK:
		stack_free(&x->k, ctx, t->stack);
		break;
	case NOTHING:
		break;
	}
	t->kind = NOTHING;
}

static void churn(struct fixture *x, uint64_t seed, unsigned rounds)
{
	static struct thing things[MANY];
	uint64_t rng = seed;

	memset(things, 0, sizeof(things));
	for (unsigned i = 0; i < rounds; i++) {
		struct thing *t = &things[rng_below(&rng, MANY)];
		int r = 0;

		if (t->kind)
			unmake(x, t, &rng);
		else
			r = make(x, t, &rng);
		if (r) {
			assert_true(r == NEED_MEMORY || r == NEED_CHARGE);
			t->kind = NOTHING;
			check(x);
		}
		if (i % 4000 == 0)
			check(x);
	}
	for (unsigned i = 0; i < MANY; i++)
		unmake(x, &things[i], &rng);
	check(x);
}

static void nothing_in_use(struct fixture *x)
{
	for (uint32_t i = 0; i < x->k.caches.top; i++) {
		const struct kmem_cache *c = kmem_cache_at(&x->k, i);

		/* The stacks that CPUs keep have objects too. */
		if (i == KMEM_VMAP_AREA || i == KMEM_MALLOC_96 ||
		    i == KMEM_MALLOC_32)
			continue;
		assert_int_equal(c->nr_objects, 0);
		for (unsigned n = 0; n < MAX_NODES; n++)
			assert_true(c->node[n].nr_partial <=
				    c->min_partial + c->cpu_partial);
	}
	assert_int_equal(node_sum(x, NR_KERNEL_STACK_KB), 0);
	assert_true(x->k.vmalloc_pages <=
		    STACK_PAGES * STACK_CACHED * x->b->phys.nr_cpus);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(group_at(&x->c, x->group[i])->usage, 0);
}

static void test_random(void **state)
{
	struct fixture *x = fixture_new(256u << 20, 1, 1);

	(void)state;
	churn(x, 1, 40000);
	nothing_in_use(x);
	fixture_free(x);
}

static void test_random_nodes(void **state)
{
	struct fixture *x = fixture_new(256u << 20, 2, 4);

	(void)state;
	churn(x, 2, 40000);
	nothing_in_use(x);
	fixture_free(x);
}

/* Too little memory: every refusal leaves nothing behind. */
static void test_random_short(void **state)
{
	struct fixture *x = fixture_new(32u << 20, 1, 2);

	(void)state;
	group_at(&x->c, x->group[1])->max = 300;
	churn(x, 3, 30000);
	nothing_in_use(x);
	fixture_free(x);
}

/* The host has no more: told as such, and nothing is left behind. */
static void test_random_host(void **state)
{
	struct fixture *x = fixture_new(256u << 20, 1, 1);
	uint64_t rng = 5;
	unsigned refused = 0;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		struct thing t;
		int r;

		x->b->host.limit_bytes = x->b->host.used_bytes;
		r = make(x, &t, &rng);
		if (!r)
			continue;
		assert_int_equal(r, -ENOBUFS);
		refused++;
		check(x);
		x->b->host.limit_bytes = 0;
		assert_int_equal(make(x, &t, &rng), 0);
	}
	assert_true(refused);
	fixture_free(x);
}

/* --- save and load ----------------------------------------------------- */
static void archive(struct fixture *x, struct archive *a)
{
	assert_int_equal(phys_archive(&x->b->phys, a), 0);
	assert_int_equal(control_archive(&x->c, a), 0);
	assert_int_equal(kmem_archive(&x->k, a), 0);
}

static uint64_t digest(struct fixture *x)
{
	struct archive a = { .mode = ARCHIVE_DIGEST };

	archive(x, &a);
	return a.digest;
}

static void fill(struct fixture *x, uint64_t seed)
{
	uint64_t rng = seed;
	struct thing t;

	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(make(x, &t, &rng), 0);
}

static void test_archive(void **state)
{
	struct fixture *x = fixture_new(256u << 20, 2, 4);
	struct fixture *y = fixture_new(256u << 20, 2, 4);
	struct tape tape = { 0 };
	struct archive save = tape_save(&tape), load = tape_load(&tape);

	(void)state;
	fill(x, 7);
	archive(x, &save);
	fill(y, 8);
	assert_true(digest(x) != digest(y));
	archive(y, &load);
	tape_end(&tape);
	check(y);
	assert_int_equal(digest(x), digest(y));
	fill(x, 9);
	fill(y, 9);
	assert_int_equal(digest(x), digest(y));
	fixture_free(x);
	fixture_free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_shapes_one_cpu),
		cmocka_unit_test(test_cache_create),
		cmocka_unit_test(test_kmalloc_classes),
		cmocka_unit_test(test_archive),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_nodes),
		cmocka_unit_test(test_random_short),
		cmocka_unit_test(test_random_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
