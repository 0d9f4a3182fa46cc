/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_SYSCTL_LATER_H
#define VMCORE_SYSCTL_LATER_H

#include "vmcore/base/knob.h"

/*
 * DOC: sysctls whose subsystem is not part of the model.
 *
 * Models:  rows of kernel/sysctl.c, ipc/ipc_sysctl.c, fs/file_table.c,
 *          fs/aio.c, mm/hugetlb_sysctl.c and others of 6.18.
 * Owns:    the values: what is written is kept, and nothing acts on it.
 * Units:   the row's.
 * Order:   rows stand in the order /proc/sys lists them.
 * Omits:   the subsystems.
 *
 * Unlike other knobs these are named from proc/sys down: "kernel/sem".
 */
struct later_knobs {
	/* vm */
	int32_t hugetlb_optimize_vmemmap, hugetlb_shm_group;
	int32_t memfd_noexec, unprivileged_userfaultfd;
	int32_t highmem_is_dirtyable;
	int32_t drop_caches_quiet; /* 4 was written to drop_caches */
	/* kernel */
	int32_t sem[4], msgmax, msgmnb, msgmni, shm_next_id;
	int32_t panic, panic_on_oops, panic_on_warn;
	int32_t perf_event_paranoid, printk[4];
	int32_t hung_task_timeout_secs, max_rcu_stall_to_panic;
	int32_t sched_rr_timeslice_ms, sched_schedstats, task_delayacct;
	int32_t sysrq, kptr_restrict, dmesg_restrict;
	int32_t core_uses_pid, spare;
	uint64_t tainted;
	char core_pattern[128], domainname[65], spare_text[7];
	/* fs */
	uint64_t file_max, aio_max_nr;
	int32_t nr_open, inotify_max_user_watches;
	int32_t suid_dumpable, spare_fs;
};

extern const struct knob later_knobs[];
extern const unsigned nr_later_knobs;

/* What a booted kernel shows that manages @total pages, @free of them free. */
void later_knobs_init(struct later_knobs *k, uint64_t total, uint64_t free);

#endif
