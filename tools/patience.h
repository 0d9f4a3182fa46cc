/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_PATIENCE_H
#define TOOLS_PATIENCE_H

#include <pthread.h>
#include <stdbool.h>

/*
 * DOC: a line on the terminal while an operation takes its time.
 *
 * Models:  nothing of the kernel.
 * Owns:    a thread, from begin to end. Not a timer: a signal would end the
 *          write that is waited for.
 * Units:   seconds of the wall's clock, of the machine's.
 * Order:   does not apply.
 * Omits:   how much is left: nobody knows.
 */
struct patience {
	const char *mnt, *command;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool runs, done;
};

/* From the second second on, if standard error is a terminal. */
void patience_begin(struct patience *p, const char *mnt, const char *command);
/* The line is gone when this returns. */
void patience_end(struct patience *p);

#endif
