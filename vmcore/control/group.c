// SPDX-License-Identifier: Apache-2.0
#include "vmcore/control/control.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static uint32_t child_find(const struct control *c, uint32_t parent,
			   const char *name, size_t len)
{
	uint32_t id = group_at(c, parent)->first_child;

	for (; id; id = group_at(c, id)->next_sibling) {
		const struct group *g = group_at(c, id);

		if (strlen(g->name) == len && !memcmp(g->name, name, len))
			return id;
	}
	return ID_NONE;
}

static int name_check(const struct control *c, uint32_t parent,
		      const char *name)
{
	size_t len = strlen(name);

	if (!len || memchr(name, '/', len))
		return EINVAL;
	if (len >= sizeof(((struct group *)0)->name))
		return ENAMETOOLONG;
	if (child_find(c, parent, name, len))
		return EEXIST;
	/* A frame has FRAME_GROUP_BITS for the group it is charged to. */
	return c->groups.used >= FRAME_MAX_GROUP ? ENOSPC : 0;
}

static void group_limits(struct group *g)
{
	g->max = g->high = g->swap_max = UINT64_MAX;
	g->min = g->low = 0;
	g->oom_group = 0;
}

static void group_setup(struct group *g, const char *name)
{
	memcpy(g->name, name, strlen(name));
	group_limits(g);
	for (unsigned node = 0; node < MAX_NODES; node++) {
		struct lruvec *v = &g->lruvec[node];

		for (unsigned i = 0; i < NR_LRU; i++)
			v->list[i].head = v->list[i].tail = PFN_NONE;
		v->deferred_head = v->deferred_tail = PFN_NONE;
	}
}

/* Children are kept by age: append. */
static void child_link(struct control *c, uint32_t parent, uint32_t id)
{
	uint32_t *link = &group_at(c, parent)->first_child;

	while (*link)
		link = &group_at(c, *link)->next_sibling;
	*link = id;
	group_at(c, id)->parent = parent;
}

static void child_unlink(struct control *c, uint32_t id)
{
	uint32_t *link = &group_at(c, group_at(c, id)->parent)->first_child;

	while (*link != id)
		link = &group_at(c, *link)->next_sibling;
	*link = group_at(c, id)->next_sibling;
}

/* Forget removed groups that nothing is charged to any more, from the leaves
 * up: a parent may follow its last child. */
static void groups_reap(struct control *c)
{
	uint32_t id = group_next(c, GROUP_ROOT, GROUP_ROOT);

	while (id) {
		const struct group *g = group_at(c, id);
		uint32_t gone = id;

		if (g->name[0] || g->first_child || g->usage || g->swap_usage) {
			id = group_next(c, GROUP_ROOT, id);
			continue;
		}
		id = g->parent;
		child_unlink(c, gone);
		pool_free(&c->groups, gone);
		if (id == GROUP_ROOT)
			id = group_next(c, GROUP_ROOT, GROUP_ROOT);
	}
}

int group_set_subtree(struct control *c, uint32_t group, bool on)
{
	struct group *g = group_at(c, group);
	uint32_t id = g->first_child;

	if (on == (bool)g->subtree)
		return 0;
	/* No processes beside groups that share memory out. */
	if (on && group > GROUP_ROOT && g->nr_tasks)
		return EBUSY;
	for (; !on && id; id = group_at(c, id)->next_sibling)
		if (group_at(c, id)->subtree)
			return EBUSY;
	g->subtree = on;
	for (id = g->first_child; !on && id; id = group_at(c, id)->next_sibling)
		group_limits(group_at(c, id));
	return 0;
}

int group_remove(struct control *c, uint32_t group)
{
	struct group *g = group_at(c, group);
	uint32_t child = g->first_child;

	while (child && !group_online(c, child))
		child = group_at(c, child)->next_sibling;
	if (child || g->nr_tasks || group <= GROUP_ROOT)
		return EBUSY;
	memset(g->name, 0, sizeof(g->name));
	return 0;
}

int group_new(struct control *c, uint32_t parent, const char *name,
	      uint32_t *ret_group)
{
	bool root = !c->groups.used;
	uint32_t id;
	int r = 0;

	if (!root) {
		groups_reap(c);
		r = name_check(c, parent, name);
	}
	if (!r)
		r = pool_new(&c->groups, &id);
	if (r)
		return r;
	group_setup(group_at(c, id), name);
	if (root)
		group_at(c, id)->subtree = 1; /* as an init system has it */
	else
		child_link(c, parent ? parent : GROUP_ROOT, id);
	*ret_group = id;
	return 0;
}

