// SPDX-License-Identifier: Apache-2.0
/*
 * malloc and free against what a real C library answered
 * (tests/golden/heap), and what each means for the process.
 */
#include "tests/unit/machine-fixture.h"

#include "vmcore/task/heap.h"
#include "vmcore/task/sched.h"

#include <inttypes.h>

/* One answer of the recording. */
struct fact {
	char op[96], where[32];
	uint64_t brk, faults;
};

static bool parse(char *line, struct fact *f)
{
	char *where = strchr(line, '\t');

	if (!where)
		return false;
	*where++ = 0;
	snprintf(f->op, sizeof(f->op), "%.95s", line);
	return sscanf(where, "%31s %" SCNx64 " %" SCNu64, f->where, &f->brk,
		      &f->faults) == 3;
}

/* The operation as a line of the script. */
static void as_line(const struct fact *f, char *line, size_t size)
{
	const char *rest = strchr(f->op, ' ');

	assert_non_null(rest);
	snprintf(line, size, "%.*s p%s", (int)(rest - f->op), f->op, rest);
}

static void where(const struct fixture *x, char *text, size_t size)
{
	uint64_t at = x->result.ret[0];
	const struct mm *mm = fixture_mm(x, "p");

	if (x->result.error)
		snprintf(text, size, "none");
	else if (at >= mm->start_brk && at < mm->brk)
		snprintf(text, size, "+%" PRIx64, at - mm->start_brk);
	else
		snprintf(text, size, "~%" PRIx64, at & 0xfff);
}

static unsigned replay(struct fixture *x, const struct fact *f)
{
	char line[128], place[32] = "-";
	uint64_t brk;

	as_line(f, line, sizeof(line));
	fixture_run(x, line);
	if (!strncmp(line, "malloc", 6))
		where(x, place, sizeof(place));
	brk = fixture_mm(x, "p")->brk - fixture_mm(x, "p")->start_brk;
	if (!strcmp(place, f->where) && brk == f->brk &&
	    x->result.minflt == f->faults)
		return 0;
	print_message("# %s: %s brk %" PRIx64 " faults %" PRIu64
		      ", recorded %s %" PRIx64 " %" PRIu64 "\n",
		      line, place, brk, x->result.minflt, f->where, f->brk,
		      f->faults);
	return 1;
}

static void test_recorded(void **state)
{
	static struct fixture x;
	const char *dir = getenv("HEAP_GOLDEN");
	char path[512], line[256];
	unsigned wrong = 0, lines = 0;
	struct fact f;
	FILE *in;

	(void)state;
	assert_non_null(dir);
	snprintf(path, sizeof(path), "%s/glibc-2.36.tsv", dir);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in) && wrong < 20) {
		if (line[0] == '#') {
			if (lines)
				machine_fini(&x.m);
			fixture_boot(&x, 512u << 20, false);
			fixture_run(&x, "spawn p");
			print_message("%s", line);
			continue;
		}
		assert_true(parse(line, &f));
		wrong += replay(&x, &f);
		if (++lines % 50 == 0)
			assert_int_equal(fixture_check(&x.m), 0);
	}
	fclose(in);
	assert_int_equal(fixture_check(&x.m), 0);
	machine_fini(&x.m);
	assert_int_equal(wrong, 0);
	assert_true(lines > 3000);
}

static uint64_t anon_pages(const struct fixture *x, const char *name)
{
	return (uint64_t)fixture_mm(x, name)->rss[RSS_ANON];
}

