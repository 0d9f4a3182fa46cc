/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROC_PRESSURE_H
#define FS_PROC_PRESSURE_H

#include "fs/world.h"

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

/* Show and store of a file of pressure; row.arg: the resource's PSI_*_SOME;
 * of view.group, whose root is the machine. */
int pressure_show(const struct view *v, struct outbuf *out);
long pressure_store(const struct view *v, const char *text, size_t len);
/* "some 150000 1000000\n", in us. 0 or -EINVAL. */
int pressure_parse(const char *text, size_t len, bool privileged,
		   struct pressure_trigger *ret);

#endif
