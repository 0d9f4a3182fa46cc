/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SCRIPT_H
#define FS_SCRIPT_H

#include "fs/outbuf.h"
#include "vmcore/task/task.h"

/*
 * DOC: one line of the workload script, from words to struct op.
 *
 * Models:  nothing of the kernel; SCRIPT.md is the grammar.
 * Owns:    nothing: a parsed line is plain data.
 * Units:   bytes, ns, millionths for speed.
 * Order:   does not apply: parsing looks at the line alone, names of
 *          processes are resolved when the operation begins.
 * Omits:   running anything (fs/session.h).
 */
#define SCRIPT_LINE_MAX 4095u

/* What a session does itself. The others are operations of the machine. */
enum script_verb {
	VERB_NONE, /* empty line or comment */
	VERB_OP, /* op.code says which */
	VERB_ADVANCE,
	VERB_WAIT,
	VERB_SNAP,
	VERB_SET,
	VERB_STORE,
	VERB_INTERRUPT,
	VERB_SHOW,
	VERB_EXPECT,
	VERB_UNTIL,
	VERB_SPEED,
	VERB_SAVE,
	VERB_LOAD,
	VERB_RESET,
	VERB_SAMPLE,
	VERB_SAMPLEWAIT,
	VERB_RECORDER, /* samplestop, get: the recorder's own, nothing here */
	NR_VERBS
};

struct script_line {
	enum script_verb verb;
	bool async;
	struct op op; /* pid, pid2 still 0 */
	uint32_t op_flags; /* OPF_* of its row */
	const char *word; /* its first word, as in the table; "" unknown */
	/* Names of processes as typed; "" where there is none. */
	char who[COMM_LEN], who2[COMM_LEN];
	char compare[4];
	const char *rest; /* set: value inside the parsed line */
	size_t rest_len;
	uint64_t number; /* speed in millionths, sample's count */
	vtime_t time_ns; /* advance, until max=, sample's period */
	/* set, show, expect, until, save, load, snap; "" where there is none */
	char path[OP_TEXT], field[OP_TEXT], value[OP_TEXT];
};

/*
 * Parse one line (@len bytes, no newline). Return: 0, or the positive errno
 * of the failure with what was wrong and what to do in @why. @ret is filled
 * as far as it was understood either way: word and op_flags name the
 * operation if its first word was one.
 */
int script_parse(const char *line, size_t len, struct script_line *ret,
		 struct outbuf *why);

/* The list of commands with their arguments, one a line. */
void script_help(struct outbuf *out);
/* The word of an operation. */
const char *script_op_word(enum op_code code);

/* SIZE, TIME and whole numbers of the grammar; @len bytes, all of them must
 * belong to it. 0 or EINVAL (ERANGE when it does not fit). */
int script_size(const char *s, size_t len, uint64_t *ret_bytes);
int script_time(const char *s, size_t len, uint64_t *ret_ns);
int script_number(const char *s, size_t len, uint64_t *ret);
/* Decimal with up to six places, in millionths. */
int script_millionths(const char *s, size_t len, uint64_t *ret);
/* May @s name a process (@max 15) or a region (@max 31)? */
bool script_name_ok(const char *s, size_t len, size_t max);
/* PATH of a script made absolute: a leading /mnt dropped, a missing slash
 * added. 0 or ENAMETOOLONG. */
int script_path(const char *s, size_t len, char *ret, size_t room);
/* "ESRCH" of 3; NULL unknown. */
const char *script_errno_name(int error);

#endif
