/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_LAYOUT_H
#define VMCORE_LAYOUT_H

#include "vmcore/space/space.h"

/*
 * DOC: where things lie in a new program's address space.
 *
 * Models:  arch/x86/mm/mmap.c, fs/binfmt_elf.c, arch_randomize_brk() of 6.18.
 * Owns:    nothing.
 * Units:   bytes.
 * Order:   drawn from the machine's seed.
 * Omits:   personalities, an unlimited stack.
 */
struct layout {
	uint64_t load, stack_top, mmap_base;
	uint64_t brk; /* between the end of bss and the heap */
	bool separate; /* text has no headers in it: a page before it has */
};

/* What the linker and the distribution do for a machine of @kind. */
struct program_row {
	uint64_t load; /* first address, of a PIE its lowest */
	bool pie; /* moved at random */
	bool separate; /* -z separate-code */
	uint64_t stack_rnd; /* pages less one that the stack may move */
	uint64_t brk_rnd; /* pages that the heap may */
	const char *libs[2]; /* libc, the loader */
};
const struct program_row *program_row(enum paging_kind kind);

/* Draw the layout of a program with the limits of @mm. */
struct layout layout_draw(struct space *s, const struct mm *mm);

#endif
