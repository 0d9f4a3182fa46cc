// SPDX-License-Identifier: Apache-2.0
/* /proc/pressure: kernel/sched/psi.c, psi_show(), psi_trigger_create(). */
#include "fs/proc/proc-nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TRIGGER_MAX   32 /* bytes the kernel reads of a trigger */
#define WINDOW_MAX_US 10000000u
#define AVERAGE_US    2000000u /* what an ordinary user may wait for */

/* Nothing in the machine stalls on what pressure measures: a machine that
 * never waited. */
static int show_pressure(const struct view *v, struct outbuf *out)
{
	(void)v;
	for (unsigned full = 0; full < 2; full++)
		out_printf(out,
			   "%s avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
			   full ? "full" : "some");
	return out->error;
}

/* A trigger is checked as the kernel does; it cannot fire while no stall is
 * ever counted. */
static long store_pressure(const struct view *v, const char *text, size_t len)
{
	char buf[TRIGGER_MAX], state[8];
	size_t n = len < TRIGGER_MAX ? len : TRIGGER_MAX;
	unsigned stall, window;

	if (!len)
		return -EINVAL;
	/* the last byte makes room for the end: a newline belongs there */
	memcpy(buf, text, n - 1);
	buf[n - 1] = '\0';
	if (sscanf(buf, "%7s %u %u", state, &stall, &window) != 3 ||
	    (strcmp(state, "some") != 0 && strcmp(state, "full") != 0))
		return -EINVAL;
	if (!window || window > WINDOW_MAX_US)
		return -EINVAL;
	if (!v->privileged && window % AVERAGE_US)
		return -EINVAL;
	if (!stall || stall > window)
		return -EINVAL;
	return (long)len;
}

#define PRESSURE(name)                                                      \
	{                                                                   \
		.path = "proc/pressure/" name, .mode = 0666,                \
		.flags = FSNODE_POLL | FSNODE_SIZE0, .show = show_pressure, \
		.store = store_pressure,                                    \
	}
const struct fsnode proc_pressure_nodes[] = {
	PRESSURE("cpu"),
	PRESSURE("io"),
	PRESSURE("memory"),
};
NODES_COUNT(proc_pressure);
