// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/layout.h"

#include "vmcore/base/rng.h"

#define MIN_GAP (128ull << 20)

#define X86_64_PROGRAM                                                   \
	{                                                                \
		.load = 0x555555554000, .pie = true, .separate = true,   \
		.stack_rnd = 0x3fffff, .brk_rnd = 1u << 18, .libs = {    \
			"/usr/lib/x86_64-linux-gnu/libc.so.6",           \
			"/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" \
		}                                                        \
	}

#define I386_PROGRAM                                                         \
	{                                                                    \
		.load = 0x08048000, .stack_rnd = 0x7ff, .brk_rnd = 1u << 13, \
		.libs = {                                                    \
			"/usr/lib/i386-linux-gnu/libc.so.6",                 \
			"/usr/lib/i386-linux-gnu/ld-linux.so.2"              \
		}                                                            \
	}

static const struct program_row programs[NR_PAGING_KINDS] = {
	[PAGING_4_LEVEL] = X86_64_PROGRAM,
	[PAGING_5_LEVEL] = X86_64_PROGRAM,
	[PAGING_PAE] = I386_PROGRAM,
	[PAGING_2_LEVEL] = I386_PROGRAM,
};

const struct program_row *program_row(enum paging_kind kind)
{
	return &programs[kind];
}

static uint64_t align(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) & PAGE_MASK;
}

/* mmap_base(): the stack may grow to its limit, and start anywhere. */
static uint64_t base(const struct space *s, const struct mm *mm, uint64_t pad,
		     uint64_t rnd)
{
	uint64_t gap = mm->rlimit_stack + STACK_GUARD_GAP + pad;
	uint64_t most = s->paging.window / 6 * 5;

	if (gap < MIN_GAP)
		gap = MIN_GAP;
	if (gap > most)
		gap = most;
	return align(s->paging.window - gap - rnd);
}

struct layout layout_draw(struct space *s, const struct mm *mm)
{
	const struct program_row *row = program_row(s->paging.kind);
	bool random = s->randomize_va_space != 0;
	struct layout l = { .load = row->load,
			    .stack_top = s->paging.window,
			    .separate = row->separate };
	uint64_t bits = 1ull << s->mmap_rnd_bits, rnd = 0, pad = 0;

	if (random) {
		rnd = rng_below(&s->rng, bits) << PAGE_SHIFT;
		pad = row->stack_rnd << PAGE_SHIFT;
		l.stack_top -= rng_below(&s->rng, row->stack_rnd + 1)
			       << PAGE_SHIFT;
	}
	l.mmap_base = s->legacy_va_layout ? s->paging.unmapped_base + rnd
					  : base(s, mm, pad, rnd);
	if (random && row->pie)
		l.load += rng_below(&s->rng, bits) << PAGE_SHIFT;
	if (s->randomize_va_space == 2)
		l.brk = rng_below(&s->rng, row->brk_rnd) << PAGE_SHIFT;
	return l;
}
