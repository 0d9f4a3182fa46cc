// SPDX-License-Identifier: Apache-2.0
#include "fs/kmsg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct host host;
	struct klog log;
	struct outbuf out;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	klog_init(&f.log, &f.host);
	out_init(&f.out);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	klog_fini(&f->log);
	out_free(&f->out);
	return 0;
}

/* Write @text at two seconds; the record it makes. */
static const char *written(struct fixture *f, const char *text)
{
	long n = kmsg_write(&f->log, 2000001000, text, strlen(text));

	assert_int_equal(n, strlen(text));
	out_clear(&f->out);
	kmsg_record(&f->log, f->log.next - 1, &f->out);
	return f->out.text;
}

/* devkmsg_write(): the level in front, facility 1 where it names none. */
static void levels(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(written(f, "plain\n"), "12,0,2000001,-;plain\n");
	assert_string_equal(written(f, "<3>error"), "11,1,2000001,-;error\n");
	assert_string_equal(written(f, "<30>daemon"),
			    "30,2,2000001,-;daemon\n");
	assert_string_equal(written(f, "<x>no"), "12,3,2000001,-;<x>no\n");
	assert_string_equal(written(f, "<>no"), "12,4,2000001,-;<>no\n");
	assert_string_equal(written(f, "<3"), "12,5,2000001,-;<3\n");
	assert_string_equal(written(f, ""), "12,6,2000001,-;\n");
}

/* What could be taken for a record's structure is written as \xNN. */
static void escapes(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(written(f, "a\\b\tc\nd\x7f\xc3"),
			    "12,0,2000001,-;a\\x5cb\\x09c\\x0ad\\x7f\\xc3\n");
}

static void bounds(void **state)
{
	struct fixture *f = *state;
	char text[1025];

	memset(text, 'x', sizeof(text));
	assert_int_equal(kmsg_write(&f->log, 0, text, 1025), -EINVAL);
	assert_int_equal(kmsg_write(&f->log, 0, text, 1024), 1024);
	out_clear(&f->out);
	kmsg_record(&f->log, 7, &f->out);
	assert_int_equal(f->out.len, 0);
	for (unsigned i = 0; i < KLOG_LINES; i++)
		kmsg_write(&f->log, 0, "more", 4);
	kmsg_record(&f->log, 0, &f->out);
	assert_int_equal(f->out.len, 0);
	assert_int_equal(klog_first(&f->log), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(levels, setup, teardown),
		cmocka_unit_test_setup_teardown(escapes, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