/* A child has a copy, of the library's state too; exec leaves it behind. */
static void test_copies(void **state)
{
	static struct fixture x;
	uint64_t at;

	(void)state;
	fixture_boot(&x, 256u << 20, false);
	fixture_run(&x, "spawn p");
	for (unsigned i = 0; i < 40; i++) {
		char line[64];

		snprintf(line, sizeof(line), "malloc p n%u %u", i, 40 * i);
		assert_int_equal(fixture_run(&x, line), 0);
	}
	assert_int_equal(fixture_run(&x, "malloc p big 1M"), 0);
	for (unsigned i = 0; i < 40; i += 2) {
		char line[64];

		snprintf(line, sizeof(line), "free p n%u", i);
		assert_int_equal(fixture_run(&x, line), 0);
	}
	assert_int_equal(fixture_run(&x, "fork p c"), 0);
	assert_int_equal(fixture_check(&x.m), 0);
	/* Both go on from the same state, apart. */
	assert_int_equal(fixture_run(&x, "malloc p x 300"), 0);
	at = x.result.ret[0];
	assert_int_equal(fixture_run(&x, "malloc c y 300"), 0);
	assert_int_equal(x.result.ret[0], at);
	assert_int_equal(fixture_run(&x, "free c big"), 0);
	assert_int_equal(fixture_run(&x, "free p big"), 0);
	assert_int_equal(fixture_run(&x, "free p big"), EINVAL);
	assert_int_equal(fixture_run(&x, "free c x"), EINVAL);
	/* What was not malloc()ed cannot be freed. */
	assert_int_equal(fixture_run(&x, "mmap c m 64K"), 0);
	assert_int_equal(fixture_run(&x, "free c m"), EINVAL);
	assert_int_equal(fixture_run(&x, "free c heap"), EINVAL);
	assert_int_equal(fixture_run(&x, "exec c other"), 0);
	assert_int_equal(fixture_run(&x, "free c n1"), EINVAL);
	assert_int_equal(fixture_run(&x, "malloc c first 10"), 0);
	assert_int_equal(x.result.ret[0] & 0xfff, 0x2a0);
	fixture_run(&x, "exit p");
	fixture_run(&x, "kill c");
	assert_int_equal(x.m.tasks.heaps.used, 0);
	assert_int_equal(x.m.tasks.chunks.used, 0);
	assert_int_equal(fixture_check(&x.m), 0);
	machine_fini(&x.m);
}

/* Locked, refused, taken away: what the library meets. */
static void test_trouble(void **state)
{
	static struct fixture x;
	const char *const dies[] = { "spawn p", "malloc p a 100K", "brk p -10K",
				     "malloc p b 60K", NULL };

	(void)state;
	fixture_boot(&x, 256u << 20, false);
	for (unsigned i = 0; dies[i]; i++)
		assert_int_equal(fixture_run(&x, dies[i]), 0);
	assert_int_equal(x.result.killed, SIGABRT_NR);
	/* The end of the heap is gone, and its last header with it. */
	fixture_run(&x, "spawn p");
	fixture_run(&x, "malloc p a 5000");
	fixture_run(&x, "brk p -128K");
	assert_int_equal(fixture_run(&x, "malloc p b 64"), 0);
	assert_int_equal(x.result.killed, SIGSEGV_NR);
	/* A locked process has all of it at once. */
	fixture_run(&x, "spawn p");
	fixture_run(&x, "mlockall p future");
	assert_int_equal(fixture_run(&x, "malloc p a 64"), 0);
	assert_int_equal(anon_pages(&x, "p"), 33);
	assert_int_equal(fixture_run(&x, "malloc p b 1M"), 0);
	assert_int_equal(anon_pages(&x, "p"), 33 + 257);
	assert_int_equal(fixture_run(&x, "malloc p c 8000000T"), ENOMEM);
	assert_int_equal(fixture_check(&x.m), 0);
	machine_fini(&x.m);
}

/* More than there is: somebody is killed, and the books are right. */
static void test_out_of_memory(void **state)
{
	static struct fixture x;
	unsigned killed = 0;
	uint32_t actor;

	(void)state;
	fixture_boot(&x, 64u << 20, false);
	for (unsigned i = 0; i < 400; i++) {
		const char *who = i % 3 ? "p" : "q";
		char line[64];

		snprintf(line, sizeof(line), "spawn %s", who);
		fixture_run(&x, line);
		snprintf(line, sizeof(line), "malloc %s n%u %uK", who, i,
			 110 + i);
		fixture_run(&x, line);
		killed += x.result.killed != 0;
		snprintf(line, sizeof(line), "touch %s n%u write", who, i);
		fixture_run(&x, line);
		killed += x.result.killed != 0;
	}
	assert_true(killed > 0);
	/* Killed between its touches. */
	assert_int_equal(fixture_begin(&x, "async malloc q z 20K", &actor), 0);
	machine_run(&x.m, UINT64_MAX, 0, 3);
	fixture_run(&x, "kill q");
	assert_int_equal(fixture_check(&x.m), 0);
	assert_int_equal(x.m.tasks.touches.used, 0);
	machine_fini(&x.m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
