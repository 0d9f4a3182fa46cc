// SPDX-License-Identifier: Apache-2.0
/* brk(2): the heap grows and shrinks, and its name with it. */
#include "vmcore/task/sched.h"

int actor_brk(struct tasks *t, struct ctx *ctx, struct actor *a, uint64_t brk)
{
	struct mm *mm = mm_at(t->space, actor_task(t, a)->mm);
	uint64_t old = (mm->brk + PAGE_SIZE - 1) & PAGE_MASK;
	uint64_t new = (brk + PAGE_SIZE - 1) & PAGE_MASK;
	uint32_t id;
	int r = memory_brk(t->memory, ctx, actor_task(t, a)->mm, brk);

	if (r)
		return r;
	a->pos = old;
	a->end = new;
	if (new > old)
		return region_extend(t, actor_task(t, a)->mm, "heap",
				     mm->start_brk, old, new);
	r = region_clip(t, actor_task(t, a)->mm, new, old);
	id = region_find(t, actor_task(t, a)->mm, "heap");
	if (!r && id)
		region_at(t, id)->bytes = new - mm->start_brk;
	return r;
}

int op_brk(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct mm *mm = mm_at(t->space, actor_task(t, a)->mm);
	int r;

	if (!a->cursor[0]) {
		/* two's complement */
		r = actor_brk(t, ctx, a, mm->brk + a->op.size);
		if (r)
			return r;
		a->cursor[0] = 1;
		a->ret[0] = mm->start_brk;
		a->ret[1] = mm->brk;
		return STEP_MORE;
	}
	if (!(mm->def_flags & VM_LOCKED) || (mm->def_flags & VM_LOCKONFAULT) ||
	    a->end <= a->pos)
		return 0;
	return actor_populate(t, ctx, a, 0, false);
}
