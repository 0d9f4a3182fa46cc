// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/limits, io, personality and other short ones: fs/proc/base.c. */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <errno.h>

#define NO_LIMIT UINT64_MAX

/* include/asm-generic/resource.h, include/uapi/linux/fs.h, mqueue.h */
#define STACK_LIMIT   8388608u
#define MEMLOCK_LIMIT 8388608u
#define OPEN_SOFT     1024u
#define OPEN_HARD     4096u
#define MSGQUEUE      819200u

/* Whose value a row shows instead of its constants. */
enum limit_of {
	LIMIT_CONST,
	LIMIT_DATA,
	LIMIT_STACK,
	LIMIT_MEMLOCK,
	LIMIT_AS,
	LIMIT_THREADS
};

static const struct {
	const char *name, *unit;
	uint64_t soft, hard;
	enum limit_of of;
} limit_rows[] = {
	{ "Max cpu time", "seconds", NO_LIMIT, NO_LIMIT, LIMIT_CONST },
	{ "Max file size", "bytes", NO_LIMIT, NO_LIMIT, LIMIT_CONST },
	{ "Max data size", "bytes", NO_LIMIT, NO_LIMIT, LIMIT_DATA },
	{ "Max stack size", "bytes", STACK_LIMIT, NO_LIMIT, LIMIT_STACK },
	{ "Max core file size", "bytes", 0, NO_LIMIT, LIMIT_CONST },
	{ "Max resident set", "bytes", NO_LIMIT, NO_LIMIT, LIMIT_CONST },
	{ "Max processes", "processes", 0, 0, LIMIT_THREADS },
	{ "Max open files", "files", OPEN_SOFT, OPEN_HARD, LIMIT_CONST },
	{ "Max locked memory", "bytes", MEMLOCK_LIMIT, MEMLOCK_LIMIT,
	  LIMIT_MEMLOCK },
	{ "Max address space", "bytes", NO_LIMIT, NO_LIMIT, LIMIT_AS },
	{ "Max file locks", "locks", NO_LIMIT, NO_LIMIT, LIMIT_CONST },
	{ "Max pending signals", "signals", 0, 0, LIMIT_THREADS },
	{ "Max msgqueue size", "bytes", MSGQUEUE, MSGQUEUE, LIMIT_CONST },
	{ "Max nice priority", NULL, 0, 0, LIMIT_CONST },
	{ "Max realtime priority", NULL, 0, 0, LIMIT_CONST },
	{ "Max realtime timeout", "us", NO_LIMIT, NO_LIMIT, LIMIT_CONST },
};

static uint64_t soft_limit(const struct view *v, enum limit_of of,
			   uint64_t constant)
{
	const struct mm *mm = view_mm(v);

	if (of == LIMIT_THREADS)
		return (uint64_t)v->m->tasks.threads_max / 2;
	if (!mm)
		return constant;
	switch (of) {
	case LIMIT_DATA:
		return mm->rlimit_data;
	case LIMIT_STACK:
		return mm->rlimit_stack;
	case LIMIT_MEMLOCK:
		return mm->rlimit_memlock;
	case LIMIT_AS:
		return mm->rlimit_as;
	default:
		return constant;
	}
}

/* A number or "unlimited", left in 20 columns and a blank. */
static void put_limit(uint64_t value, struct outbuf *out)
{
	if (value == NO_LIMIT)
		out_str(out, "unlimited            ");
	else
		out_printf(out, "%-20llu ", (unsigned long long)value);
}

static int show_limits(const struct view *v, struct outbuf *out)
{
	out_str(out, "Limit                     Soft Limit           "
		     "Hard Limit           Units     \n");
	for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++) {
		uint64_t soft =
			soft_limit(v, limit_rows[i].of, limit_rows[i].soft);
		uint64_t hard = limit_rows[i].hard;

		if (limit_rows[i].of == LIMIT_THREADS || hard < soft)
			hard = soft;
		out_printf(out, "%-25s ", limit_rows[i].name);
		put_limit(soft, out);
		put_limit(hard, out);
		if (limit_rows[i].unit)
			out_printf(out, "%-10s", limit_rows[i].unit);
		out_char(out, '\n');
	}
	return 0;
}

static int show_io(const struct view *v, struct outbuf *out)
{
	const struct task *t = view_task(v);
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "rchar: ", t->rchar },
		{ "wchar: ", t->wchar },
		{ "syscr: ", t->syscr },
		{ "syscw: ", t->syscw },
		{ "read_bytes: ", t->read_bytes },
		{ "write_bytes: ", t->write_bytes },
		{ "cancelled_write_bytes: ", t->cancelled_write_bytes },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		out_str(out, rows[i].name);
		out_dec(out, rows[i].value, 0);
		out_char(out, '\n');
	}
	return 0;
}

/* ADDR_NO_RANDOMIZE, as setarch -R leaves it, for a bare process. */
static int show_personality(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = view_mm(v);

	out_str(out, mm && mm->bare ? "00040000\n" : "00000000\n");
	return 0;
}

/* MMF_DUMP_FILTER_DEFAULT; nothing of a kernel thread can be dumped. */
static int show_coredump_filter(const struct view *v, struct outbuf *out)
{
	if (view_mm(v))
		out_str(out, "00000033\n");
	return 0;
}

/* Kernel threads sleep without slack (kernel/kthread.c). */
static int show_timerslack(const struct view *v, struct outbuf *out)
{
	out_str(out, view_task(v)->kthread ? "0\n" : "50000\n");
	return 0;
}

const struct fsnode pid_limits_nodes[] = {
	PID_FILE("limits", 0444, show_limits, NULL),
	PID_FILE("io", 0400, show_io, NULL),
	PID_FILE("personality", 0400, show_personality, NULL),
	{
		.path = "proc/$pid/coredump_filter",
		.mode = 0644,
		.flags = FSNODE_SIZE0,
		.show = show_coredump_filter,
	},
	{
		.path = "proc/$pid/timerslack_ns",
		.mode = 0666,
		.flags = FSNODE_SIZE0,
		.show = show_timerslack,
	},
};
const unsigned nr_pid_limits_nodes = ARRAY_SIZE(pid_limits_nodes);
