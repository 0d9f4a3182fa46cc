// SPDX-License-Identifier: Apache-2.0
/* Folders that come and go: cgroup_mkdir(), cgroup_rmdir(). */
#include "fs/tree-index.h"

#include <errno.h>
#include <string.h>

/* Do groups stand in @dir? */
static bool holds_groups(const struct world *w, const struct place *dir)
{
	const struct tree *t = w->tree;
	const struct part *p = part_at(t, dir->part);
	struct place at = *dir;

	if (p->kind == PART_GROUP)
		return true;
	for (uint32_t i = p->nr_fixed; i < p->nr; i++) {
		at.part = t->kids[p->first + i];
		if (part_at(t, at.part)->kind == PART_GROUP)
			return part_there(w, &at);
	}
	return false;
}

/* Who mounted is root of the machine. 0 or -errno. */
static int may_change(const struct world *w, const struct place *dir,
		      const struct caller *who)
{
	if (!holds_groups(w, dir))
		return -EPERM;
	if (!tree_alive(w, dir))
		return -ENOENT;
	return who->owner || who->privileged ? 0 : -EACCES;
}

/* The journal is a script: what no word of it can be is no name here. */
static bool name_ok(const char *name)
{
	for (const char *s = name; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '#')
			return false;
	return true;
}

/* Others that are done on the way are told of later. */
static int run_watched(struct world *w, uint64_t ticket, struct watched *ret)
{
	struct tasks *t = &w->m.tasks;
	uint32_t told = 0;
	bool done = false;
	int r;

	do {
		r = machine_run(&w->m, UINT64_MAX, 0, UINT64_MAX);
		told |= t->told;
		done = sched_watched(t, ticket, ret);
	} while (!r && !done && t->told);
	t->told = told;
	if (!r && !done)
		sched_unwatch(t, ticket);
	return !r && !done ? -EIO : r;
}

/*
 * The operation of a script that does it, begun and done: it takes the time
 * it takes there.
 */
static int run(struct world *w, enum op_code code, const char *verb,
	       const struct outbuf *group)
{
	struct op op = { .code = code };
	struct tasks *t = &w->m.tasks;
	uint64_t ticket, journalled;
	struct watched done;
	struct outbuf line;
	int r;

	if (group->error)
		return group->error;
	if (group->len >= sizeof(op.text))
		return -ENAMETOOLONG;
	memcpy(op.text, group->text, group->len);
	r = world_catch_up(w);
	if (!r)
		r = sched_watch(t, &op, &ticket);
	if (r)
		return r > 0 ? -r : r;
	out_init(&line);
	out_printf(&line, "%s %s", verb, op.text);
	journalled = world_journal_begin(w, line.text, line.len);
	out_free(&line);
	r = run_watched(w, ticket, &done);
	if (!r)
		r = -done.result;
	if (r)
		world_journal_failed(w, journalled);
	else
		world_journal_end(w, journalled, done.ended);
	return r;
}

/* The path of @group below the root, then @name. */
static void group_path(const struct world *w, uint32_t group, const char *name,
		       struct outbuf *out)
{
	const struct group *g = group_at(&w->m.control, group);

	if (group > GROUP_ROOT) {
		group_path(w, g->parent, g->name, out);
		out_char(out, '/');
	}
	out_str(out, name);
}

int tree_mkdir(struct world *w, const struct place *dir, const char *name,
	       const struct caller *who)
{
	struct outbuf path;
	struct place at;
	int r = may_change(w, dir, who);

	if (r)
		return r;
	if (!name_ok(name))
		return -EINVAL;
	if (!tree_lookup(w, dir, name, &at))
		return -EEXIST;
	out_init(&path);
	group_path(w, dir->group, name, &path);
	r = run(w, OP_MKCGROUP, "mkcgroup", &path);
	out_free(&path);
	return r;
}

int tree_rmdir(struct world *w, const struct place *dir, const char *name,
	       const struct caller *who)
{
	struct outbuf path;
	struct place at;
	int r = may_change(w, dir, who);

	if (!r)
		r = tree_lookup(w, dir, name, &at);
	if (r)
		return r;
	if (part_at(w->tree, at.part)->kind != PART_GROUP)
		return -ENOTDIR;
	out_init(&path);
	group_path(w, dir->group, name, &path);
	r = run(w, OP_RMCGROUP, "rmcgroup", &path);
	out_free(&path);
	return r;
}
