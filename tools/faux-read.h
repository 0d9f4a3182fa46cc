/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_FAUX_READ_H
#define TOOLS_FAUX_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * DOC: a mounted machine's files, read as any monitor reads them.
 *
 * Models:  nothing of the kernel.
 * Owns:    the text of one file at a time.
 * Units:   as the file has them.
 * Order:   does not apply.
 * Omits:   ctl: what only looks needs no operation.
 */

/* The machine, and who asks: "faux top", for messages. */
struct reader {
	const char *mnt;
	const char *command;
	char *text; /* of the last file read, ended by NUL */
	size_t size;
};

/*
 * Read a file below mnt (its name as printf makes it) into r->text. 0 or
 * -errno; reader_need() says on standard error why not.
 */
int reader_get(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int reader_need(struct reader *r, const char *path);
void reader_fini(struct reader *r);

/* Write to a file below mnt. 0, or -errno after a message. */
int reader_put(const struct reader *r, const char *path, uint64_t value);

/* Number behind NAME or NAME: at the start of a line; 0 where there is none. */
uint64_t text_number(const char *text, const char *name);
/* The next line after @line, NULL at the end. */
const char *text_next(const char *line);

/* The pids of proc/, ascending; free() it. 0 or -errno. */
int reader_pids(const struct reader *r, unsigned **ret_pids, size_t *ret_nr);
/* A process's comm; "" if it is gone. */
void reader_comm(struct reader *r, unsigned pid, char comm[16]);
/* Its user as a name: root, or the number. (The host's users are not its.) */
void reader_user(struct reader *r, unsigned pid, char user[12]);

/* A whole number of at least 1: an interval, a count, a pid. */
bool parse_positive(const char *word, unsigned *ret);
/* HH:MM:SS of the wall. */
void wall_time(char buf[9]);

/* [INTERVAL [COUNT]] as argv[from...]; False: not that. Count 0: for ever. */
struct pace {
	unsigned interval;
	unsigned count;
};
bool pace_parse(struct pace *p, int argc, char **argv, int from);

#endif
