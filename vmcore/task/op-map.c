// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "vmcore/cache/device.h"
#include "vmcore/task/sched.h"

static struct mm *mm_of(const struct tasks *t, const struct actor *a)
{
	return mm_at(t->space, actor_task(t, a)->mm);
}

static uint32_t mm_id(const struct tasks *t, const struct actor *a)
{
	return actor_task(t, a)->mm;
}

/*
 * [pos, end) of the operation: a region with OFF LEN, or an address. The
 * stack's offsets count down from its top.
 */
int op_range_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct op *op = &a->op;
	const struct region *r;
	uint32_t id;

	(void)ctx;
	if (op->flags & OPX_ADDR) {
		a->pos = op->addr;
		a->end = op->addr + PAGE_SIZE;
		if (op->flags & OPX_RANGE) {
			a->pos += op->off;
			a->end = a->pos + op->len;
		}
		return 0;
	}
	id = region_find(t, mm_id(t, a), op->region);
	if (!id)
		return EINVAL;
	r = region_at(t, id);
	a->pos = r->base;
	a->end = r->base + r->bytes;
	if (op->flags & OPX_RANGE) {
		if (!strcmp(op->region, "stack"))
			a->pos = a->end - op->off - op->len;
		else
			a->pos = r->base + op->off;
		a->end = a->pos + op->len;
	}
	return 0;
}

/* --- mmap ---------------------------------------------------------------- */
static int fixed_address(struct tasks *t, struct actor *a, uint64_t *ret_addr)
{
	uint32_t id = region_find(t, mm_id(t, a), a->op.region2);

	if (!id)
		return EINVAL;
	*ret_addr = region_at(t, id)->base + a->op.off;
	return 0;
}

int op_mmap_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (a->op.flags & OPX_DEV)
		return device_open(t->space->cache, ctx, &a->file);
	if (!(a->op.flags & OPX_FILE))
		return 0;
	return actor_open(t, ctx, a);
}

static const uint32_t map_options[][2] = {
	{ OPX_SHARED, MAP_SHARED },
	{ OPX_NORESERVE, MAP_NORESERVE },
	{ OPX_LOCKED, MAP_LOCKED },
	{ OPX_HUGETLB, MAP_HUGETLB },
};

static int do_mmap(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	const struct op *op = &a->op;
	struct mmap_args args = {
		.len = op->size,
		.prot = op->prot,
		.file = a->file,
		.pgoff = op->value >> PAGE_SHIFT,
	};
	uint64_t start, unit = PAGE_SIZE;
	int r = 0;

	if (op->value & (PAGE_SIZE - 1) ||
	    !huge_of_bytes(t->space->phys, op->len, &args.huge))
		return EINVAL;
	for (size_t i = 0; i < sizeof(map_options) / sizeof(*map_options); i++)
		if (op->flags & map_options[i][0])
			args.flags |= map_options[i][1];
	if (op->flags & OPX_HUGETLB)
		unit <<= huge_order((enum huge_size)args.huge);
	if (op->flags & OPX_DEV)
		args.prot |= device_flags(op_device_way(op));
	if (op->flags & OPX_FIXED) {
		args.flags |= MAP_FIXED;
		r = fixed_address(t, a, &args.addr);
	} else if (op->flags & OPX_ADDR) {
		args.addr = op->addr;
	}
	if (!r)
		r = memory_mmap(t->memory, ctx, mm_id(t, a), &args, &start);
	if (r)
		return r;
	a->ret[0] = a->pos = start;
	a->ret[1] = a->end = start + ((op->size + unit - 1) & ~(unit - 1));
	r = region_set(t, mm_id(t, a), op->region, start, a->end);
	a->cursor[0] = 1;
	return r;
}

int actor_populate(struct tasks *t, struct ctx *ctx, struct actor *a, int write,
		   bool strict)
{
	struct fault_result f;
	int r = memory_populate(t->memory, ctx, mm_id(t, a), &a->pos, a->end,
				write, &f);

	if (r == STEP_MORE) {
		/* Every wait of MADV_POPULATE makes its fault major. */
		a->tried = write && a->tried ? TRIED_MAJOR : 0;
		actor_fault(t, a, &f);
		return r;
	}
	if (r == FAULT_SIGSEGV || r == FAULT_SIGBUS)
		r = EFAULT;
	if (r == ENOMEM || r == EACCES || r == EFAULT)
		return strict ? r : STEP_MORE;
	return r;
}

/* Is what it mapped to have its pages at once? */
static bool populates(const struct tasks *t, const struct actor *a)
{
	const struct vma *v;
	uint32_t id;

	if (a->op.flags & OPX_POPULATE)
		return true;
	/* Only then can it be locked. */
	if (!mm_of(t, a)->locked_vm)
		return false;
	id = vma_find(t->space, mm_id(t, a), a->ret[0]);
	v = id ? vma_at(t->space, id) : NULL;
	return v && v->flags & VM_LOCKED && !(v->flags & VM_LOCKONFAULT);
}

