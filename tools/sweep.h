/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SWEEP_H
#define TOOLS_SWEEP_H

#include "fs/outbuf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * DOC: one script on many machines: a line for each combination of settings.
 *
 * Models:  nothing of the kernel.
 * Owns:    the lists of what varies and of what is printed.
 * Units:   runs.
 * Order:   lines come in the order of the combinations, the last --set varies
 *          fastest, whichever run ends first.
 * Omits:   more than one host: sweep_list() prints the runs as commands.
 *
 * Each run is a process of its own: nothing is shared, one that dies leaves
 * the others alone.
 */
#define SWEEP_AXES   32u
#define SWEEP_PRINTS 64u

enum sweep_format { SWEEP_TEXT, SWEEP_CSV, SWEEP_JSON };

/* KEY=V1,V2,...; `\,` is a comma of a value, keys that take lists have one. */
struct sweep_axis {
	char *key; /* as typed */
	char **values; /* KEY=V1, KEY=V2 ... */
	unsigned nr;
};

/* PATH, 'PATH FIELD', PATH:FIELD, or the FIELD of a file that has it. */
struct sweep_print {
	const char *name; /* as typed: the column */
	char *path; /* NULL: search */
	const char *field; /* NULL: the whole file */
};

struct sweep {
	const char *profile;
	char **scripts;
	unsigned nr_scripts;
	struct sweep_axis axes[SWEEP_AXES];
	unsigned nr_axes;
	struct sweep_print prints[SWEEP_PRINTS];
	unsigned nr_prints;
	enum sweep_format format;
	bool no_header;
	unsigned jobs; /* at a time; 0: one a CPU */
};

/* False after a message: more than fits, or no memory. */
bool sweep_add_set(struct sweep *s, const char *assignment);
bool sweep_add_print(struct sweep *s, const char *what);
void sweep_fini(struct sweep *s);

/* How many machines, how many runs of a script. */
uint64_t sweep_settings(const struct sweep *s);
uint64_t sweep_runs(const struct sweep *s);
/* Run them all, print their lines. An exit status. */
int sweep_run(const struct sweep *s);
/* Print a command for each run. An exit status. */
int sweep_list(const struct sweep *s);

/* --- between tools/sweep*.c --- */
const char *sweep_script(const struct sweep *s, uint64_t run);
const char *sweep_assignment(const struct sweep *s, uint64_t run,
			     unsigned axis);
const char *sweep_value(const struct sweep *s, uint64_t run, unsigned axis);
/*
 * Boot, run the script, look: `ok` or what was wrong, then what is to be
 * printed, each ended by a NUL. 0, or 1 if the run failed.
 */
int sweep_one(const struct sweep *s, uint64_t run, FILE *out);
/* How many columns sweep_one() fills. */
unsigned sweep_columns(const struct sweep *s);

/* The line that names the columns; nothing for JSON. */
void sweep_header(const struct sweep *s, struct outbuf *out);
/* The line of a run, from what sweep_one() wrote (@len bytes). */
void sweep_line(const struct sweep *s, uint64_t run, const char *fields,
		size_t len, struct outbuf *out);

#endif
