/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SESSION_H
#define FS_SESSION_H

#include "fs/script.h"
#include "fs/world.h"

/*
 * DOC: a stream of script lines that run in order: an open ctl, a script.
 *
 * Models:  nothing of the kernel.
 * Owns:    lines not yet run, replies not yet read, what it waits for.
 * Units:   ns of simulated time.
 * Order:   one operation at a time, in the order of the lines; sessions
 *          interleave as the driver calls them.
 * Omits:   who drives: the daemon's loop or a headless run calls
 *          machine_run() between session_step() and session_step().
 *
 * Lines that take no time run in one go: only what waits for an operation or
 * for the clock returns to the driver. What is due when a line begins happens
 * first (world_catch_up()). So what happens depends neither on how a script was
 * cut into writes nor on who else looked when.
 *
 * The driver:
 *	r = session_write(&s, text, len);          0 or -errno: answer it
 *	while (session_step(&s) == SESSION_RUNNING)
 *		machine_run(&w->m, s.waits_until, 0, budget);
 * then IDLE: everything ran; FAILED: s.error is the errno of the write.
 * With pace the driver passes the smaller of waits_until and what is due.
 */
#define SESSION_REPLIES (1u << 20)

enum session_state {
	SESSION_IDLE, /* all lines ran */
	SESSION_RUNNING, /* let time pass, see waits_until */
	SESSION_FAILED, /* a line failed: s->error; the rest was dropped */
};

struct session {
	struct world *world;
	struct outbuf replies; /* not yet read: from read_pos on */
	size_t read_pos;
	char *text; /* lines of the present write */
	size_t text_len, text_pos;
	uint32_t line; /* number of the line that runs, from 1 */
	uint32_t line_base; /* of a stream: lines of earlier writes */
	uint32_t failed_line;
	int error; /* positive errno of the failed line */
	struct outbuf why; /* what was wrong, what to do (no errno) */
	/*
	 * What it waits for after SESSION_RUNNING, besides its operation,
	 * whose end stops machine_run() by itself.
	 */
	vtime_t waits_until;
	/* private: */
	bool busy, interrupted;
	size_t line_len; /* bytes of the line at text_pos */
	struct script_line now; /* the line that runs */
	uint32_t pid; /* of its process */
	uint64_t ticket; /* of its operation (sched_watch()), 0 none */
	struct op_result result; /* of its operation, once done */
	uint64_t generation; /* of the machine it was begun on */
	uint64_t journalled; /* ticket of its journal line */
	vtime_t deadline; /* of advance, until, samplewait */
	vtime_t sampled; /* when the samples that began last are all taken */
};

void session_init(struct session *s, struct world *w);
/* Whatever runs is interrupted; its result is dropped. */
void session_fini(struct session *s);

/*
 * Queue the lines of @text; the last one needs no newline. Line numbers
 * start at 1. Return: 0; -ENOBUFS when replies of SESSION_REPLIES bytes wait
 * to be read; -EBUSY while the lines of an earlier write run; -ENOMEM.
 */
int session_write(struct session *s, const char *text, size_t len);
/* Go on as far as one operation: never simulates by itself. */
enum session_state session_step(struct session *s);
/* The writer gave up: the running operation ends at its next step and the
 * write fails with EINTR. Go on calling session_step(). */
void session_interrupt(struct session *s);
/*
 * Step and run the machine until all lines ran, for callers without a loop.
 * Return: 0, the positive errno of the failed line, or a negative host errno.
 */
int session_finish(struct session *s);
/* The same, handing replies to @sink (NULL: dropped) as they come. */
typedef void session_sink(void *arg, const char *text, size_t len);
int session_drive(struct session *s, session_sink *sink, void *arg);

/* Take up to @size bytes of replies. Return: bytes, 0 when none wait. */
size_t session_read(struct session *s, char *buf, size_t size);

#endif
