// SPDX-License-Identifier: Apache-2.0
#include "vmcore/control/lru-gen.h"

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

/* Names of the files that a group has are taken (kernfs_add_one()). */
static bool file_name(const char *name)
{
	return !strncmp(name, "cgroup.", 7) || !strncmp(name, "memory.", 7);
}

uint32_t group_descendants(const struct control *c, uint32_t group)
{
	uint32_t n = 0;

	for (uint32_t id = group; id; id = group_next(c, group, id))
		n += id != group && group_online(c, id);
	return n;
}

/* cgroup_check_hierarchy_limits() */
static bool too_many(const struct control *c, uint32_t parent)
{
	uint32_t level = 1;

	for (uint32_t id = parent; id; id = group_at(c, id)->parent, level++) {
		const struct group *g = group_at(c, id);

		if (level > g->max_depth ||
		    (g->max_descendants != UINT32_MAX &&
		     group_descendants(c, id) >= g->max_descendants))
			return true;
	}
	return false;
}

static int name_check(const struct control *c, uint32_t parent,
		      const char *name)
{
	size_t len = strlen(name);

	if (!len || memchr(name, '/', len))
		return EINVAL;
	if (file_name(name))
		return EEXIST;
	if (len >= sizeof(((struct group *)0)->name))
		return ENAMETOOLONG;
	if (child_find(c, parent, name, len))
		return EEXIST;
	if (too_many(c, parent ? parent : GROUP_ROOT))
		return EAGAIN;
	/* A frame has FRAME_GROUP_BITS for the group it is charged to. */
	return c->groups.used >= FRAME_MAX_GROUP ? ENOSPC : 0;
}

static void group_limits(struct group *g)
{
	g->max = g->high = g->swap_max = g->swap_high = UINT64_MAX;
	g->min = g->low = 0;
	g->oom_group = 0;
	g->memsw_max = g->soft_limit = g->zswap_max = UINT64_MAX;
}

static void group_setup(struct group *g, const char *name)
{
	memcpy(g->name, name, strlen(name));
	group_limits(g);
	g->max_depth = g->max_descendants = UINT32_MAX;
	g->zswap_writeback = 1;
	g->psi.group = 1;
	for (unsigned node = 0; node < MAX_NODES; node++) {
		struct lruvec *v = &g->lruvec[node];

		for (unsigned i = 0; i < NR_LRU; i++)
			v->list[i].head = v->list[i].tail = PFN_NONE;
		v->clean.head = v->clean.tail = PFN_NONE;
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

bool group_dying(const struct control *c, uint32_t id)
{
	const struct group *g = group_at(c, id);

	return !group_online(c, id) && (g->usage || g->swap_usage);
}

/* Forget removed groups that nothing is charged to any more, from the leaves
 * up: a parent may follow its last child. */
static void groups_reap(struct control *c)
{
	uint32_t id = group_next(c, GROUP_ROOT, GROUP_ROOT);

	while (id) {
		const struct group *g = group_at(c, id);
		uint32_t gone = id;

		if (group_online(c, id) || group_dying(c, id) ||
		    g->first_child || g->orphan_bytes) {
			id = group_next(c, GROUP_ROOT, id);
			continue;
		}
		id = g->parent;
		child_unlink(c, gone);
		gens_free(c, gone);
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

/* memcg_reparent_objcgs(): whose kernel objects outlive it, the group above
 * pays for. They still name the one that is gone: group_kmem_owner(). */
static void objects_to_parent(struct control *c, uint32_t id)
{
	struct group *g = group_at(c, id), *up = group_at(c, g->parent);
	uint64_t own = group_kmem_pages(g), before = group_kmem_pages(up);
	struct ctx ctx = { .group = g->parent, .alloc = ALLOC_MEMALLOC };

	for (unsigned kind = 0; kind < 2; kind++) {
		g->orphan_bytes += g->slab_bytes[kind];
		up->slab_bytes[kind] += g->slab_bytes[kind];
		g->slab_bytes[kind] = 0;
	}
	if (own)
		group_uncharge_kernel(c, id, (uint32_t)own);
	own = group_kmem_pages(up) - before;
	if (own)
		group_charge_kernel(c, &ctx, (uint32_t)own);
}

bool group_inner(const struct control *c, uint32_t group)
{
	return !c->v1 && group > GROUP_ROOT && group_at(c, group)->subtree;
}

bool group_frozen(const struct control *c, uint32_t group)
{
	if (!c->nr_freezing)
		return false;
	for (; group > GROUP_ROOT; group = group_at(c, group)->parent)
		if (group_at(c, group)->freeze)
			return true;
	return false;
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
	objects_to_parent(c, group);
	c->nr_freezing -= g->freeze;
	g->freeze = 0;
	/* mem_cgroup_css_offline(): nothing keeps its pages */
	g->min = g->low = 0;
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
	if (c->policy == POLICY_MGLRU)
		r = gens_new(c, id, 0);
	if (r) {
		memset(group_at(c, id), 0, sizeof(struct group));
		pool_free(&c->groups, id);
		return r;
	}
	group_at(c, id)->born = ++c->groups_born;
	group_at(c, id)->swappiness =
		root ? 0 : (int32_t)group_swappiness(c, parent);
	/* as an init system has it; in version 1 always */
	group_at(c, id)->subtree = root || c->v1;
	if (!root)
		child_link(c, parent ? parent : GROUP_ROOT, id);
	*ret_group = id;
	return 0;
}

const struct psi *group_psi(const struct control *c, const struct psi *all,
			    uint32_t id, uint64_t born)
{
	if (id <= GROUP_ROOT)
		return all;
	if (id > c->groups.top || group_at(c, id)->born != born ||
	    !group_online(c, id))
		return NULL;
	return &group_at(c, id)->psi;
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
