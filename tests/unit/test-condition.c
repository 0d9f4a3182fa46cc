// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fs/condition.h"

static const char meminfo[] = "MemTotal:       8000000 kB\n"
			      "MemFree:            123 kB\n"
			      "HugePages_Total:       7\n";
static const char pressure[] =
	"some avg10=1.50 avg60=0.00 avg300=0.00 total=77\n"
	"full avg10=0.25 avg60=0.00 avg300=0.00 total=5\n";
static const char node[] = "Node 0 MemTotal:  100 kB\nNode 0 MemFree: 99 kB\n";

static struct field field(const char *text, const char *name)
{
	struct field f;

	if (!field_find(text, strlen(text), name, &f))
		fail_msg("no field %s", name);
	return f;
}

static void is(const char *text, const char *name, const char *value)
{
	struct field f = field(text, name);

	if (f.len != strlen(value) || memcmp(f.s, value, f.len) != 0)
		fail_msg("%s is %.*s, not %s", name, (int)f.len, f.s, value);
}

static void test_find(void **state)
{
	struct field f;

	(void)state;
	is(meminfo, "MemFree", "123");
	is(meminfo, "HugePages_Total", "7");
	is(node, "MemFree", "99");
	is(pressure, "avg10", "1.50");
	is(pressure, "full.avg10", "0.25");
	is(pressure, "full.total", "5");
	is("pgfault 12\npgmajfault 3", "pgmajfault", "3");
	is("numa_preferred_nid   :       1\n", "numa_preferred_nid", "1");
	is("60\n", "1", "60");
	is("1 2 3\n4 5 6\n", "5", "5");
	is("ok\n", "1", "ok");
	assert_false(field_find(meminfo, strlen(meminfo), "Mem", &f));
	assert_false(field_find(meminfo, strlen(meminfo), "99", &f));
	assert_false(field_find(meminfo, strlen(meminfo), "0", &f));
	assert_false(field_find("", 0, "x", &f));
	/* a name at the end of its line has no value */
	assert_false(field_find("x\ny\n", 4, "x", &f));
}

static int compare(const char *text, const char *name, const char *op,
		   const char *value)
{
	struct field f = field(text, name);

	return field_compare(&f, op, value);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(compare(meminfo, "MemFree", "=", "123"), 0);
	assert_int_equal(compare(meminfo, "MemFree", "!=", "123"), ERANGE);
	assert_int_equal(compare(meminfo, "MemFree", "<", "123"), ERANGE);
	assert_int_equal(compare(meminfo, "MemFree", "<=", "123"), 0);
	assert_int_equal(compare(meminfo, "MemFree", ">=", "124"), ERANGE);
	assert_int_equal(compare(meminfo, "MemFree", ">", "99"), 0);
	assert_int_equal(compare(pressure, "avg10", "=", "1.5"), 0);
	assert_int_equal(compare(pressure, "avg10", ">", "1.49"), 0);
	assert_int_equal(compare("a -5\n", "a", "<", "0"), 0);
	assert_int_equal(compare("a -5\n", "a", "<", "-6"), ERANGE);
	assert_int_equal(compare("a 0\n", "a", "=", "-0"), 0);
	assert_int_equal(compare("a 18446744073709551615\n", "a", ">",
				 "18446744073709551614"),
			 0);
}

/* A unit means bytes; the file says kB where it does not count them. */
static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(compare(meminfo, "MemFree", "=", "123K"), 0);
	assert_int_equal(compare(meminfo, "MemTotal", ">", "7G"), 0);
	assert_int_equal(compare(meminfo, "MemTotal", ">", "8G"), ERANGE);
	assert_int_equal(compare("max 1048576\n", "max", "=", "1M"), 0);
}

static void test_text(void **state)
{
	(void)state;
	assert_int_equal(compare("ok\n", "1", "=", "ok"), 0);
	assert_int_equal(compare("ok\n", "1", "=", "okay"), ERANGE);
	assert_int_equal(compare("ok\n", "1", "!=", "bad"), 0);
	assert_int_equal(compare("ok\n", "1", "<", "bad"), EINVAL);
	assert_int_equal(compare("memory.max max\n", "memory.max", "=", "max"),
			 0);
	assert_int_equal(compare("1.x\n", "1", "=", "1.x"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
