/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACHINE_FIXTURE_H
#define TESTS_MACHINE_FIXTURE_H

#include "fs/script.h"
#include "tests/unit/tape.h"
#include "vmcore/machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * DOC: a small machine of bare processes, driven by lines of the script.
 *
 * Models:  nothing.
 * Owns:    the machine.
 * Units:   bytes of memory.
 * Order:   one line after the other, each to its end.
 * Omits:   sessions: what a line answers stands in `result`.
 */
struct fixture {
	struct machine m;
	struct machine_config config;
	struct op_result result;
};

static inline void fixture_config(struct fixture *x, uint64_t memory_bytes,
				  bool full)
{
	machine_defaults(&x->config);
	x->config.phys.memory_bytes = memory_bytes;
	x->config.phys.nr_cpus = 2;
	x->config.spawn_full = full;
	x->config.boot_given = true; /* nothing is in use */
	x->config.nr_disks = 1;
	x->config.disks[0] = (struct disk){ .name = "vda",
					    .mount = "/",
					    .size_bytes = 1u << 30,
					    .latency_ns = 100000,
					    .bandwidth = 400000000,
					    .readahead_pages = 32,
					    .major = 254 };
}

static inline void fixture_start(struct fixture *x)
{
	const char *why = "";

	assert_int_equal(machine_init(&x->m, &x->config, &why), 0);
}

static inline void fixture_boot(struct fixture *x, uint64_t memory_bytes,
				bool full)
{
	fixture_config(x, memory_bytes, full);
	fixture_start(x);
}

static inline void fixture_report(void *arg, const char *what,
				  int64_t recounted, int64_t kept)
{
	unsigned *differences = arg;

	if (++*differences < 20)
		print_message("# %s recounted=%lld kept=%lld\n", what,
			      (long long)recounted, (long long)kept);
}

static inline unsigned fixture_check(const struct machine *m)
{
	unsigned differences = 0;

	machine_check(m, fixture_report, &differences);
	return differences;
}

/* For cmocka: a machine of so much memory, and what must hold at its end. */
static inline void fixture_new(void **state, uint64_t memory_bytes)
{
	struct fixture *x = calloc(1, sizeof(*x));

	fixture_boot(x, memory_bytes, false);
	*state = x;
}

static inline int fixture_setup(void **state)
{
	fixture_new(state, 64u << 20);
	return 0;
}

static inline int fixture_end(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(fixture_check(&x->m), 0);
	machine_fini(&x->m);
	assert_int_equal(x->m.host.used_bytes, 0);
	free(x);
	return 0;
}

static inline void fixture_advance(struct fixture *x, uint64_t ns)
{
	vtime_t until = machine_now(&x->m) + ns;

	assert_int_equal(machine_run(&x->m, until, 0, UINT64_MAX), 0);
	assert_int_equal(machine_now(&x->m), until);
}

static inline uint64_t fixture_event(const struct fixture *x, enum event item)
{
	return x->m.phys.stat.event[item];
}

static inline uint64_t fixture_stat(const struct fixture *x,
				    enum node_stat item)
{
	return (uint64_t)vmstat_node_sum(&x->m.phys.stat, item);
}

/* Begin a line. Return: 0 and its actor, or the errno of the refusal. */
static inline int fixture_begin(struct fixture *x, const char *line,
				uint32_t *ret_actor)
{
	struct script_line parsed;
	struct outbuf why;
	int r;

	out_init(&why);
	r = script_parse(line, strlen(line), &parsed, &why);
	if (r)
		print_message("# %s: %s\n", line, why.text);
	assert_int_equal(r, 0);
	out_free(&why);
	assert_int_equal(parsed.verb, VERB_OP);
	if (parsed.who[0]) {
		uint32_t id = task_named(&x->m.tasks, parsed.who);

		if (!id)
			return ESRCH;
		parsed.op.pid = task_at(&x->m.tasks, id)->pid;
	}
	return machine_begin(&x->m, &parsed.op, parsed.async, ret_actor);
}

/* Run a line to its end. Return: the errno of the call. */
static inline int fixture_run(struct fixture *x, const char *line)
{
	uint32_t actor;
	int r;

	memset(&x->result, 0, sizeof(x->result));
	r = fixture_begin(x, line, &actor);
	if (r)
		return r;
	assert_int_equal(machine_run(&x->m, UINT64_MAX, actor, UINT64_MAX), 0);
	assert_true(machine_take(&x->m, actor, &x->result));
	return x->result.error;
}

static inline const struct mm *fixture_mm(const struct fixture *x,
					  const char *name)
{
	uint32_t id = task_named(&x->m.tasks, name);

	assert_int_not_equal(id, 0);
	return mm_at(&x->m.space, task_at(&x->m.tasks, id)->mm);
}

/* Save the machine, throw it away, boot another, load. */
static inline void fixture_cut(struct fixture *x)
{
	struct tape tape = { 0 };
	struct archive save = tape_save(&tape), load = tape_load(&tape);
	const char *why;

	assert_int_equal(machine_archive(&x->m, &save), 0);
	machine_fini(&x->m);
	assert_int_equal(machine_init(&x->m, &x->config, &why), 0);
	assert_int_equal(machine_archive(&x->m, &load), 0);
	tape_end(&tape);
}

#endif
