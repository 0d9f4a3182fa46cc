/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_EXEC_H
#define VMCORE_EXEC_H

#include "vmcore/task/task.h"

/*
 * DOC: programs.
 *
 * Models:  fs/exec.c, fs/binfmt_elf.c of 6.18: what a new image maps.
 * Owns:    nothing; program and library files are made at first use.
 * Units:   bytes.
 * Order:   layout drawn from the machine's seed.
 * Omits:   ELF itself: sizes are given.
 */
#define EXEC_LIBS 8
struct exec_image {
	char path[128];
	char libs[EXEC_LIBS][128];
	uint32_t nr_libs;
	uint64_t text, data, bss, stack;
};

/* /usr/bin/@name with libc and the loader. */
void exec_defaults(const struct tasks *t, struct exec_image *e,
		   const char *name);
/* Make the files that are not there yet. 0, NEED_*, host errno. */
int exec_files(struct tasks *t, struct ctx *ctx, const struct exec_image *e);
/* The image in an address space of its own; bare machines map nothing. */
int exec_image(struct tasks *t, struct ctx *ctx, uint32_t task,
	       const struct exec_image *e, uint32_t *ret_mm);
/* Both, and @task then runs it; its former address space is the caller's. */
int exec_new(struct tasks *t, struct ctx *ctx, uint32_t task,
	     const struct exec_image *e);
/*
 * One step of a program's start: it runs all of its text, reads its constants,
 * writes its data, bss and heap, and the top of its stack. @a->pos, from 0 on,
 * is how far it is. Return: STEP_MORE, 0, or as memory_access().
 */
int exec_start(struct tasks *t, struct ctx *ctx, struct actor *a);

#endif
