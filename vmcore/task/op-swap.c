// SPDX-License-Identifier: Apache-2.0
/* swapon(2) and swapoff(2): mm/swapfile.c. */
#include <errno.h>
#include <string.h>

#include "vmcore/memory/pageout.h"
#include "vmcore/space/pgtable.h"
#include "vmcore/task/sched.h"

#define PRIO_MAX_GIVEN 32767 /* SWAP_FLAG_PRIO_MASK */

/* The file as mkswap would leave it, or the disk. cursor[1]: it is made. */
static int swap_file(struct tasks *t, struct ctx *ctx, struct actor *a,
		     uint32_t *ret_inode)
{
	struct cache *c = t->space->cache;
	uint32_t inode = inode_find(c, a->op.text);
	int r = 0;

	if (inode && swap_area_find(c, inode))
		return EBUSY;
	if (!a->cursor[1] && strncmp(a->op.text, "/dev/", 5)) {
		if (inode)
			unmap_file(t->space, ctx, inode, 0, UINT64_MAX);
		r = inode_make(c, ctx, a->op.text, a->op.size, &inode);
	}
	if (r)
		return r;
	if (!inode)
		return ENOENT;
	a->cursor[1] = 1;
	*ret_inode = inode;
	return 0;
}

static unsigned long long kb(uint64_t pages)
{
	return (unsigned long long)pages << (PAGE_SHIFT - 10);
}

static void log_area(struct tasks *t, uint32_t area)
{
	const struct cache *c = t->space->cache;
	const struct swap_area *s = swap_area_at(&c->swap, area);
	unsigned long long size = kb(swap_area_pages(s));

	klog_add(
		&t->log, t->now, 6,
		"Adding %lluk swap on %s.  Priority:%d extents:1 across:%lluk %s",
		size, inode_at(c, s->inode)->path, s->prio, size,
		s->rotational ? "" : "SS");
}

int op_swapon(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct cache *c = t->space->cache;
	int32_t prio = a->op.flags & OPX_PRIO ? a->op.prio : -1;
	uint64_t pages = a->op.size >> PAGE_SHIFT;
	uint32_t inode, area;
	int r;

	if (a->op.flags & OPX_PRIO && (prio < 0 || prio > PRIO_MAX_GIVEN))
		return EINVAL;
	r = swap_file(t, ctx, a, &inode);
	if (r)
		return r;
	if (!pages)
		pages = inode_at(c, inode)->size >> PAGE_SHIFT;
	r = swap_area_on(c, ctx, inode, pages, prio, &area);
	if (!r)
		log_area(t, area);
	return r;
}

/* cursor[0]: the area, on its way out from here on. */
static int begin_off(struct tasks *t, struct actor *a)
{
	struct cache *c = t->space->cache;
	uint32_t inode = inode_find(c, a->op.text);
	uint32_t area = inode ? swap_area_find(c, inode) : 0;
	uint64_t pages;
	int r;

	if (!inode)
		return ENOENT;
	if (!area || !(c->swap.area[area].flags & SWAP_WRITEOK))
		return EINVAL;
	/* security_vm_enough_memory_mm(): would it all fit without? */
	pages = swap_area_pages(swap_area_at(&c->swap, area));
	r = commit_charge(t->space->control, pages, 0, true);
	if (r)
		return r;
	commit_uncharge(t->space->control, pages);
	swap_off_begin(c, area);
	a->cursor[0] = area;
	return 0;
}

int op_swapoff(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct cache *c = t->space->cache;
	struct swapoff cur = { a->cursor[1], a->cursor[2], a->pos };
	int r = a->cursor[0] ? 0 : begin_off(t, a);
	uint32_t inode;

	if (r)
		return r;
	r = memory_swapoff(t->memory, ctx, a->cursor[0], &cur);
	a->cursor[1] = cur.phase;
	a->cursor[2] = cur.id;
	a->pos = cur.at;
	if (r)
		return r;
	inode = c->swap.area[a->cursor[0]].inode;
	swap_off_end(c, ctx, a->cursor[0]);
	a->cursor[0] = 0;
	/* A swap file was made for this alone. */
	if (inode_at(c, inode)->kind == INODE_DISK)
		inode_unlink(c, ctx, inode);
	return 0;
}

/* All that the process alone maps, an area a step: what MADV_PAGEOUT of its
 * whole address space does. */
int op_swapout(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const uint32_t never = VM_LOCKED | VM_HUGETLB | VM_PFNMAP;
	uint32_t id = vma_find(t->space, actor_task(t, a)->mm, a->pos);
	const struct vma *v;

	if (!id)
		return 0;
	v = vma_at(t->space, id);
	a->pos = v->end;
	if (!(v->flags & never))
		memory_pageout(t->space, ctx, id, v->start, v->end);
	return STEP_MORE;
}
