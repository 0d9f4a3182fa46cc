// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmcore/task/sched.h"

static struct shm *shm_at(const struct tasks *t, uint32_t id)
{
	return pool_at(&t->shms, id);
}

static uint32_t shm_find(const struct tasks *t, const char *key)
{
	uint32_t id = t->shm_first;

	while (id &&
	       (shm_at(t, id)->removed || strcmp(shm_at(t, id)->key, key)))
		id = shm_at(t, id)->next;
	return id;
}

static void shm_destroy(struct tasks *t, struct ctx *ctx, uint32_t id)
{
	uint32_t *link = &t->shm_first;

	while (*link != id)
		link = &shm_at(t, *link)->next;
	*link = shm_at(t, id)->next;
	file_put(t->space->cache, ctx, shm_at(t, id)->file);
	pool_free(&t->shms, id);
}

/* hugetlb_file_setup() of newseg(): its pages are reserved at once. */
static int huge_segment(struct tasks *t, struct ctx *ctx, const struct op *op,
			const char *path, uint32_t *ret_inode)
{
	struct cache *c = t->space->cache;
	uint64_t unit = PAGE_SIZE;
	uint32_t size;
	int r;

	if (!huge_of_bytes(t->space->phys, op->len, &size))
		return EINVAL;
	unit <<= huge_order((enum huge_size)size);
	r = hugetlb_new(c, ctx, path, (op->size + unit - 1) & ~(unit - 1),
			(enum huge_size)size, true, ret_inode);
	if (r)
		return r;
	inode_at(c, *ret_inode)->flags |= INODE_SYSV;
	r = hugetlb_reserve(c, ctx, *ret_inode);
	if (r)
		inode_unlink(c, ctx, *ret_inode);
	return r;
}

/* The segment itself: an unlinked file of shared memory. */
static int shm_new(struct tasks *t, struct ctx *ctx, struct actor *a,
		   uint32_t *ret_id)
{
	struct cache *c = t->space->cache;
	uint64_t bytes = (a->op.size + PAGE_SIZE - 1) & PAGE_MASK;
	uint32_t id, inode, *link = &t->shm_first;
	char path[32];
	struct shm *s;
	int r = pool_new(&t->shms, &id);

	if (r)
		return r;
	snprintf(path, sizeof(path), "/SYSV%08x", 0x0f000000u + t->next_shmid);
	r = a->op.flags & OPX_HUGETLB
		    ? huge_segment(t, ctx, &a->op, path, &inode)
		    : shmem_new(c, ctx, path, bytes, INODE_SYSV, true, &inode);
	if (!r) {
		r = file_open(c, ctx, inode, &shm_at(t, id)->file);
		inode_unlink(c, ctx, inode);
	}
	if (r) {
		pool_free(&t->shms, id);
		return r;
	}
	s = shm_at(t, id);
	s->inode = inode;
	s->size = a->op.size;
	s->id = t->next_shmid++;
	s->cpid = actor_task(t, a)->pid;
	s->uid = actor_task(t, a)->uid;
	s->ctime = t->now;
	snprintf(s->key, REGION_LEN, "%.31s", a->op.text);
	while (*link)
		link = &shm_at(t, *link)->next;
	*link = id;
	*ret_id = id;
	return 0;
}

int op_shmget(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = shm_find(t, a->op.text);
	int r;

	if (id) {
		if (a->op.size > shm_at(t, id)->size)
			return EINVAL;
	} else {
		if (!a->op.size || a->op.size > t->shmmax)
			return EINVAL;
		r = shm_new(t, ctx, a, &id);
		if (r)
			return r;
	}
	a->ret[0] = shm_at(t, id)->id;
	return 0;
}

int op_shmat(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = shm_find(t, a->op.text), mm = actor_task(t, a)->mm;
	struct mmap_args args = { .prot = VM_READ | VM_WRITE,
				  .flags = MAP_SHARED };
	const struct inode *inode;
	uint64_t start, bytes;
	int r;

	if (!id)
		return EINVAL;
	bytes = (shm_at(t, id)->size + PAGE_SIZE - 1) & PAGE_MASK;
	inode = inode_at(t->space->cache, shm_at(t, id)->inode);
	if (inode->kind == INODE_HUGETLB) {
		args.flags |= MAP_HUGETLB;
		args.huge = inode->huge_size;
		bytes = inode->size;
	}
	args.file = shm_at(t, id)->file;
	args.len = bytes;
	r = memory_mmap(t->memory, ctx, mm, &args, &start);
	if (!r)
		r = region_set(t, mm, a->op.region, start, start + bytes);
	if (r)
		return r;
	shm_at(t, id)->lpid = actor_task(t, a)->pid;
	shm_at(t, id)->atime = t->now;
	a->ret[0] = start;
	a->ret[1] = start + bytes;
	return 0;
}

/* Attachments are VMAs: counted, not kept. */
uint32_t shm_attached(const struct tasks *t, uint32_t id)
{
	const struct shm *s = shm_at(t, id);

	return file_at(t->space->cache, s->file)->refs - 1;
}

void shm_reap(struct tasks *t, struct ctx *ctx)
{
	uint32_t id = t->shm_first, next;

	for (; id; id = next) {
		next = shm_at(t, id)->next;
		if ((shm_at(t, id)->removed || t->shm_rmid_forced) &&
		    !shm_attached(t, id))
			shm_destroy(t, ctx, id);
	}
}

/* Is what is left of the region an attached segment (ksys_shmdt())? */
static bool attached(const struct tasks *t, const struct actor *a)
{
	const struct cache *c = t->space->cache;
	uint32_t id = vma_find(t->space, actor_task(t, a)->mm, a->pos);
	const struct vma *v = id ? vma_at(t->space, id) : NULL;

	return v && v->start < a->end && v->file &&
	       (v->start - a->pos) >> PAGE_SHIFT == v->pgoff &&
	       inode_at(c, file_at(c, v->file)->inode)->flags & INODE_SYSV;
}

int op_shmdt(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r = attached(t, a) ? op_munmap(t, ctx, a) : EINVAL;

	return r;
}

int op_shmrm(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = shm_find(t, a->op.text);

	if (!id)
		return EINVAL;
	shm_at(t, id)->removed = 1;
	shm_reap(t, ctx);
	return 0;
}
