/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_WORLD_PUPPETS_H
#define TOOLS_WORLD_PUPPETS_H

#include <sys/types.h>

/*
 * DOC: puppets: a sleeping real process for each simulated one, under its pid.
 *
 * Models:  nothing of the kernel.
 * Owns:    the puppets: children of one process, the keeper, whose end is
 *          theirs.
 * Units:   does not apply.
 * Order:   a puppet stands before its process shows (MNT/.puppets).
 * Omits:   signals that end nobody: they are the puppet's alone. pid 1: it is
 *          that of the pid namespace.
 *
 * A signal that ends a puppet kills the process it stands for; what kills
 * the process takes the puppet along. A kernel thread's puppet is stood
 * again, as no signal ends a kernel thread.
 */

/*
 * Start the keeper for the machine at @mnt and wait until a puppet stands for
 * every process. What the end of the world kills is no signal for the machine:
 * @world is a pipe, made by pid 1, whose end to write to closes first. Return:
 * the keeper's pid; -1: none after a message on standard error, the world goes
 * without.
 */
pid_t puppets_keep(const char *mnt, const int world[2]);

#endif