int op_mmap(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r = 0;

	if (!a->cursor[0]) {
		if (a->op.flags & OPX_DEV)
			r = op_device_fill(t, ctx, a);
		if (!r)
			r = do_mmap(t, ctx, a);
		/* What comes next is a step of its own, if anything does. */
		if (!r && (a->op.flags & OPX_DEV || populates(t, a)))
			r = STEP_MORE;
		return r;
	}
	r = op_device_remap(t, ctx, a);
	if (r || !populates(t, a))
		return r;
	return actor_populate(t, ctx, a, 0, false);
}

int op_munmap(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r = memory_munmap(t->memory, ctx, mm_id(t, a), a->pos,
			      a->end - a->pos);

	if (!r)
		r = region_clip(t, mm_id(t, a), a->pos, a->end);
	if (!r)
		shm_reap(t, ctx);
	return r;
}

int op_mprotect(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return memory_mprotect(t->memory, ctx, mm_id(t, a), a->pos,
			       a->end - a->pos, a->op.prot);
}

int op_mremap(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t bytes = (a->op.size + PAGE_SIZE - 1) & PAGE_MASK, start;
	uint32_t region = region_find(t, mm_id(t, a), a->op.region);
	int r;

	if (!a->cursor[0]) {
		if (!region)
			return EINVAL;
		a->pos = region_at(t, region)->base;
		a->end = a->pos + region_at(t, region)->bytes;
		r = memory_mremap(t->memory, ctx, mm_id(t, a), a->pos,
				  a->end - a->pos, bytes, &start);
		if (r)
			return r;
		a->cursor[0] = 1;
		a->ret[0] = start;
		a->ret[1] = start + bytes;
		r = region_move(t, mm_id(t, a), region, start, bytes);
		a->pos = start + (a->end - a->pos);
		a->end = start + bytes;
		return r ? r : STEP_MORE;
	}
	if (a->pos >= a->end ||
	    !(vma_at(t->space, vma_find(t->space, mm_id(t, a), a->ret[0]))
		      ->flags &
	      VM_LOCKED))
		return 0;
	return actor_populate(t, ctx, a, 0, false);
}

/* --- advice and locks ---------------------------------------------------- */
/* What the VMA forbids is EINVAL here (faultin_page_range()). */
static int madvise_populate(struct tasks *t, struct ctx *ctx, struct actor *a,
			    int write)
{
	int r = actor_populate(t, ctx, a, write, true);

	return r == EACCES ? EINVAL : r;
}

int op_madvise(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	if (a->op.advice == MADV_POPULATE_READ)
		return madvise_populate(t, ctx, a, 1);
	if (a->op.advice == MADV_POPULATE_WRITE)
		return madvise_populate(t, ctx, a, 2);
	if (a->op.advice == MADV_COLLAPSE)
		return memory_collapse(t->memory, ctx, mm_id(t, a), &a->pos,
				       a->end, &a->cursor[0]);
	return memory_madvise(t->memory, ctx, mm_id(t, a), a->pos,
			      a->end - a->pos, a->op.advice);
}

int op_mlock(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r;

	if (a->cursor[0]) {
		r = actor_populate(t, ctx, a, 0, true);
		/* __mlock_posix_error_return() */
		if (r == EACCES || r == EFAULT)
			return ENOMEM;
		return r == ENOMEM ? EAGAIN : r;
	}
	r = memory_mlock(t->memory, ctx, mm_id(t, a), a->pos, a->end - a->pos,
			 true, false);
	if (r)
		return r;
	a->cursor[0] = 1;
	return STEP_MORE;
}

int op_munlock(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return memory_mlock(t->memory, ctx, mm_id(t, a), a->pos,
			    a->end - a->pos, false, false);
}

int op_mlockall(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	bool current = a->op.flags & OPX_CURRENT;
	bool onfault = a->op.flags & OPX_ONFAULT;

	if (!a->cursor[0]) {
		int r = memory_mlockall(t->memory, ctx, mm_id(t, a), current,
					a->op.flags & OPX_FUTURE, onfault);

		if (r || !current || onfault)
			return r;
		a->cursor[0] = 1;
		a->pos = 0;
		a->end = t->space->paging.task_size;
		return STEP_MORE;
	}
	return actor_populate(t, ctx, a, 0, false);
}

int op_munlockall(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return memory_munlockall(t->memory, ctx, mm_id(t, a));
}

int op_msync(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	return memory_msync(t->memory, ctx, mm_id(t, a), &a->pos, a->end,
			    &a->sync);
}

/* MADV_DONTNEED on every second page, a step each. */
int op_freealt(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	int r;

	if (a->pos >= a->end)
		return 0;
	r = memory_madvise(t->memory, ctx, mm_id(t, a), a->pos, PAGE_SIZE,
			   MADV_DONTNEED);
	if (r)
		return r;
	a->pos += 2 * PAGE_SIZE;
	return STEP_MORE;
}

/* --- touching ------------------------------------------------------------- */
/* value=N fills a page with a word that is a function of N; N = 0 gives a
 * page of zeroes. Equal ids stand for equal bytes. */
