// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/world-fixture.h"

static void test_replies(void **state)
{
	struct fixture *x = *state;

	says(x, "spawn db", "db pid 300\n");
	says(x, "mmap db m 1M\n",
	     "db/m 7ffff7eff000-7ffff7fff000 minflt 0 majflt 0\n");
	says(x, "touch db m write 0 64K", "ok minflt 16 majflt 0\n");
	says(x, "brk db +100K\n",
	     "db/heap 10000000-10019000 minflt 0 majflt 0\n");
	says(x, "fork db child", "child pid 301 minflt 0 majflt 0\n");
	says(x, "shmget db K 4K", "K shmid 0 minflt 0 majflt 0\n");
	says(x, "# nothing\n\n  \n", "");
	says(x, "snap here", "here\n");
	says(x, "mkfile /f 1M", "ok\n");
	says(x, "set /proc/sys/vm/swappiness 10", "ok\n");
	says(x, "show proc/sys/vm/swappiness",
	     "proc/sys/vm/swappiness 3\n10\n");
	says(x, "samplestop\nget /proc/x\nsample 1s 3\n", "ok\nok\nok\n");
	says(x, "speed 2.5", "ok\n");
	assert_int_equal(x->w.speed_ppm, 2500000);
}

static void test_time(void **state)
{
	struct fixture *x = *state;
	vtime_t now = machine_now(&x->w.m);
	char want[64];

	now += 1500000000;
	snprintf(want, sizeof(want), "now %llu.%09llu\n",
		 (unsigned long long)(now / 1000000000),
		 (unsigned long long)(now % 1000000000));
	says(x, "advance 1.5s", want);
	/* samplewait lets EVERY x COUNT pass from `sample` on */
	now += 2000000000;
	says(x, "sample 500ms 4\nadvance 1s\nsamplewait\n", said(x));
}

/* The death is the result: the write goes on. */
static void test_killed(void **state)
{
	struct fixture *x = *state;

	says(x, "spawn a\ntouch a @1000 write\nsnap on\n",
	     "a pid 300\nok minflt 0 majflt 0 killed SIGSEGV\non\n");
	assert_non_null(strstr(shown(x, "model/events"), "killed signal=11"));
	fails(x, "touch a @1000 read", ESRCH,
	      "error: line 1: touch: no process 'a' lives");
}

static void test_failures(void **state)
{
	struct fixture *x = *state;

	fails(x, "spawn a\n\nfly a\nspawn b\n", EINVAL,
	      "error: line 3: no operation 'fly'");
	assert_int_equal(x->s.failed_line, 3);
	/* lines before stay done, lines after are dropped */
	fails(x, "spawn a", EEXIST,
	      "error: line 1: spawn: a process 'a' lives already");
	fails(x, "exit b", ESRCH, "error: line 1: exit: no process 'b' lives");
	fails(x, "touch a nowhere write", EINVAL,
	      "error: line 1: touch: a has no region 'nowhere'");
	assert_non_null(strstr(said(x), "(EINVAL) minflt 0 majflt 0\n"));
	fails(x, "touch a", EINVAL, "error: line 1: touch: ");
	assert_non_null(strstr(said(x), "(EINVAL) minflt 0 majflt 0\n"));
	fails(x, "read a /none 0 4K", ENOENT,
	      "error: line 1: read: no file '/none'");
	fails(x, "migratepages a 0 9", EINVAL,
	      "error: line 1: migratepages: this machine has no such node");
	fails(x, "mempolicy a bind 0", EINVAL,
	      "error: line 1: mempolicy: MASK has no node with memory");
	fails(x, "exit 2", ESRCH, "error: line 1: exit: ");
	fails(x, "set /proc/sys/vm/nothing 1", ENOENT,
	      "error: line 1: set: no file '/proc/sys/vm/nothing'");
	fails(x, "set /proc/sys/vm/swappiness x", EINVAL,
	      "error: line 1: set: '/proc/sys/vm/swappiness' does not take "
	      "'x', expected a number from 0 to 200 (EINVAL)");
	fails(x, "show /proc", EISDIR, "error: line 1: show: '/proc' is a");
	assert_non_null(strstr(shown(x, "model/events"),
			       "failed line=3 op=- errno=EINVAL"));
	says(x, "snap fine", "fine\n");
}

static void test_names_in_paths(void **state)
{
	struct fixture *x = *state;

	says(x, "spawn a\nset /proc/a/oom_score_adj 77\n", "a pid 300\nok\n");
	says(x, "show /proc/a/oom_score_adj", "/proc/a/oom_score_adj 3\n77\n");
	says(x, "show /proc/300/oom_score_adj",
	     "/proc/300/oom_score_adj 3\n77\n");
	/* a file of the tree goes before a process of that name */
	says(x, "spawn stat\nexpect /proc/stat cpu >= 0\n",
	     "stat pid 301\nok\n");
}

