/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_FAUX_WORLD_H
#define TOOLS_FAUX_WORLD_H

#include "fs/profile.h"
#include "fs/session.h"

#include <stdio.h>

/*
 * DOC: a machine inside of a command, without any mount.
 *
 * Models:  nothing of the kernel.
 * Owns:    the profile, the world, one session.
 * Units:   does not apply.
 * Order:   does not apply.
 * Omits:   pace: the clock runs as fast as the host can.
 *
 * Messages go to standard error after the name of the command.
 */
struct alone {
	const char *command; /* "faux sim" */
	const char *profile; /* file, NULL: laptop.ini */
	const char **set; /* of --set; room for one per argument */
	unsigned nr_set;
	struct profile p;
	struct world w;
};

/* For a command with @argc arguments; NULL after a message. */
struct alone *alone_new(const char *command, int argc);
void alone_free(struct alone *a);

/* Read and check the profile. 0 or an exit status. */
int alone_load(struct alone *a);
/* alone_load(), then boot. 0 or an exit status; end with alone_fini(). */
int alone_boot(struct alone *a);
void alone_fini(struct alone *a);

/*
 * Run a script file to its end or its first failure; "-": standard input,
 * line by line, where a failure does not end it. Replies go to @out, NULL:
 * nowhere. 0 or an exit status.
 */
int alone_script(struct alone *a, const char *path, FILE *out);

#endif
