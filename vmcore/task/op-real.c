// SPDX-License-Identifier: Apache-2.0
/* What programs do with names, and the processes that stand for programs. */
#include <errno.h>
#include <string.h>

#include "vmcore/space/pgtable.h"
#include "vmcore/task/sched.h"

static void clean_folio(void *arg, pfn_t folio)
{
	struct space *s = arg;

	rmap_clean(s, folio);
}

/*
 * A process that stands for one outside of the machine: it has a name, a pid,
 * open files and nothing in memory, so nothing is to be had by killing it.
 */
int op_client(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id;
	int r = task_new(t, ctx, a->op.name, 1, false, &id);

	if (r)
		return r;
	task_at(t, id)->oom_score_adj = -1000;
	task_at(t, id)->outside = 1;
	a->ret[0] = task_at(t, id)->pid;
	return 0;
}

int op_ondisk(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	(void)ctx;
	return name_on_disk(t->space->cache, a->op.text, a->op.size,
			    a->op.flags & OPX_FOLDER);
}

int op_stat(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return name_look_up(t->space->cache, ctx, a->op.text);
}

int op_list(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return name_list(t->space->cache, ctx, a->op.text, &a->pos);
}

int op_create(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return name_create(t->space->cache, ctx, a->op.text,
			   a->op.flags & OPX_FOLDER);
}

/* cursor[0]: its blocks are seen to. */
int op_move(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct cache *c = t->space->cache;
	const char *to = a->op.text + strlen(a->op.text) + 1;
	int r;

	if (!a->cursor[0]) {
		r = inode_find(c, a->op.text) ? name_dirty(c, ctx, a->op.text)
					      : 0;
		if (r)
			return r;
		a->cursor[0] = 1;
	}
	return name_move(c, ctx, a->op.text, to);
}

int op_truncate(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct cache *c = t->space->cache;
	uint32_t id = inode_find(c, a->op.text);
	int r = 0;

	if (!id)
		return ENOENT;
	if (inode_at(c, id)->kind == INODE_BLOCK)
		return EINVAL;
	if (a->op.size < inode_at(c, id)->size) {
		unmap_file(t->space, ctx, id,
			   (a->op.size + PAGE_SIZE - 1) >> PAGE_SHIFT,
			   UINT64_MAX);
		r = folio_truncate(t->space, ctx, id, a->op.size);
	}
	return r ? r : name_truncate(c, ctx, id, a->op.size);
}

int op_close(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = inode_find(t->space->cache, a->op.text);

	if (!id)
		return ENOENT;
	task_close(t, ctx, a->task, id);
	return 0;
}

int op_direct(struct tasks *t, struct ctx *ctx, struct actor *a,
	      uint32_t *ret_len)
{
	uint64_t left = a->end - a->pos;

	return file_direct(t->space->cache, ctx, a->file, a->pos,
			   left < DIRECT_BYTES ? (uint32_t)left : DIRECT_BYTES,
			   a->op.code == OP_WRITE, &a->raw, clean_folio,
			   t->space, ret_len);
}
