/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_REPLAY_H
#define TOOLS_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * DOC: logs of real programs, turned into scripts.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   bytes.
 * Order:   as the log has it.
 * Omits:   what the log does not say: strace sees no accesses, lackey no
 *          system calls; time.
 *
 * The log is read twice and must be a file. Return: an exit status.
 */
int replay_strace(FILE *log, const char *name, bool touch);
int replay_lackey(FILE *log, const char *name);

#endif
