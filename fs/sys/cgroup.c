// SPDX-License-Identifier: Apache-2.0
/* The files every memory group has: kernel/cgroup/cgroup.c. */
#include "fs/sys/cgroup.h"
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#include <errno.h>
#include <string.h>

void strip(const char **text, size_t *len)
{
	static const char blanks[] = " \t\n\v\f\r";

	while (*len &&
	       ((*text)[*len - 1] == '\0' || strchr(blanks, (*text)[*len - 1])))
		--*len;
	while (*len && strchr(blanks, **text)) {
		++*text;
		--*len;
	}
}

bool group_v2(const struct view *v)
{
	return !v->m->control.v1;
}

bool group_v1(const struct view *v)
{
	return v->m->control.v1;
}

static const struct group *group_of(const struct view *v)
{
	return group_at(&v->m->control, v->group);
}

static bool below_root(const struct view *v)
{
	return v->group > GROUP_ROOT;
}

/* --- processes ---------------------------------------------------------- */
int group_show_procs(const struct view *v, struct outbuf *out)
{
	const struct tasks *t = &v->m->tasks;

	task_for_each (t, id) {
		const struct task *task = task_at(t, id);
		uint32_t group = task->group ? task->group : GROUP_ROOT;

		if (group == v->group && task->state != TASK_ZOMBIE)
			out_printf(out, "%u\n", task->pid);
	}
	return out->error;
}

long group_store_procs(const struct view *v, const char *text, size_t len)
{
	const char *s = text;
	size_t n = len;
	uint64_t pid;
	int r;

	strip(&s, &n);
	if (attr_number(s, n, INT32_MAX, &pid))
		return -EINVAL;
	/* 0 is who writes: nobody of this machine */
	r = machine_group_move(&v->w->m, (uint32_t)pid, v->group);
	return r ? -r : (long)len;
}

static uint32_t tasks_below(const struct control *c, uint32_t top)
{
	uint32_t n = 0;

	for (uint32_t id = top; id; id = group_next(c, top, id))
		n += group_at(c, id)->nr_tasks;
	return n;
}

static int show_events(const struct view *v, struct outbuf *out)
{
	out_printf(out, "populated %d\nfrozen %d\n",
		   tasks_below(&v->m->control, v->group) > 0,
		   group_frozen(&v->m->control, v->group));
	return out->error;
}

static uint64_t stamp_events(const struct view *v)
{
	return (tasks_below(&v->m->control, v->group) > 0) +
	       2u * group_frozen(&v->m->control, v->group);
}

static int show_freeze(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", group_of(v)->freeze);
	return out->error;
}

static int show_stat_local(const struct view *v, struct outbuf *out)
{
	uint64_t ns =
		group_frozen_ns(&v->m->control, v->group, machine_now(v->m));

	out_printf(out, "frozen_usec %llu\n", (unsigned long long)ns / 1000);
	return out->error;
}

/* --- the controller ------------------------------------------------------- */
static int show_controllers(const struct view *v, struct outbuf *out)
{
	if (group_controlled(&v->m->control, v->group))
		out_str(out, "memory");
	out_char(out, '\n');
	return out->error;
}

static int show_subtree(const struct view *v, struct outbuf *out)
{
	if (group_of(v)->subtree)
		out_str(out, "memory");
	out_char(out, '\n');
	return out->error;
}

/* "+memory" or "-memory", several words in any order: the last one counts. */
static long store_subtree(const struct view *v, const char *text, size_t len)
{
	bool on = group_of(v)->subtree;
	const char *s = text;
	size_t n = len, word;
	int r;

	strip(&s, &n);
	for (; n; s += word, n -= word) {
		for (word = 0; word < n && s[word] != ' '; word++)
			;
		if (word && (word != 7 || (*s != '+' && *s != '-') ||
			     memcmp(s + 1, "memory", 6)))
			return -EINVAL;
		if (word)
			on = *s == '+';
		word += word < n;
	}
	if (on && !group_controlled(&v->m->control, v->group))
		return -ENOENT;
	r = machine_group_subtree(&v->w->m, v->group, on);
	return r ? -r : (long)len;
}

static uint32_t *most(const struct view *v)
{
	struct group *g = group_at(&v->m->control, v->group);

	return v->arg ? &g->max_descendants : &g->max_depth;
}

static int show_most(const struct view *v, struct outbuf *out)
{
	if (*most(v) == UINT32_MAX)
		out_str(out, "max\n");
	else
		out_printf(out, "%u\n", *most(v));
	return out->error;
}