static uint32_t content_of(uint64_t n)
{
	uint64_t h = n * 0x9e3779b97f4a7c15u;

	return n ? (uint32_t)(h >> 34) | 1u : 0;
}

static uint32_t touch_flags(uint32_t kind)
{
	return kind == TOUCH_WRITE  ? FAULT_FLAG_WRITE
	       : kind == TOUCH_EXEC ? FAULT_FLAG_EXEC
				    : 0;
}

#define HITS 64u /* accesses without a fault that make a step */
#define RUN  512u /* pages of a run of faults alike */

/* What a write leaves in the page. */
static uint32_t touch_content(const struct actor *a)
{
	if (a->op.flags & OPX_SEQ)
		return content_of(a->op.value + a->loop);
	return a->op.flags & OPX_VALUE ? content_of(a->op.value) : CONTENT_OWN;
}

/* One access of the range, by its number a->loop. */
static int touch_one(struct tasks *t, struct ctx *ctx, struct actor *a,
		     uint64_t at, struct fault_result *f)
{
	int r = memory_access(t->memory, ctx, mm_id(t, a), at,
			      touch_flags(a->op.advice) | actor_tried(a),
			      touch_content(a), f);

	if (r)
		return r;
	actor_fault(t, a, f);
	a->tried = 0;
	ctx->user_ns += ACCESS_NS;
	a->loop++;
	return 0;
}

/* The range was gone through: once more? */
static int touch_again(struct tasks *t, struct actor *a)
{
	bool left = a->op.flags & OPX_FOR ? t->now - a->began < a->op.time_ns &&
						    a->end > a->pos
					  : a->cursor[3] + 1 < a->op.loops;

	a->loop = 0;
	a->cursor[3]++;
	return left ? STEP_MORE : 0;
}

/* Until when nobody else can run, nor have a claim to this CPU. */
static vtime_t alone_until(const struct tasks *t, const struct ctx *ctx,
			   const struct actor *a)
{
	vtime_t turn = sched_turn_end(&t->cpus[ctx->cpu], a);

	return turn < t->alone_until ? turn : t->alone_until;
}

/*
 * After a fault time has passed, so that only what nobody else can notice, or
 * be in the way of, may follow within the step: the pages behind it, as far as
 * their faults are like it.
 */
static bool touch_run(struct tasks *t, struct ctx *ctx, struct actor *a,
		      const struct fault_result *f, uint64_t stride)
{
	const struct op *op = &a->op;
	uint64_t at = a->pos + a->loop * stride, left = a->end - at;
	struct touch_run run = {
		.max = 1,
		.write = op->advice == TOUCH_WRITE,
		.content = touch_content(a),
		.user_ns = ACCESS_NS,
		.until = alone_until(t, ctx, a),
	};
	unsigned n;

	if (ctx->slow || ctx->over_high || f->major || f->restarted ||
	    op->advice == TOUCH_EXEC)
		return false;
	if (stride == PAGE_SIZE && !(op->flags & OPX_SEQ))
		run.max = left < RUN << PAGE_SHIFT
				  ? (unsigned)((left - 1) >> PAGE_SHIFT) + 1
				  : RUN;
	n = memory_touch_run(t->memory, ctx, mm_id(t, a), at, &run);
	a->loop += n;
	a->minflt += n;
	actor_task(t, a)->minflt += n;
	return n > 0;
}

int op_touch(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint64_t stride = a->op.stride ? a->op.stride : PAGE_SIZE;
	struct fault_result f = { false, false, false };

	for (unsigned n = 0; n < HITS; n++) {
		uint64_t at = a->pos + a->loop * stride;
		int r;

		if (at >= a->end)
			return touch_again(t, a);
		if (f.faulted) {
			if (!touch_run(t, ctx, a, &f, stride))
				break;
			continue;
		}
		r = touch_one(t, ctx, a, at, &f);
		/* What was done stands: a->loop counts it. */
		if (r)
			return r;
	}
	return STEP_MORE;
}

/* The stack pointer goes down, touching on the way. */
int op_stack_begin(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	uint32_t id = region_find(t, mm_id(t, a), "stack");
	uint64_t top = mm_of(t, a)->start_stack;

	(void)ctx;
	if (!id && mm_of(t, a)->bare)
		return EINVAL;
	a->end = top & PAGE_MASK;
	a->pos = a->end > a->op.size ? (a->end - a->op.size) & PAGE_MASK : 0;
	return 0;
}

int op_stack(struct tasks *t, struct ctx *ctx, struct actor *a)
{
	struct fault_result f;
	int r;

	if (a->end <= a->pos)
		return 0;
	r = memory_access(t->memory, ctx, mm_id(t, a), a->end - PAGE_SIZE,
			  FAULT_FLAG_WRITE | actor_tried(a), CONTENT_OWN, &f);
	if (r)
		return r;
	actor_fault(t, a, &f);
	ctx->user_ns += 2;
	a->end -= PAGE_SIZE;
	return STEP_MORE;
}
