// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sysctl-later.h"

#include <string.h>

#define INT(path, field, low, high, initial, words, file)                    \
	{                                                                    \
		.name = path, .type = KNOB_INT, .mode = 0644,                \
		.off = offsetof(struct later_knobs, field), .min = low,      \
		.max = high, .def = initial, .unit = "number", .doc = words, \
		.source = file                                               \
	}
#define VEC(path, field, n, words, file)                                      \
	{                                                                     \
		.name = path, .type = KNOB_INTVEC, .mode = 0644, .len = n,    \
		.off = offsetof(struct later_knobs, field), .min = INT32_MIN, \
		.max = INT32_MAX, .unit = "number", .doc = words,             \
		.source = file                                                \
	}
#define WIDE(path, field, high, initial, words, file)                          \
	{                                                                      \
		.name = path, .type = KNOB_ULONG, .mode = 0644,                \
		.off = offsetof(struct later_knobs, field), .max = high,       \
		.def = initial, .unit = "number", .doc = words, .source = file \
	}
#define TEXT(path, field, words, file)                                      \
	{                                                                   \
		.name = path, .type = KNOB_STRING, .mode = 0644,            \
		.len = sizeof(((struct later_knobs *)0)->field),            \
		.off = offsetof(struct later_knobs, field), .unit = "text", \
		.doc = words, .source = file                                \
	}

