// SPDX-License-Identifier: Apache-2.0
/* Stall times, averages and triggers, by hand. */
#include "vmcore/control/psi.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS 1000000ull
#define S  1000000000ull

static void test_some_and_full(void **state)
{
	struct psi p = { 0 };

	(void)state;
	/* One runs, one waits for a page: some, not full. */
	psi_change(&p, 0, 0, PSI_RUNNING, 0);
	psi_change(&p, 0, 0, PSI_IOWAIT | PSI_MEMSTALL, 10 * MS);
	assert_int_equal(psi_total(&p, PSI_MEM_SOME, 30 * MS), 20 * MS);
	assert_int_equal(psi_total(&p, PSI_MEM_FULL, 30 * MS), 0);
	assert_int_equal(psi_total(&p, PSI_IO_SOME, 30 * MS), 20 * MS);
	/* The other goes to sleep: full, and idle for I/O. */
	psi_change(&p, 0, PSI_RUNNING, 0, 30 * MS);
	assert_int_equal(psi_total(&p, PSI_MEM_FULL, 35 * MS), 5 * MS);
	assert_int_equal(psi_total(&p, PSI_IO_FULL, 35 * MS), 5 * MS);
	assert_int_equal(psi_iowait(&p, 0, 35 * MS), 5 * MS);
	psi_change(&p, 0, PSI_IOWAIT | PSI_MEMSTALL, 0, 40 * MS);
	assert_int_equal(psi_total(&p, PSI_MEM_SOME, S), 30 * MS);
	assert_int_equal(psi_total(&p, PSI_MEM_FULL, S), 10 * MS);
	assert_int_equal(psi_iowait(&p, 0, S), 10 * MS);
}

/* Who reclaims keeps another from running: nothing productive is done. */
static void test_reclaim(void **state)
{
	struct psi p = { 0 };

	(void)state;
	psi_change(&p, 0, 0, PSI_RUNNING, 0);
	psi_change(&p, 0, 0, PSI_RUNNING | PSI_MEMSTALL | PSI_MEMSTALL_RUNNING,
		   0);
	psi_run(&p, 0, true, true, 0);
	assert_int_equal(psi_total(&p, PSI_MEM_FULL, MS), MS);
	assert_int_equal(psi_total(&p, PSI_CPU_SOME, MS), MS);
	psi_run(&p, 0, true, false, MS);
	assert_int_equal(psi_total(&p, PSI_MEM_SOME, 3 * MS), 3 * MS);
	assert_int_equal(psi_total(&p, PSI_MEM_FULL, 3 * MS), MS);
	psi_stop(&p, 3 * MS);
	assert_int_equal(psi_total(&p, PSI_MEM_SOME, S), 3 * MS);
}

/* A CPU that works beside one that stalls: half of the machine stalls. */
static void test_cpus(void **state)
{
	struct psi p = { 0 };

	(void)state;
	psi_change(&p, 0, 0, PSI_IOWAIT, 0);
	psi_change(&p, 1, 0, PSI_RUNNING, 0);
	assert_int_equal(psi_total(&p, PSI_IO_SOME, 10 * MS), 5 * MS);
	psi_change(&p, 1, PSI_RUNNING, 0, 10 * MS);
	assert_int_equal(psi_total(&p, PSI_IO_FULL, 20 * MS), 15 * MS);
}

/* What a real kernel showed when the load was over: avg10 32.04 became 26.23
 * after one period and avg60 16.52 became 15.98. */
static void test_averages(void **state)
{
	struct psi p = { 0 };

	(void)state;
	p.avg[PSI_MEM_SOME][0] = 32 * 2048 + 82;
	p.avg[PSI_MEM_SOME][1] = 16 * 2048 + 1080;
	psi_average(&p, PSI_PERIOD_NS);
	assert_int_equal(p.avg[PSI_MEM_SOME][0] * 100 >> 11, 2623);
	assert_int_equal(p.avg[PSI_MEM_SOME][1] * 100 >> 11, 1598);
	/* all of a period */
	psi_change(&p, 0, 0, PSI_MEMSTALL, PSI_PERIOD_NS);
	psi_average(&p, 2 * PSI_PERIOD_NS);
	assert_int_equal(p.avg[PSI_MEM_FULL][0],
			 (100 * 371 * 2048 + 2047) >> 11);
}

static void run(struct psi_triggers *ts, const struct psi *p, vtime_t until)
{
	while (ts->next <= until)
		psi_triggers_run(ts, p, NULL, ts->next);
}

static void test_trigger(void **state)
{
	struct psi_triggers ts = { .next = UINT64_MAX };
	struct psi p = { 0 };
	uint32_t id, other;

	(void)state;
	assert_int_equal(
		psi_trigger_new(&ts, &p, PSI_MEM_SOME, 150 * MS, S, 0, &id), 0);
	run(&ts, &p, 5 * S);
	assert_false(ts.row[id - 1].fired);
	psi_change(&p, 0, 0, PSI_MEMSTALL, 5 * S);
	run(&ts, &p, 5 * S + 100 * MS);
	assert_false(ts.row[id - 1].fired);
	run(&ts, &p, 5 * S + 200 * MS);
	assert_true(ts.row[id - 1].fired);
	/* once a window */
	ts.row[id - 1].fired = 0;
	run(&ts, &p, 6 * S + 100 * MS);
	assert_false(ts.row[id - 1].fired);
	run(&ts, &p, 6 * S + 200 * MS);
	assert_true(ts.row[id - 1].fired);
	ts.row[id - 1].fired = 0;
	psi_change(&p, 0, PSI_MEMSTALL, 0, 6 * S + 200 * MS);
	run(&ts, &p, 20 * S);
	assert_false(ts.row[id - 1].fired);
	for (unsigned i = 1; i < PSI_TRIGGERS; i++)
		assert_int_equal(
			psi_trigger_new(&ts, &p, PSI_IO_FULL, S, S, 0, &other),
			0);
	assert_int_equal(psi_trigger_new(&ts, &p, PSI_IO_FULL, S, S, 0, &other),
			 ENOSPC);
	psi_trigger_free(&ts, other);
	assert_int_equal(ts.nr, PSI_TRIGGERS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_some_and_full),
		cmocka_unit_test(test_reclaim),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_averages),
		cmocka_unit_test(test_trigger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
