/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_STRACE_LOG_H
#define TOOLS_STRACE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * DOC: the lines of a log of strace, and what they add up to.
 *
 * Models:  nothing of the kernel.
 * Owns:    processes, their mappings and open files as the log has them.
 * Units:   bytes.
 * Order:   that of the lines.
 * Omits:   signals but those that kill.
 */
#define PAGE   4096u
#define FDS    256u
#define MAPS   4096u
#define PROCS  256u /* at a time */
#define BIRTHS 4096u

typedef unsigned long long ull;

struct map { /* what is mapped where, as the log says */
	uint64_t start, end, base; /* base: the region's first address */
	unsigned region;
};

struct file {
	char path[200];
	uint64_t size; /* the script makes it as long as it was used */
};

struct proc {
	unsigned pid; /* of the log */
	char name[20]; /* in the script */
	uint64_t brk;
	struct map maps[MAPS];
	unsigned nr_maps;
	unsigned fds[FDS]; /* file + 1 */
	uint64_t pos[FDS];
	char head[1100]; /* of a call that another process interrupts */
};

/* Who made whom: a child may show in the log before its parent's call does. */
struct birth {
	unsigned pid, parent;
	bool shares; /* its memory: CLONE_VM */
	bool done;
};

enum pass { PASS_BIRTHS, PASS_SIZES, PASS_PRINT };

struct strace {
	const char *name;
	bool touch;
	enum pass pass;
	bool sizing; /* not the last pass: nothing is printed */
	struct proc *procs[PROCS];
	unsigned nr_procs, made, regions;
	struct birth births[BIRTHS];
	unsigned nr_births;
	unsigned first; /* pid of the program */
	struct file files[1024];
	unsigned nr_files;
};

/* One call: its name, arguments and what it returned. */
struct call {
	struct proc *p;
	char name[24];
	char args[1024];
	uint64_t ret;
	unsigned line;
};

/* The process of the log's @pid, made when it is new: a fork of its parent, if
 * the log tells one. NULL: too many. */
struct proc *strace_proc(struct strace *s, unsigned pid);
/* It ended. */
void strace_gone(struct strace *s, struct proc *p);
/* The @n-th argument, from 0; "" if there is none. Strings may hold commas. */
void strace_word(const struct call *c, unsigned n, char *ret, size_t room);
uint64_t strace_number(const struct call *c, unsigned n);
/* Is @flag among the ones joined by | there? */
bool strace_has(const struct call *c, unsigned n, const char *flag);
/* PROT_* as a script says it. */
const char *strace_prot(const struct call *c, unsigned n);
/* NAME(ARGS) = RET. False: another kind of line, or the call failed. */
bool strace_parse(struct strace *s, const char *line, struct call *c);

#endif