/* clang-format off */
const struct knob later_knobs[] = {
	WIDE("fs/aio-max-nr", aio_max_nr, -1, 65536,
	     "requests of asynchronous I/O at once", "fs/aio.c"),
	WIDE("fs/file-max", file_max, INT64_MAX, 0,
	     "open files at once", "fs/file_table.c"),
	INT("fs/inotify/max_user_watches", inotify_max_user_watches,
	    0, INT32_MAX, 0, "inotify watches of a user",
	    "fs/notify/inotify/inotify_user.c"),
	INT("fs/nr_open", nr_open, 64, 2147483584, 1048576,
	    "open files of a process", "fs/file_table.c"),
	INT("fs/suid_dumpable", suid_dumpable, 0, 2, 0,
	    "core files of programs with more rights", "fs/exec.c"),
	TEXT("kernel/core_pattern", core_pattern,
	     "name of core files", "fs/coredump.c"),
	INT("kernel/core_uses_pid", core_uses_pid, INT32_MIN, INT32_MAX, 0,
	    "the pid in the name of core files", "fs/coredump.c"),
	INT("kernel/dmesg_restrict", dmesg_restrict, 0, 1, 0,
	    "who may read the kernel log", "kernel/printk/sysctl.c"),
	TEXT("kernel/domainname", domainname,
	     "NIS domain", "kernel/utsname_sysctl.c"),
	INT("kernel/hung_task_timeout_secs", hung_task_timeout_secs,
	    0, INT32_MAX / 250, 120, "seconds before a task counts as hung",
	    "kernel/hung_task.c"),
	INT("kernel/kptr_restrict", kptr_restrict, 0, 2, 0,
	    "who sees kernel addresses", "kernel/printk/sysctl.c"),
	INT("kernel/max_rcu_stall_to_panic", max_rcu_stall_to_panic,
	    0, INT32_MAX, 0, "stalls of RCU before a panic",
	    "kernel/rcu/tree_stall.h"),
	INT("kernel/msgmax", msgmax, 0, INT32_MAX, 8192,
	    "bytes of a System V message", "ipc/ipc_sysctl.c"),
	INT("kernel/msgmnb", msgmnb, 0, INT32_MAX, 16384,
	    "bytes of a System V message queue", "ipc/ipc_sysctl.c"),
	INT("kernel/msgmni", msgmni, 0, 32768, 32000,
	    "System V message queues", "ipc/ipc_sysctl.c"),
	INT("kernel/panic", panic, INT32_MIN, INT32_MAX, 0,
	    "seconds from a panic to the reboot", "kernel/panic.c"),
	INT("kernel/panic_on_oops", panic_on_oops, INT32_MIN, INT32_MAX, 0,
	    "panic when the kernel errs", "kernel/panic.c"),
	INT("kernel/panic_on_warn", panic_on_warn, 0, 1, 0,
	    "panic at warnings", "kernel/panic.c"),
	INT("kernel/perf_event_paranoid", perf_event_paranoid,
	    INT32_MIN, INT32_MAX, 2, "who may use perf events",
	    "kernel/events/core.c"),
	VEC("kernel/printk", printk, 4,
	    "log levels of the console", "kernel/printk/sysctl.c"),
	INT("kernel/sched_rr_timeslice_ms", sched_rr_timeslice_ms,
	    INT32_MIN, INT32_MAX, 100, "time slice of SCHED_RR",
	    "kernel/sched/rt.c"),
	INT("kernel/sched_schedstats", sched_schedstats, 0, 1, 0,
	    "statistics of the scheduler", "kernel/sched/core.c"),
	VEC("kernel/sem", sem, 4,
	    "limits of System V semaphores", "ipc/ipc_sysctl.c"),
	{ .name = "kernel/shm_next_id", .type = KNOB_INT, .mode = 0444,
	  .off = offsetof(struct later_knobs, shm_next_id),
	  .min = -1, .max = INT32_MAX, .def = -1, .unit = "id",
	  .doc = "id of the next shared memory segment",
	  .source = "ipc/ipc_sysctl.c" },
	INT("kernel/sysrq", sysrq, INT32_MIN, INT32_MAX, 1,
	    "magic keys", "kernel/sysctl.c"),
	WIDE("kernel/tainted", tainted, -1, 0,
	     "reasons not to trust this kernel", "kernel/panic.c"),
	INT("kernel/task_delayacct", task_delayacct, 0, 1, 0,
	    "delay accounting", "kernel/delayacct.c"),
	INT("vm/highmem_is_dirtyable", highmem_is_dirtyable, 0, 1, 0,
	    "HighMem counts as dirtyable", "mm/page-writeback.c"),
	{ .name = "vm/hugetlb_optimize_vmemmap", .type = KNOB_BOOL,
	  .mode = 0644, .max = 1, .unit = "yes/no",
	  .off = offsetof(struct later_knobs, hugetlb_optimize_vmemmap),
	  .doc = "free the memmap of huge pages",
	  .source = "mm/hugetlb_vmemmap.c" },
	INT("vm/hugetlb_shm_group", hugetlb_shm_group, INT32_MIN, INT32_MAX,
	    0, "group that may use SHM_HUGETLB", "mm/hugetlb_sysctl.c"),
	INT("vm/memfd_noexec", memfd_noexec, 0, 2, 0,
	    "may memory files be executed", "kernel/pid_sysctl.h"),
	INT("vm/unprivileged_userfaultfd", unprivileged_userfaultfd, 0, 1, 0,
	    "userfaultfd for everybody", "fs/userfaultfd.c"),
};
/* clang-format on */
const unsigned nr_later_knobs = sizeof(later_knobs) / sizeof(later_knobs[0]);

static void vectors(struct later_knobs *k)
{
	static const int32_t sem[] = { 32000, 1024000000, 500, 32000 };
	static const int32_t printk[] = { 4, 4, 1, 7 };

	memcpy(k->sem, sem, sizeof(sem));
	memcpy(k->printk, printk, sizeof(printk));
}

/*
 * files_maxfiles_init(): a tenth of the memory that is free at boot, at 1 KiB
 * a file. inotify_user_setup(): a hundredth of it, about 1.2 KiB a watch.
 */
void later_knobs_init(struct later_knobs *k, uint64_t total, uint64_t free)
{
	uint64_t used = (total - free) + (total - free) / 2, watches;

	memset(k, 0, sizeof(*k));
	knob_defaults(later_knobs, nr_later_knobs, k);
	vectors(k);
	memcpy(k->core_pattern, "core", 5);
	memcpy(k->domainname, "(none)", 7);
	k->file_max = (total > used ? total - used : 0) * (PAGE_SIZE >> 10);
	k->file_max /= 10;
	if (k->file_max < 8192)
		k->file_max = 8192;
	watches = total * PAGE_SIZE / 100 / 1240;
	if (watches < 8192)
		watches = 8192;
	k->inotify_max_user_watches =
		(int32_t)(watches > 1048576 ? 1048576 : watches);
}
