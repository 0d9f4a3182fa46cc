// SPDX-License-Identifier: Apache-2.0
/*
 * Accesses that are looked for and made many at a time leave the same machine,
 * byte for byte, as the same ones made one after the other.
 */
#include "tests/unit/room.h"

#include "vmcore/base/rng.h"

#define LIST 24u

/* What the accesses go over: areas of each kind, with holes between them. */
static const char *const lines[] = {
	"swapon /s 64M",
	"mkfile /f 2M",
	"spawn a",
	"mmap a m 24M",
	"madvise a m nohugepage 0 20M",
	"touch a m write 0 2M",
	"mprotect a m r 4M 1M",
	"madvise a m random 6M 1M",
	"mmap a l 1M locked",
	"mmap a f 2M file=/f shared",
	"mmap a g 2M file=/f",
	"madvise a m pageout 1M 512K",
	"fork a b",
	"touch b m write 0 256K",
	"mprotect a m rw 4M 512K",
	"munmap a m 10M 64K",
};

static void boot(struct fixture *x, const struct room *room)
{
	room_boot(x, room);
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(fixture_run(x, lines[i]), 0);
}

static uint32_t mm_of(const struct fixture *x)
{
	return task_at(&x->m.tasks, task_named(&x->m.tasks, "a"))->mm;
}

#define WINDOW 256u /* pages */

/* Mostly near each other, so that they are in one area. */
static void draw(uint64_t *rng, uint64_t first, uint64_t pages,
		 struct access *list)
{
	uint64_t near = rng_below(rng, pages - WINDOW);

	for (unsigned i = 0; i < LIST; i++) {
		uint64_t page = rng_below(rng, 8)
					? near + rng_below(rng, WINDOW)
					: rng_below(rng, pages);

		list[i].addr = first + (page << PAGE_SHIFT);
		list[i].write = rng_below(rng, 100) < 80;
	}
	/* The same page twice. */
	list[LIST - 1].addr = list[LIST / 2].addr;
}

static int one(struct fixture *x, struct ctx *ctx, const struct access *a)
{
	struct fault_result f;

	return memory_access(&x->m.memory, ctx, mm_of(x), a->addr,
			     a->write ? FAULT_FLAG_WRITE : 0, CONTENT_OWN, &f);
}

/* Return: how many were made together. */
static unsigned together(struct fixture *x, struct ctx *ctx,
			 struct access *list, int *results)
{
	struct memory *m = &x->m.memory;
	unsigned sum = 0, i = 0, n;

	memory_access_look(m, mm_of(x), list, LIST);
	while (i < LIST) {
		n = memory_hit_run(m, mm_of(x), &list[i], LIST - i);
		n += memory_fault_run(m, ctx, mm_of(x), &list[i + n],
				      LIST - i - n);
		for (unsigned k = 0; k < n; k++)
			results[i + k] = 0;
		i += n;
		sum += n;
		if (!n) {
			results[i] = one(x, ctx, &list[i]);
			i++;
		}
	}
	return sum;
}

static void test_twins(void **state)
{
	const struct room *room = *state;
	struct fixture a, b;
	struct access list[LIST];
	int results[LIST], other[LIST];
	uint64_t rng = room->memory_bytes, first, pages;
	unsigned sum = 0;

	boot(&a, room);
	boot(&b, room);
	first = fixture_mm(&a, "a")->mmap_base - (30u << 20);
	pages = (30u << 20) >> PAGE_SHIFT;
	for (unsigned round = 0; round < 600; round++) {
		struct ctx ca = { .pid = 1, .prices = a.m.tasks.prices };
		struct ctx cb = { .pid = 1, .prices = b.m.tasks.prices };

		draw(&rng, first, pages, list);
		for (unsigned i = 0; i < LIST; i++)
			results[i] = one(&a, &ca, &list[i]);
		sum += together(&b, &cb, list, other);
		assert_memory_equal(results, other, sizeof(results));
		assert_int_equal(ca.cost_ns, cb.cost_ns);
		if (machine_digest(&a.m) != machine_digest(&b.m))
			fail_msg("they differ after round %u", round);
	}
	print_message("# %u of %u together\n", sum, 600 * LIST);
	assert_true(sum > 600 * LIST / 16);
	assert_int_equal(fixture_check(&b.m), 0);
	machine_fini(&a.m);
	machine_fini(&b.m);
}

int main(void)
{
	return room_tests(test_twins, 40u << 20);
}
