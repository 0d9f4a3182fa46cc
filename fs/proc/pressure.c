// SPDX-License-Identifier: Apache-2.0
/* /proc/pressure: kernel/sched/psi.c, psi_show(), psi_trigger_create(). */
#include "fs/proc/pressure.h"
#include "fs/proc/proc-nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TRIGGER_MAX   32 /* bytes the kernel reads of a trigger */
#define WINDOW_MAX_US 10000000u
#define AVERAGE_US    2000000u /* what an ordinary user may wait for */

#define NS_PER_US 1000u

static void out_average(struct outbuf *out, const char *name, uint64_t avg)
{
	out_printf(out, " %s=%llu.%02llu", name, (unsigned long long)avg >> 11,
		   ((unsigned long long)avg & 2047) * 100 >> 11);
}

int pressure_show(const struct view *v, struct outbuf *out)
{
	const struct tasks *t = &v->m->tasks;
	const struct psi *psi = &t->psi;

	if (v->group > GROUP_ROOT)
		psi = &group_at(&v->m->control, v->group)->psi;
	for (uint32_t full = 0; full < 2; full++) {
		enum psi_state state = (enum psi_state)(v->arg + full);
		const uint64_t *avg = psi->avg[state];

		out_str(out, full ? "full" : "some");
		out_average(out, "avg10", avg[0]);
		out_average(out, "avg60", avg[1]);
		out_average(out, "avg300", avg[2]);
		out_printf(out, " total=%llu\n",
			   (unsigned long long)(psi_total(psi, state, t->now) /
						NS_PER_US));
	}
	return out->error;
}

int pressure_parse(const char *text, size_t len, bool privileged,
		   struct pressure_trigger *ret)
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
	if (!privileged && window % AVERAGE_US)
		return -EINVAL;
	if (!stall || stall > window)
		return -EINVAL;
	ret->full = state[0] == 'f';
	ret->stall_ns = (uint64_t)stall * NS_PER_US;
	ret->window_ns = (uint64_t)window * NS_PER_US;
	return 0;
}

/* Checked as the kernel does; a trigger ends with the file that it was
 * written to, so here it is over at once: fs/fuse-psi.c keeps it. */
long pressure_store(const struct view *v, const char *text, size_t len)
{
	struct pressure_trigger trigger;
	int r = pressure_parse(text, len, v->privileged, &trigger);

	return r ? r : (long)len;
}

#define PRESSURE(name, some)                                         \
	{                                                            \
		.path = "proc/pressure/" name, .mode = 0666,         \
		.flags = FSNODE_TRIGGER | FSNODE_SIZE0, .arg = some, \
		.show = pressure_show, .store = pressure_store,      \
	}
const struct fsnode proc_pressure_nodes[] = {
	PRESSURE("cpu", PSI_CPU_SOME),
	PRESSURE("io", PSI_IO_SOME),
	PRESSURE("memory", PSI_MEM_SOME),
};
NODES_COUNT(proc_pressure);
