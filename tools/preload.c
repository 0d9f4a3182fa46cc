// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded where no seccomp filter can be had: the functions of libc behind
 * which the calls of world-calls.h are. $FAUXPROC_MNT names the machine.
 */
#define _GNU_SOURCE /* RTLD_NEXT, struct shm_info */
#include "tools/call-answers.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/shm.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *machine(void)
{
	const char *mnt = getenv("FAUXPROC_MNT");

	return mnt ? mnt : "";
}

static int result(long r)
{
	if (r >= 0)
		return (int)r;
	errno = (int)-r;
	return -1;
}

int sysinfo(struct sysinfo *info)
{
	long r = answer_sysinfo(machine(), info);

	return r == -ENODATA ? (int)syscall(SYS_sysinfo, info) : result(r);
}

int uname(struct utsname *names)
{
	long r = answer_uname(machine(), names);

	return r == -ENODATA ? (int)syscall(SYS_uname, names) : result(r);
}

int shmctl(int id, int command, struct shmid_ds *buf)
{
	void *to = buf;
	long r = -ENODATA;

	if (command == SHM_INFO)
		r = answer_shm_info(machine(), to);
	else if (command == IPC_INFO)
		r = answer_ipc_info(machine(), to);
	else if (command == SHM_STAT || command == SHM_STAT_ANY)
		r = answer_shm_stat(machine(), id, to);
	return r == -ENODATA ? (int)syscall(SYS_shmctl, id, command, buf)
			     : result(r);
}

int swapon(const char *path, int flags)
{
	char whole[PATH_MAX];

	if (!realpath(path, whole))
		return -1;
	return result(answer_swapon(machine(), whole, whole, flags));
}

int swapoff(const char *path)
{
	char whole[PATH_MAX];

	return result(answer_swapoff(machine(),
				     realpath(path, whole) ? whole : path));
}

void sync(void)
{
	answer_sync(machine());
}

int syncfs(int fd)
{
	char name[48];
	long r;

	snprintf(name, sizeof(name), "/proc/.host/self/fd/%d", fd);
	r = answer_syncfs(machine(), name);
	return r == -ENODATA ? (int)syscall(SYS_syncfs, fd) : result(r);
}

int klogctl(int action, char *buf, int len)
{
	long r = answer_syslog(machine(), action, buf,
			       len > 0 ? (size_t)len : 0);

	return r == -ENODATA ? (int)syscall(SYS_syslog, action, buf, len)
			     : result(r);
}

static long pages(bool available)
{
	struct sysinfo info;

	if (sysinfo(&info))
		return -1;
	return (long)((available ? info.freeram : info.totalram) *
		      info.mem_unit / (unsigned long)getpagesize());
}

long get_phys_pages(void)
{
	return pages(false);
}

long get_avphys_pages(void)
{
	return pages(true);
}

long sysconf(int name)
{
	long (*real)(int);
	void *symbol;

	if (name == _SC_PHYS_PAGES || name == _SC_AVPHYS_PAGES)
		return pages(name == _SC_AVPHYS_PAGES);
	symbol = dlsym(RTLD_NEXT, "sysconf");
	memcpy(&real, &symbol, sizeof(real));
	return real(name);
}
