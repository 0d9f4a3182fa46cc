/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SESSION_INNER_H
#define FS_SESSION_INNER_H

#include "fs/session.h"

/*
 * DOC: shared by the files of a session alone.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   ns.
 * Order:   begin, then poll until the line is done.
 * Omits:   everything outside of one session.
 *
 * begin and poll answer 0: done, its reply is printed; LINE_RUNS: time must
 * pass; a positive errno: it failed, told in s->why; a negative host errno.
 */
#define LINE_RUNS 65536

/* What was wrong, what to do. Return: @error. */
int session_bad(struct session *s, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A reply of one line. */
void session_say(struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The line of an operation, in session-reply.c. */
void reply_op(struct session *s);
/* What follows it: faults, the signal that killed. */
void reply_faults(struct session *s);
/* Why an operation failed with @error. */
void explain_op(struct session *s, int error);

/* Operations, in session-op.c. */
int op_begin(struct session *s);
int op_poll(struct session *s);
/* It ends at its next step. */
void op_interrupt(struct session *s);
/* It is on its own from now on. */
void op_abandon(struct session *s);

/* The session's own commands, in session-verbs.c. */
int verb_begin(struct session *s);
int verb_poll(struct session *s);

/* The pid that @who, a name or a number, stands for; 0: nobody lives. */
uint32_t session_pid(const struct session *s, const char *who);
/* The text of the line that runs, without comment and blanks around it. */
const char *session_text(const struct session *s, size_t *ret_len);

#endif