static void test_conditions(void **state)
{
	struct fixture *x = *state;

	says(x, "expect /proc/meminfo MemTotal > 200M", "ok\n");
	says(x, "expect model/check 1 = ok", "ok\n");
	fails(x, "expect /proc/meminfo SwapTotal > 1", ERANGE,
	      "error: line 1: expect: SwapTotal is 0 kB, expected > 1");
	fails(x, "expect /proc/meminfo Nothing = 1", ENODATA,
	      "error: line 1: expect: '/proc/meminfo' has no field");
	says(x, "spawn a\nmmap a m 1M\nasync touch a m write for=30ms\n",
	     "a pid 300\na/m 7ffff7eff000-7ffff7fff000 minflt 0 majflt 0\n"
	     "ok\n");
	says(x, "until /proc/a/status VmRSS >= 100 max=1s", "ok\n");
	assert_true(machine_busy(&x->w.m, 300));
	fails(x, "until /proc/meminfo SwapTotal > 0 max=2s", ETIME,
	      "error: line 1: until: SwapTotal is 0 kB, expected > 0");
}

static void test_wait(void **state)
{
	struct fixture *x = *state;
	vtime_t began;

	run(x, "spawn a\nspawn b\nmmap a m 4M\nmmap b m 4M\n");
	began = machine_now(&x->w.m);
	says(x, "async touch a m write for=20ms\nasync touch b m write\n",
	     "ok\nok\n");
	assert_int_equal(machine_now(&x->w.m), began);
	says(x, "wait b", "ok\n");
	assert_true(machine_now(&x->w.m) > began);
	assert_true(machine_now(&x->w.m) < began + 20000000);
	says(x, "wait all\nwait a\n", "ok\nok\n");
	assert_true(machine_now(&x->w.m) >= began + 20000000);
	fails(x, "wait c", ESRCH, "error: line 1: wait: ");
	fails(x, "async snap x", EINVAL, "error: line 1: ");
	/* a further operation of the process waits for it */
	says(x, "async touch a m read loops=100\ntouch a m read 0 4K\n",
	     "ok\nok minflt 0 majflt 0\n");
	assert_false(machine_busy(&x->w.m, 0));
}

