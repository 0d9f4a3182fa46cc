// SPDX-License-Identifier: Apache-2.0
/*
 * malloc and free against what a real C library answered
 * (tests/golden/heap), and what each means for the process.
 */
#include "tests/unit/machine-fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
