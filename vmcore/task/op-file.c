// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmcore/phys/block.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/task/sched.h"

#define CHUNK 65536u

int actor_open(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t file;
	int r = task_open(t, ctx, a->task, a->op.text, &file);

	if (r)
		return r;
	file_get(t->space->cache, file);
	a->file = file;
	return 0;
}

void actor_close(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (a->file)
		file_put(t->space->cache, ctx, a->file);
	a->file = 0;
}

/* --- read and write ---------------------------------------------------------
 */
int op_file_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r = actor_open(t, ctx, a);

	if (r)
		return r;
	a->pos = a->op.off;
	a->end = a->op.off + a->op.len;
	return 0;
}

static bool again(const struct tasks *t, struct actor *a)
{
	a->pos = a->op.off;
	a->loop++;
	if (a->op.time_ns)
		return t->now - a->began < a->op.time_ns;
	return a->loop < a->op.loops;
}

/* open(O_CREAT), then as others. A file that grows gets its blocks now, not
 * when it is written (delayed allocation). */
int op_write_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct cache *c = t->space->cache;
	uint32_t inode;
	int r = 0;

	if (!inode_find(c, a->op.text))
		r = name_make(c, ctx, a->op.text, 0, &inode);
	if (!r)
		r = name_grow(c, ctx, a->op.text, a->op.off + a->op.len);
	return r ? r : op_file_begin(t, ctx, a);
}

int op_read(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t left = a->end - a->pos;
	struct task *task = actor_task(t, a);
	uint64_t in = t->space->phys->stat.event[PGPGIN];
	uint32_t n = 0;
	int r;

	if (!left)
		return again(t, a) ? STEP_MORE : 0;
	if (a->op.flags & OPX_DIRECT)
		r = op_direct(t, ctx, a, &n);
	else
		r = file_read(t->space->cache, ctx, a->file, a->pos,
			      left < CHUNK ? (uint32_t)left : CHUNK, &n);
	/* Sectors submitted on its behalf, also when it has to wait. */
	task->read_bytes += (t->space->phys->stat.event[PGPGIN] - in) << 9;
	if (r)
		return r;
	task->rchar += n;
	task->syscr++;
	a->pos += n;
	/* End of file ends a pass. */
	if (!n)
		return again(t, a) && a->op.time_ns ? STEP_MORE : 0;
	return STEP_MORE;
}

int op_write(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t left = a->end - a->pos;
	struct task *task = actor_task(t, a);
	uint32_t n = 0;
	int r;

	if (!left)
		return 0;
	if (a->op.flags & OPX_DIRECT)
		r = op_direct(t, ctx, a, &n);
	else
		r = file_write(t->space->cache, ctx, a->file, a->pos,
			       left < CHUNK ? (uint32_t)left : CHUNK, &n);
	if (r)
		return r;
	task->wchar += n;
	task->syscw++;
	a->pos += n;
	return n ? STEP_MORE : ENOSPC;
}

static void clean_folio(void *arg, pfn_t folio)
{
	struct space *s = arg;

	rmap_clean(s, folio);
}

int op_fsync(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t inode = file_at(t->space->cache, a->file)->inode;

	return file_sync(t->space->cache, ctx, inode, 0, UINT64_MAX, &a->sync,
			 clean_folio, t->space);
}

int op_fadvise(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return file_advise(t->space->cache, ctx, a->file, a->op.advice, 0, 0);
}

/* --- files as such
 * ------------------------------------------------------------ */
/* It was written past the cache, and fsync(2) followed. */
int op_mkfile(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct cache *c = t->space->cache;
	uint32_t inode = inode_find(c, a->op.text);
	int r;

	if (inode)
		unmap_file(t->space, ctx, inode, 0, UINT64_MAX);
	r = name_make(c, ctx, a->op.text, a->op.size, &inode);
	return r ? r : name_commit(c, ctx, inode);
}