/* What happens does not depend on how the script was cut into writes. */
static void test_pieces(void **state)
{
	static const char *const lines[] = {
		"spawn a\n",
		"mmap a m 2M\n",
		"async touch a m write\n",
		"set /proc/sys/vm/swappiness 3\n",
		"spawn b\n",
		"mkfile /f 300K\n",
		"async read b /f 0 300K\n",
		"snap x\n",
		"advance 10us\n",
		"wait all\n",
		"fork a c\n",
	};
	struct fixture *x = *state, other;
	struct outbuf text, replies;

	out_init(&text);
	out_init(&replies);
	assert_int_equal(fixture_open(&other, SMALL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		out_str(&text, lines[i]);
		assert_int_equal(run(&other, lines[i]), 0);
		out_str(&replies, said(&other));
	}
	says(x, text.text, replies.text);
	assert_true(machine_digest(&x->w.m) == machine_digest(&other.w.m));
	fixture_close(&other);
	out_free(&text);
	out_free(&replies);
}

static enum session_state step(struct fixture *x, struct session *s)
{
	enum session_state state = session_step(s);

	if (state == SESSION_RUNNING)
		machine_run(&x->w.m, s->waits_until, 0, 100);
	return state;
}

static void test_interrupt(void **state)
{
	struct fixture *x = *state;
	const char *text = "touch a m write for=1s\nsnap never\n";

	run(x, "spawn a\nmmap a m 4M\n");
	assert_int_equal(session_write(&x->s, text, strlen(text)), 0);
	assert_int_equal(session_write(&x->s, text, strlen(text)), -EBUSY);
	for (int i = 0; i < 10; i++)
		assert_int_equal(step(x, &x->s), SESSION_RUNNING);
	session_interrupt(&x->s);
	assert_int_equal(session_drive(&x->s, NULL, NULL), EINTR);
	says(x, "touch a m read 0 4K", "ok minflt 0 majflt 0\n");
	text = "advance 100s\n";
	assert_int_equal(session_write(&x->s, text, strlen(text)), 0);
	assert_int_equal(step(x, &x->s), SESSION_RUNNING);
	session_interrupt(&x->s);
	assert_int_equal(session_step(&x->s), SESSION_FAILED);
	assert_int_equal(x->s.error, EINTR);
	text = "until /proc/meminfo SwapTotal > 0 max=2s\n";
	assert_int_equal(session_write(&x->s, text, strlen(text)), 0);
	assert_int_equal(step(x, &x->s), SESSION_RUNNING);
	session_interrupt(&x->s);
	out_clear(&x->said);
	assert_int_equal(session_drive(&x->s, fixture_keep, &x->said), EINTR);
	assert_non_null(strstr(said(x), "until: SwapTotal is 0 kB, expected > "
					"0, interrupted (EINTR)\n"));
}

/* Two writers; one ends what the other waits for. */
static void test_two(void **state)
{
	struct fixture *x = *state;
	const char *wait = "touch a m write for=100s\n";
	const char *kill = "kill a sig=15\n";
	struct session other;
	int steps = 0;

	run(x, "spawn a\nmmap a m 4M\n");
	session_init(&other, &x->w);
	session_write(&x->s, wait, strlen(wait));
	assert_int_equal(step(x, &x->s), SESSION_RUNNING);
	session_write(&other, kill, strlen(kill));
	while (step(x, &x->s) == SESSION_RUNNING && steps++ < 100000)
		step(x, &other);
	assert_true(steps < 100000);
	out_clear(&x->said);
	session_drive(&x->s, fixture_keep, &x->said);
	assert_non_null(strstr(said(x), " killed SIGTERM\n"));
	assert_int_equal(session_finish(&other), 0);
	session_fini(&other);
}

static void test_left_alone(void **state)
{
	struct fixture *x = *state;
	const char *text = "touch a m write for=1s\n";
	struct session other;

	run(x, "spawn a\nmmap a m 4M\n");
	session_init(&other, &x->w);
	session_write(&other, text, strlen(text));
	for (int i = 0; i < 10; i++)
		step(x, &other);
	session_fini(&other);
	says(x, "touch a m read 0 4K", "ok minflt 0 majflt 0\n");
	assert_false(machine_busy(&x->w.m, 0));
}

static void test_too_many_replies(void **state)
{
	struct fixture *x = *state;
	const char *show = "show /proc/zoneinfo\n";
	char buf[1000];
	int r = 0;

	for (int i = 0; i < 1000 && !r; i++) {
		r = session_write(&x->s, show, strlen(show));
		if (!r)
			assert_int_equal(session_finish(&x->s), 0);
	}
	assert_int_equal(r, -ENOBUFS);
	while (session_read(&x->s, buf, sizeof(buf)))
		;
	says(x, "snap again", "again\n");
}

static void test_read_in_parts(void **state)
{
	struct fixture *x = *state;
	char buf[8];

	session_write(&x->s, "snap abcdef", 11);
	assert_int_equal(session_finish(&x->s), 0);
	assert_int_equal(session_read(&x->s, buf, 3), 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(session_read(&x->s, buf, 8), 4);
	assert_memory_equal(buf, "def\n", 4);
	assert_int_equal(session_read(&x->s, buf, 8), 0);
}

/* Numbers go on where a stream was cut. */
static void test_line_base(void **state)
{
	struct fixture *x = *state;

	x->s.line_base = 41;
	fails(x, "fly\n", EINVAL, "error: line 42: ");
}

/* Two write at once, one of them gives up: the journal knows when. */
static void test_journal(void **state)
{
	static const char *const lines[] = {
		"touch b m write for=30ms\n",
		"touch b m read\n",
		"set /proc/sys/vm/nr_hugepages 3\n",
		"store /proc/sys/vm/swappiness 36310a\n",
		"store /proc/sys/vm/swappiness 78\n",
		"touch b x read\n",
	};
	struct fixture *x = *state, other;
	struct outbuf journal;
	struct session two;

	session_init(&two, &x->w);
	run(x, "spawn a\nmmap a m 4M\nspawn b\nmmap b m 3M\n");
	session_write(&x->s, "touch a m write for=1s\n", 23);
	step(x, &x->s);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		session_write(&two, lines[i], strlen(lines[i]));
		while (step(x, &two) == SESSION_RUNNING)
			;
	}
	session_interrupt(&x->s);
	assert_int_equal(session_drive(&x->s, NULL, NULL), EINTR);
	run(x, "advance 1ms\n");
	session_fini(&two);
	out_init(&journal);
	assert_int_equal(tree_show(&x->w, "model/journal", &journal), 0);
	assert_non_null(strstr(journal.text, "\nasync touch a m write for=1s"));
	assert_non_null(strstr(journal.text, "\ninterrupt "));
	assert_non_null(strstr(journal.text, "/swappiness 61\n"));
	assert_int_equal(fixture_open(&other, SMALL), 0);
	assert_int_equal(run(&other, journal.text), 0);
	assert_true(machine_digest(&x->w.m) == machine_digest(&other.w.m));
	fixture_close(&other);
	out_free(&journal);
	fails(x, "interrupt 3000000000\n", ESRCH, "error: line 1: interrupt: ");
	fails(x, "store /proc/sys/vm/swappiness 3\n", EINVAL,
	      "error: line 1: store: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_replies),
		WORLD_TEST(test_time),
		WORLD_TEST(test_killed),
		WORLD_TEST(test_failures),
		WORLD_TEST(test_names_in_paths),
		WORLD_TEST(test_conditions),
		WORLD_TEST(test_wait),
		WORLD_TEST(test_pieces),
		WORLD_TEST(test_interrupt),
		WORLD_TEST(test_two),
		WORLD_TEST(test_left_alone),
		WORLD_TEST(test_too_many_replies),
		WORLD_TEST(test_read_in_parts),
		WORLD_TEST(test_line_base),
		WORLD_TEST(test_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