uint32_t group_find(const struct control *c, const char *path)
{
	uint32_t id = GROUP_ROOT;

	while (*path == '/')
		path++;
	while (*path && id) {
		size_t len = strcspn(path, "/");

		id = child_find(c, id, path, len);
		path += len;
		while (*path == '/')
			path++;
	}
	return id;
}

uint32_t group_next(const struct control *c, uint32_t top, uint32_t group)
{
	const struct group *g;

	top = top ? top : GROUP_ROOT;
	if (!group)
		return top;
	if (group_at(c, group)->first_child)
		return group_at(c, group)->first_child;
	for (; group != top; group = g->parent) {
		g = group_at(c, group);
		if (g->next_sibling)
			return g->next_sibling;
	}
	return ID_NONE;
}

bool group_below(const struct control *c, uint32_t group, uint32_t top)
{
	uint32_t id = group ? group : GROUP_ROOT;

	top = top ? top : GROUP_ROOT;
	while (id && id != top)
		id = group_at(c, id)->parent;
	return id == top;
}

/* try_charge_memcg(): the lowest ancestor without room is the one that must
 * shrink; PF_MEMALLOC goes past every limit lest reclaim wait for itself. */
static uint32_t group_over(struct control *c, const struct ctx *ctx,
			   uint32_t pages)
{
	uint32_t id = ctx->group ? ctx->group : GROUP_ROOT;

	if (ctx->alloc & ALLOC_MEMALLOC)
		return ID_NONE;
	for (; id; id = group_at(c, id)->parent) {
		const struct group *g = group_at(c, id);

		if (g->max != UINT64_MAX && g->usage + pages > g->max)
			return id;
	}
	return ID_NONE;
}

int group_charge(struct control *c, struct ctx *ctx, uint32_t pages)
{
	uint32_t id = group_over(c, ctx, pages);

	if (id) {
		group_at(c, id)->failcnt++;
		group_count(c, id, GROUP_MAX);
		ctx->need = (struct need){ .gfp = GFP_KERNEL,
					   .group = id,
					   .pages = pages };
		return NEED_CHARGE;
	}
	group_at(c, ctx->group)->own += pages;
	for (id = ctx->group ? ctx->group : GROUP_ROOT; id;
	     id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);

		g->usage += pages;
		if (g->usage > g->peak)
			g->peak = g->usage;
	}
	return 0;
}

void group_uncharge(struct control *c, uint32_t group, uint32_t pages)
{
	uint32_t id = group ? group : GROUP_ROOT;

	assert(group_at(c, id)->own >= pages);
	group_at(c, id)->own -= pages;
	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->usage -= pages;
}

void group_count(struct control *c, uint32_t group, enum group_count what)
{
	uint32_t id = group ? group : GROUP_ROOT;

	group_at(c, id)->count_local[what]++;
	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->count[what]++;
}

bool group_charge_swap(struct control *c, uint32_t group)
{
	uint32_t first = group ? group : GROUP_ROOT;

	for (uint32_t id = first; id; id = group_at(c, id)->parent)
		if (group_at(c, id)->swap_usage >= group_at(c, id)->swap_max) {
			group_count(c, first, GROUP_SWAP_MAX);
			group_count(c, first, GROUP_SWAP_FAIL);
			return false;
		}
	for (uint32_t id = first; id; id = group_at(c, id)->parent) {
		struct group *g = group_at(c, id);

		if (++g->swap_usage > g->swap_peak)
			g->swap_peak = g->swap_usage;
	}
	return true;
}

void group_uncharge_swap(struct control *c, uint32_t group)
{
	uint32_t id = group ? group : GROUP_ROOT;

	assert(group_at(c, id)->swap_usage > 0);
	for (; id; id = group_at(c, id)->parent)
		group_at(c, id)->swap_usage--;
}

void group_stat(struct control *c, uint32_t group, unsigned node,
		enum node_stat item, int64_t delta)
{
	vmstat_node(&c->phys->stat, node, item, delta);
	group_at(c, group)->stat[item] += delta;
	group_at(c, group)->node_stat[node][item] += delta;
}
