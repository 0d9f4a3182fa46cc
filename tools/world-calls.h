/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_WORLD_CALLS_H
#define TOOLS_WORLD_CALLS_H

#include <sys/types.h>

/*
 * DOC: memory system calls of programs in a world are the machine's:
 * sysinfo, uname, swapon, swapoff, sync, syncfs, syslog, shmctl(SHM_INFO,
 * IPC_INFO, SHM_STAT).
 *
 * Models:  nothing of the kernel.
 * Owns:    a process that answers what a seccomp filter hands to it.
 * Units:   does not apply.
 * Order:   calls that wait for the machine do not hold up others.
 * Omits:   calls of other architectures' programs: they are the host's.
 *
 * Where no filter can be had a preloaded library answers, which statically
 * linked programs and those that do not use libc do not notice.
 * FAUXPROC_CALLS in the environment: seccomp, preload, or host: neither.
 */
struct calls {
	int link; /* to the process that answers */
	pid_t pid;
};

/* Start who answers for the machine at @mnt. It ends with the world. */
void calls_start(struct calls *c, const char *mnt);
/* In the process that becomes the command: from now on calls are answered. */
void calls_enter(const struct calls *c);

#endif
