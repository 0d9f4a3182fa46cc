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
 * Omits:   unfinished and resumed calls: they are no whole line.
 */
#define PAGE  4096u
#define FDS   256u
#define MAPS  4096u
#define PROCS 256u

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
	bool gone;
};

struct strace {
	const char *name;
	bool touch;
	bool sizing; /* the first pass: only how long files are */
	struct proc *procs[PROCS];
	unsigned nr_procs, regions;
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

/* The process of the log's @pid, made when it is new. NULL: too many. */
struct proc *strace_proc(struct strace *s, unsigned pid);
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
