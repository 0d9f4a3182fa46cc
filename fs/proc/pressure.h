/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROC_PRESSURE_H
#define FS_PROC_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * DOC: what is written to a file of /proc/pressure.
 *
 * Models:  psi_trigger_create() of kernel/sched/psi.c.
 * Owns:    nothing.
 * Units:   ns.
 * Order:   does not apply.
 * Omits:   who waits: fs/fuse-psi.c.
 */
struct pressure_trigger {
	bool full;
	uint64_t stall_ns, window_ns;
};

/* "some 150000 1000000\n", in us. 0 or -EINVAL. */
int pressure_parse(const char *text, size_t len, bool privileged,
		   struct pressure_trigger *ret);

#endif