static long store_most(const struct view *v, const char *text, size_t len)
{
	const char *s = text;
	size_t n = len;
	uint64_t value = UINT32_MAX;

	strip(&s, &n);
	if ((n != 3 || memcmp(s, "max", 3) != 0) &&
	    attr_number(s, n, INT32_MAX, &value))
		return -EINVAL;
	*most(v) = (uint32_t)value;
	return (long)len;
}

static long store_kill(const struct view *v, const char *text, size_t len)
{
	const char *s = text;
	size_t n = len;
	uint64_t value;
	int r;

	strip(&s, &n);
	if (attr_number(s, n, UINT32_MAX, &value))
		return -EINVAL;
	if (value != 1)
		return -ERANGE;
	r = machine_group_kill(&v->w->m, v->group);
	return r ? r : (long)len;
}

static long store_freeze(const struct view *v, const char *text, size_t len)
{
	const char *s = text;
	size_t n = len;
	uint64_t value;

	strip(&s, &n);
	if (n && *s == '-' && !attr_number(s + 1, n - 1, INT32_MAX, &value))
		return -ERANGE;
	if (attr_number(s, n, INT32_MAX, &value))
		return -EINVAL;
	if (value > 1)
		return -ERANGE;
	machine_group_freeze(&v->w->m, v->group, value);
	return (long)len;
}

static int show_type(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "domain\n");
	return out->error;
}

/* cgroup_stat_show(): a group that was removed lives while it is charged. */
static int show_stat(const struct view *v, struct outbuf *out)
{
	const struct control *c = &v->m->control;
	unsigned alive = 0, dying = 0, owners = 0;

	for (uint32_t id = v->group; id; id = group_next(c, v->group, id)) {
		bool online = group_online(c, id);

		owners += online && group_controlled(c, id);
		if (id == v->group)
			continue;
		alive += online;
		dying += group_dying(c, id);
	}
	out_printf(out,
		   "nr_descendants %u\nnr_subsys_memory %u\n"
		   "nr_dying_descendants %u\nnr_dying_subsys_memory %u\n",
		   alive, owners, dying, dying);
	return out->error;
}

#define ROOT "sys/fs/cgroup/"
#define MOST(at, name, which)                                           \
	{                                                               \
		.path = at "cgroup.max." name, .mode = 0644,            \
		.show = show_most, .store = store_most, .arg = (which), \
		.exists = group_v2                                      \
	}
#define EACH "sys/fs/cgroup/$group/"
#define BOTH(name, bits, f, g)                                               \
	{ .path = ROOT name,                                                 \
	  .mode = (bits),                                                    \
	  .show = (f),                                                       \
	  .store = (g),                                                      \
	  .exists = group_v2 },                                              \
	{                                                                    \
		.path = EACH name, .mode = (bits), .show = (f), .store = (g) \
	}
const struct fsnode sys_cgroup_nodes[] = {
	{ .path = "sys/fs/cgroup", .mode = 0555, .flags = FSNODE_DIR },
	{ .path = "sys/fs/cgroup/$group",
	  .mode = 0755,
	  .flags = FSNODE_DIR,
	  .exists = group_v2 },
	BOTH("cgroup.controllers", 0444, show_controllers, NULL),
	BOTH("cgroup.procs", 0644, group_show_procs, group_store_procs),
	BOTH("cgroup.stat", 0444, show_stat, NULL),
	BOTH("cgroup.subtree_control", 0644, show_subtree, store_subtree),
	BOTH("cgroup.threads", 0644, group_show_procs, group_store_procs),
	MOST(ROOT, "depth", 0),
	MOST(ROOT, "descendants", 1),
	MOST(EACH, "depth", 0),
	MOST(EACH, "descendants", 1),
	{ .path = EACH "cgroup.kill", .mode = 0200, .store = store_kill },
	{ .path = EACH "cgroup.events",
	  .mode = 0444,
	  .flags = FSNODE_POLL,
	  .show = show_events,
	  .exists = below_root,
	  .stamp = stamp_events },
	{ .path = EACH "cgroup.freeze",
	  .mode = 0644,
	  .show = show_freeze,
	  .store = store_freeze },
	{ .path = EACH "cgroup.stat.local",
	  .mode = 0444,
	  .show = show_stat_local },
	{ .path = EACH "cgroup.type", .mode = 0444, .show = show_type },
};
NODES_COUNT(sys_cgroup);
