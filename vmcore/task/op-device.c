// SPDX-License-Identifier: Apache-2.0
/* mmap of /dev/mapdrv: the driver's mmap(), in steps. */
#include "vmcore/cache/device.h"
#include "vmcore/memory/memory.h"
#include "vmcore/task/sched.h"

#include <errno.h>

#define BATCH 64u /* pages a step */

enum device_way op_device_way(const struct op *op)
{
	if (op->flags & OPX_PFN)
		return DEVICE_PFN;
	return op->flags & OPX_REMAP ? DEVICE_REMAP : DEVICE_FAULT;
}

/* Its buffer is as long as what is asked for. */
int op_device_fill(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct op *op = &a->op;
	uint64_t pages = (op->size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	/* It maps page by page what is_cow_mapping() wants in one go
	 * (remap_pfn_range()). */
	if (op->flags & OPX_PFN && !(op->flags & OPX_SHARED) && pages > 1)
		return EINVAL;
	return device_fill(t->space->cache, ctx, a->file,
			   pages + (op->value >> PAGE_SHIFT), BATCH);
}

/* [a->pos, a->end) at once. 0 when all is mapped. */
int op_device_remap(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (!(a->op.flags & (OPX_REMAP | OPX_PFN)) || a->cursor[1])
		return 0;
	int r = memory_remap(t->memory, ctx, actor_task(t, a)->mm, &a->pos,
			     a->end);

	if (r)
		return r;
	a->pos = a->ret[0];
	a->cursor[1] = 1;
	return 0;
}
