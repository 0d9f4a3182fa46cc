// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/oom_score, oom_score_adj, oom_adj: fs/proc/base.c. */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <errno.h>

#define OOM_SCORE_ADJ_MAX 1000
#define OOM_ADJUST_MIN	  (-17) /* OOM_DISABLE */
#define OOM_ADJUST_MAX	  15

static int show_oom_score(const struct view *v, struct outbuf *out)
{
	out_dec(out, task_oom_score(&v->m->tasks, v->task), 0);
	out_char(out, '\n');
	return 0;
}

static int show_oom_score_adj(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%d\n", view_task(v)->oom_score_adj);
	return 0;
}

/* oom_adj_read() */
static int show_oom_adj(const struct view *v, struct outbuf *out)
{
	int adj = view_task(v)->oom_score_adj;

	adj = adj == OOM_SCORE_ADJ_MAX
		      ? OOM_ADJUST_MAX
		      : adj * -OOM_ADJUST_MIN / OOM_SCORE_ADJ_MAX;
	out_printf(out, "%d\n", adj);
	return 0;
}

static long set_adj(const struct view *v, int adj, int floor, size_t used)
{
	int r;

	if (adj < floor && !v->privileged)
		return -EACCES;
	r = machine_set_oom_score_adj(&v->w->m, view_task(v)->pid, adj);
	if (r)
		return r > 0 ? -r : r;
	return (long)used;
}

static size_t number_len(size_t len)
{
	return len < PROC_NUMBER ? len : PROC_NUMBER;
}

/* oom_score_adj_write(), __set_oom_adj() */
static long store_oom_score_adj(const struct view *v, const char *text,
				size_t len)
{
	size_t used = number_len(len);
	int adj, r = parse_int(text, used, 0, &adj);

	if (r)
		return r;
	if (adj < -OOM_SCORE_ADJ_MAX || adj > OOM_SCORE_ADJ_MAX)
		return -EINVAL;
	return set_adj(v, adj, view_task(v)->oom_score_adj_min, used);
}

/* oom_adj_write(): the old scale, and a word in the log. */
static long store_oom_adj(const struct view *v, const char *text, size_t len)
{
	size_t used = number_len(len);
	const struct task *t = view_task(v);
	int adj, r = parse_int(text, used, 0, &adj);

	if (r)
		return r;
	if (adj < OOM_ADJUST_MIN || adj > OOM_ADJUST_MAX)
		return -EINVAL;
	adj = adj == OOM_ADJUST_MAX ? OOM_SCORE_ADJ_MAX
				    : adj * OOM_SCORE_ADJ_MAX / -OOM_ADJUST_MIN;
	return set_adj(v, adj, t->oom_score_adj, used);
}

const struct fsnode pid_oom_nodes[] = {
	PID_FILE("oom_score", 0444, show_oom_score, NULL),
	PID_FILE("oom_score_adj", 0644, show_oom_score_adj,
		 store_oom_score_adj),
	PID_FILE("oom_adj", 0644, show_oom_adj, store_oom_adj),
};
const unsigned nr_pid_oom_nodes = ARRAY_SIZE(pid_oom_nodes);
