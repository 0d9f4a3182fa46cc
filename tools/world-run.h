/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_WORLD_RUN_H
#define TOOLS_WORLD_RUN_H

/*
 * DOC: a world for real programs: namespaces in which the machine's tree
 * stands over /proc and /sys.
 *
 * Models:  nothing of the kernel.
 * Owns:    the private folder below TMPDIR while the world lives.
 * Units:   does not apply.
 * Order:   the real procfs of the new pid namespace first, so that the
 *          daemon finds the callers of its mount there; then the daemon;
 *          then its tree over /proc, the real procfs at /proc/.host.
 * Omits:   puppets: world-puppets.h; system calls: world-calls.h.
 */
#include <stdbool.h>

/* Exit status when the world could not be made, as env(1) and nohup(1). */
#define WORLD_FAILED 125

struct world_run {
	const char *daemon; /* path of fauxproc */
	const char *profile; /* NULL: the default profile */
	const char *script; /* NULL: none */
	const char *options; /* of -o, NULL: none */
	const char *mnt; /* a machine that is mounted; NULL: a private one */
	char *const *command; /* ends with NULL */
};

/*
 * Make the world, run the command in it, take the world down. Return: the
 * exit status: the command's, 128 + its signal, or WORLD_FAILED after a
 * message on standard error.
 */
int world_run(const struct world_run *r);

/* What the host lacks, told on standard error: /dev/fuse, namespaces. True
 * if nothing was found missing. */
bool world_possible(void);

#endif
