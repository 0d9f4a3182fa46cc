/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_CALL_ANSWERS_H
#define TOOLS_CALL_ANSWERS_H

#include <stddef.h>

struct sysinfo; /* sys/sysinfo.h */
struct utsname; /* sys/utsname.h */
struct shm_info; /* sys/shm.h, with _GNU_SOURCE */
struct shminfo;
struct shmid_ds;

/*
 * DOC: what memory system calls answer in a world: the files of the tree in
 * their form, or an operation on MNT/ctl.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   bytes in sysinfo (mem_unit 1), pages in shm_info.
 * Order:   does not apply.
 * Omits:   rights of the caller: in a world it is root; clearing the log.
 *
 * Return: what the call returns, or -errno. -ENODATA: the machine cannot be
 * read, the call is the host's.
 */
long answer_sysinfo(const char *mnt, struct sysinfo *info);
/* The host's, with the machine's kernel and kind of CPU. */
long answer_uname(const char *mnt, struct utsname *names);
long answer_shm_info(const char *mnt, struct shm_info *info);
long answer_ipc_info(const char *mnt, struct shminfo *info);
/* The segment with that place in the table (SHM_STAT): its id. */
long answer_shm_stat(const char *mnt, int index, struct shmid_ds *ds);
long answer_sync(const char *mnt);
/* @path is an open file of who calls: -ENODATA if the machine's file system
 * is not the one. */
long answer_syncfs(const char *mnt, const char *path);
/*
 * @path as the caller means it, absolute; @file: the same, to be opened here.
 * What mkswap wrote there says how large the area is; a disk's is its own.
 */
long answer_swapon(const char *mnt, const char *path, const char *file,
		   int flags);
long answer_swapoff(const char *mnt, const char *path);
/* @action as of syslog(2). The log is read, never cleared; all that a machine
 * keeps of it fits in SYSLOG_SIZE. */
#define SYSLOG_SIZE (1u << 20)
long answer_syslog(const char *mnt, int action, char *to, size_t room);

#endif
