// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "vmcore/task/heap.h"
#include "vmcore/task/kernel-alloc.h"
#include "vmcore/task/sched.h"

/* FUTEX_TID_MASK: no thread may ever have a greater id. */
#define MAX_THREADS   0x3fffffff
#define PID_MAX_LIMIT 4194304
#define ULONG_HUGE    (UINT64_MAX - (1ull << 24)) /* ULONG_MAX - 2^24 */

#define ROW(text, field, kind, low, high, initial, words, what, file)          \
	{                                                                      \
		.name = text, .type = kind, .mode = 0644,                      \
		.off = offsetof(struct tasks, field), .min = low, .max = high, \
		.def = initial, .unit = what, .doc = words, .source = file     \
	}

/* clang-format off */
const struct knob task_knobs[] = {
	ROW("oom_dump_tasks", oom_dump_tasks, KNOB_INT,
	    INT32_MIN, INT32_MAX, 1,
	    "the report of an OOM kill lists all processes", "switch",
	    "mm/oom_kill.c"),
	ROW("oom_kill_allocating_task", oom_kill_allocating_task, KNOB_INT,
	    INT32_MIN, INT32_MAX, 0,
	    "kill who asked for memory, not the largest", "switch",
	    "mm/oom_kill.c"),
	ROW("panic_on_oom", panic_on_oom, KNOB_INT, 0, 2, 0,
	    "the machine stops instead of killing", "mode", "mm/oom_kill.c"),
	ROW("pid_max", pid_max, KNOB_INT, 301, PID_MAX_LIMIT, 32768,
	    "pids wrap here", "pid", "kernel/pid.c"),
	ROW("shm_rmid_forced", shm_rmid_forced, KNOB_INT, 0, 1, 0,
	    "segments that nobody has attached go", "switch",
	    "ipc/ipc_sysctl.c"),
	ROW("shmall", shmall, KNOB_ULONG, 0, -1, (int64_t)ULONG_HUGE,
	    "System V shared memory of all segments", "pages",
	    "ipc/ipc_sysctl.c"),
	ROW("shmmax", shmmax, KNOB_ULONG, 0, -1, (int64_t)ULONG_HUGE,
	    "largest segment", "bytes", "ipc/ipc_sysctl.c"),
	ROW("shmmni", shmmni, KNOB_INT, 0, 32768, 4096,
	    "segments at once", "segments", "ipc/ipc_sysctl.c"),
	ROW("threads-max", threads_max, KNOB_INT, 20, MAX_THREADS, 0,
	    "threads at once", "threads", "kernel/fork.c"),
};
/* clang-format on */
const unsigned nr_task_knobs = sizeof(task_knobs) / sizeof(*task_knobs);

/* set_max_threads(): stacks may take an eighth of memory. */
static int32_t max_threads(const struct tasks *t)
{
	uint64_t n = phys_total_pages(t->space->phys) / (4 * 8);

	if (n > MAX_THREADS)
		n = MAX_THREADS;
	return n < 20 ? 20 : (int32_t)n;
}

int tasks_init(struct tasks *t, struct host *host, struct memory *memory,
	       uint32_t nr_cpus)
{
	memset(t, 0, sizeof(*t));
	t->host = host;
	t->memory = memory;
	t->space = memory->space;
	t->space->phys->story = &t->story;
	t->space->phys->now = &t->now;
	t->nr_cpus = nr_cpus;
	pool_init(&t->pool, host, sizeof(struct task));
	pool_init(&t->actors, host, sizeof(struct actor));
	pool_init(&t->regions, host, sizeof(struct region));
	pool_init(&t->pieces, host, sizeof(struct piece));
	pool_init(&t->openfiles, host, sizeof(struct openfile));
	pool_init(&t->shms, host, sizeof(struct shm));
	pool_init(&t->heaps, host, sizeof(struct heap));
	pool_init(&t->chunks, host, sizeof(struct chunk));
	pool_init(&t->touches, host, sizeof(struct heap_touch));
	pool_init(&t->kernel_allocs, host, sizeof(struct kernel_alloc));
	pool_init(&t->kernel_objects, host, sizeof(struct kernel_object));
	eventq_init(&t->events, host);
	klog_init(&t->log, host);
	t->pid_max = 32768;
	t->first_pid = 300;
	t->next_pid = 1;
	t->shmmax = t->shmall = ULONG_HUGE;
	t->shmmni = 4096;
	t->oom_dump_tasks = 1;
	t->threads_max = max_threads(t);
	return clock_init(t);
}

void tasks_fini(struct tasks *t)
{
	host_free(t->host, t->watched, t->cap_watched * sizeof(*t->watched));
	klog_fini(&t->log);
	eventq_fini(&t->events);
	pool_fini(&t->kernel_objects);
	pool_fini(&t->kernel_allocs);
	pool_fini(&t->touches);
	pool_fini(&t->chunks);
	pool_fini(&t->heaps);
	pool_fini(&t->shms);
	pool_fini(&t->openfiles);
	pool_fini(&t->pieces);
	pool_fini(&t->regions);
	pool_fini(&t->actors);
	pool_fini(&t->pool);
}

int tasks_archive(struct tasks *t, struct archive *a)
{
	struct pool *pools[] = {
		&t->pool,      &t->actors,	  &t->regions,	     &t->pieces,
		&t->openfiles, &t->shms,	  &t->heaps,	     &t->chunks,
		&t->touches,   &t->kernel_allocs, &t->kernel_objects
	};
	int r = 0;

	/* Who waited for a trigger waits for another machine's. */
	if (archive_loading(a)) {
		memset(&t->triggers, 0, sizeof(t->triggers));
		t->triggers.next = UINT64_MAX;
		t->nr_watched = 0;
	}
	for (unsigned i = 0; i < sizeof(pools) / sizeof(*pools) && !r; i++)
		r = pool_archive(pools[i], a);
	if (!r)
		r = eventq_archive(&t->events, a);
	if (!r)
		r = klog_archive(&t->log, a);
	if (!r)
		r = archive_bytes(a, &t->now,
				  sizeof(*t) - offsetof(struct tasks, now));
	return r;
}