/* `mkfiles P DIR N SIZE`: DIR, DIR/f0, DIR/f1 ..., a step each. */
int op_mkfiles(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	char path[128];
	uint32_t inode;
	int r = 0;

	if (!a->loop)
		r = name_make_folder(t->space->cache, ctx, a->op.text);
	if (r || a->loop >= a->op.value)
		return r;
	if ((unsigned)snprintf(path, sizeof(path), "%.100s/f%llu", a->op.text,
			       (unsigned long long)a->loop) >= sizeof(path))
		return ENAMETOOLONG;
	r = name_make(t->space->cache, ctx, path, a->op.size, &inode);
	if (r)
		return r;
	a->loop++;
	return STEP_MORE;
}

int op_rm(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t inode = inode_find(t->space->cache, a->op.text);
	int r;

	if (!inode)
		return ENOENT;
	r = name_free(t->space->cache, ctx, a->op.text);
	if (r)
		return r;
	/* The name goes first: then nobody can open it again. */
	r = inode_unlink(t->space->cache, ctx, inode);
	if (!r)
		task_close_inode(t, ctx, inode);
	return r;
}

int op_sync(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return cache_sync_step(t->space->cache, ctx, &a->sync, clean_folio,
			       t->space);
}

int op_drop(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (a->op.value < 1 || a->op.value > 4)
		return EINVAL;
	if (a->op.value < 4)
		cache_drop(t->space->cache, ctx, (unsigned)a->op.value);
	if (a->op.value & 2)
		thp_shrink_all(t->space, ctx);
	return 0;
}

/* alloc_contig_pages(), of the nodes in turn; none has it: that is all. cursor:
 * the run in which it waits. */
static int make_room(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct phys *p = t->space->phys;
	uint32_t next = t->space->cache->huge[HUGE_1G].next_alloc;
	int r = ENOMEM;

	for (unsigned i = 0; i < p->nr_nodes && r == ENOMEM; i++) {
		unsigned node = (next + i) % p->nr_nodes;

		if (a->op.pid2 == HUGE_ALL_NODES || a->op.pid2 == node)
			r = contig_make_room(t->space, ctx, node,
					     huge_order(HUGE_1G),
					     &a->cursor[0]);
	}
	if (!r)
		return STEP_MORE;
	return r == ENOMEM ? 0 : r;
}

/* value: pages; loops: enum huge_size; pid2: the node, or all. As many as can
 * be had. */
int op_set_hugepages(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct cache *c = t->space->cache;
	uint64_t *nr = &c->huge[a->op.loops].nr, before = *nr;
	int r = hugetlb_resize(c, ctx, (enum huge_size)a->op.loops, a->op.pid2,
			       a->op.value);

	/* Of the largest size there is nothing to reclaim for. */
	if (r == NEED_MEMORY && a->op.loops == HUGE_1G)
		return make_room(t, ctx, a);
	/* Each page is a request of its own. */
	if (r == NEED_MEMORY && *nr != before)
		a->slow.open = 0;
	return r;
}

/* compact_nodes(), compact_node(). pid2: the node, or MAX_NODES: all; cursor:
 * the zone, and whether it has begun. */
int op_compact(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct phys *p = t->space->phys;
	struct compact *c = &a->slow.compact.run;
	uint32_t zone = a->cursor[0], node = zone / MAX_ZONES_PER_NODE;
	int r;

	if (node >= p->nr_nodes)
		return 0;
	if (a->cursor[1]) {
		r = compact_step(t->space, ctx, c);
		if (r)
			return r;
		pcp_drain_zone(p, zone);
	} else if ((a->op.pid2 == MAX_NODES || a->op.pid2 == node) &&
		   p->zones[zone].managed) {
		pcp_drain_all(p);
		compact_all_begin(t->space, zone, c);
		a->cursor[1] = 1;
		return STEP_MORE;
	}
	a->cursor[0]++;
	a->cursor[1] = 0;
	return STEP_MORE;
}

int op_nothing(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	(void)t;
	(void)ctx;
	(void)a;
	return 0;
}
