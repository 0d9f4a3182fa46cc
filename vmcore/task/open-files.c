// SPDX-License-Identifier: Apache-2.0
/* The files that a process has open: each once, found by its inode. */
#include <errno.h>

#include "vmcore/base/tree.h"
#include "vmcore/task/sched.h"

static struct openfile *openfile_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->openfiles, id);
}

static int inode_side(const void *owner, const void *inode, uint32_t id)
{
	const uint32_t *a = inode, *b = &openfile_at(owner, id)->inode;

	return (*a > *b) - (*a < *b);
}

static bool inode_less(const void *owner, uint32_t a, uint32_t b)
{
	return inode_side(owner, &openfile_at(owner, a)->inode, b) < 0;
}

static const struct tree_type by_inode = {
	.pool = offsetof(struct tasks, openfiles),
	.node = offsetof(struct openfile, by_inode),
	.less = inode_less,
};

static uint32_t find(const struct tasks *t, uint32_t task, uint32_t inode)
{
	return tree_search(&by_inode, t, task_at(t, task)->files_by_inode,
			   &inode, inode_side);
}

/* @task has @file open, to which it holds one reference more. */
static int add(struct tasks *t, uint32_t task, uint32_t file)
{
	struct task *k = task_at(t, task);
	struct openfile *f;
	uint32_t id;
	int r = pool_new(&t->openfiles, &id);

	if (r)
		return r;
	f = openfile_at(t, id);
	f->file = file;
	f->inode = file_at(t->space->cache, file)->inode;
	f->next = k->files;
	if (f->next)
		openfile_at(t, f->next)->prev = id;
	k->files = id;
	tree_insert(&by_inode, t, &k->files_by_inode, id);
	return 0;
}

static void drop(struct tasks *t, struct ctx *ctx, uint32_t task, uint32_t id)
{
	struct task *k = task_at(t, task);
	const struct openfile *f = openfile_at(t, id);
	uint32_t file = f->file;

	if (f->prev)
		openfile_at(t, f->prev)->next = f->next;
	else
		k->files = f->next;
	if (f->next)
		openfile_at(t, f->next)->prev = f->prev;
	tree_erase(&by_inode, t, &k->files_by_inode, id);
	pool_free(&t->openfiles, id);
	file_put(t->space->cache, ctx, file);
}

int task_open(struct tasks *t, struct ctx *ctx, uint32_t task, const char *path,
	      uint32_t *ret_file)
{
	struct cache *c = t->space->cache;
	uint32_t inode = inode_find(c, path), id, file;
	int r;

	if (!inode)
		return ENOENT;
	id = find(t, task, inode);
	if (id) {
		*ret_file = openfile_at(t, id)->file;
		return 0;
	}
	r = file_open(c, ctx, inode, &file);
	if (r)
		return r;
	r = add(t, task, file);
	if (r) {
		file_put(c, ctx, file);
		return r;
	}
	*ret_file = file;
	return 0;
}

int task_share_files(struct tasks *t, uint32_t from, uint32_t to)
{
	for (uint32_t id = task_at(t, from)->files; id;
	     id = openfile_at(t, id)->next) {
		int r = add(t, to, openfile_at(t, id)->file);

		if (r)
			return r;
		file_get(t->space->cache, openfile_at(t, id)->file);
	}
	return 0;
}

void task_close_all(struct tasks *t, struct ctx *ctx, uint32_t task)
{
	while (task_at(t, task)->files)
		drop(t, ctx, task, task_at(t, task)->files);
}

void task_close(struct tasks *t, struct ctx *ctx, uint32_t task, uint32_t inode)
{
	uint32_t id = find(t, task, inode);

	if (id)
		drop(t, ctx, task, id);
}

void task_close_inode(struct tasks *t, struct ctx *ctx, uint32_t inode)
{
	task_for_each (t, id)
		task_close(t, ctx, id, inode);
}
