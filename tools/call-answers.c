// SPDX-License-Identifier: Apache-2.0
/* Used in a process of faux run, and preloaded into any other: no state. */
#define _GNU_SOURCE /* struct shm_info */
#include "tools/call-answers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PAGE	     4096u
#define HEADER_MAGIC 4086 /* where union swap_header ends in its magic */
#define HEADER_INFO  1024 /* version, last_page */
#define LOAD_SHIFT   16

/* @out->swap_flags of swapon(2) */
#define FLAG_PREFER 0x8000
#define PRIO_MASK   0x7fff

static FILE *tree_open_file(const char *mnt, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", mnt, name);
	return fopen(path, "re");
}

/* The number of a file that holds one. */
static uint64_t tree_number(const char *mnt, const char *name)
{
	FILE *f = tree_open_file(mnt, name);
	char line[64] = "";

	if (f) {
		if (!fgets(line, sizeof(line), f))
			line[0] = '\0';
		fclose(f);
	}
	return strtoull(line, NULL, 10);
}

/* kB of meminfo, by name. */
struct figure {
	const char *name;
	unsigned long *to;
};

static bool take_figures(const char *mnt, const struct figure *rows, size_t nr)
{
	FILE *f = tree_open_file(mnt, "proc/meminfo");
	char line[128];

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, ":");

		for (size_t i = 0; i < nr; i++)
			if (strlen(rows[i].name) == len &&
			    !memcmp(rows[i].name, line, len))
				*rows[i].to = strtoul(line + len + 1, NULL, 10)
					      << 10;
	}
	fclose(f);
	return true;
}

/* "0.52 1.07 0.03 1/123 4567": loads in 16 bits of fraction, processes. */
static void take_loads(const char *mnt, struct sysinfo *info)
{
	FILE *f = tree_open_file(mnt, "proc/loadavg");
	unsigned whole[3], part[3], running, all;

	if (!f)
		return;
	if (fscanf(f, "%u.%u %u.%u %u.%u %u/%u", &whole[0], &part[0], &whole[1],
		   &part[1], &whole[2], &part[2], &running, &all) == 8) {
		for (int i = 0; i < 3; i++)
			info->loads[i] =
				((unsigned long)whole[i] << LOAD_SHIFT) +
				((unsigned long)part[i] << LOAD_SHIFT) / 100;
		info->procs = (unsigned short)all;
	}
	fclose(f);
}

long answer_sysinfo(const char *mnt, struct sysinfo *info)
{
	const struct figure rows[] = {
		{ "MemTotal", &info->totalram },
		{ "MemFree", &info->freeram },
		{ "Shmem", &info->sharedram },
		{ "Buffers", &info->bufferram },
		{ "SwapTotal", &info->totalswap },
		{ "SwapFree", &info->freeswap },
		{ "HighTotal", &info->totalhigh },
		{ "HighFree", &info->freehigh },
	};

	memset(info, 0, sizeof(*info));
	if (!take_figures(mnt, rows, sizeof(rows) / sizeof(rows[0])))
		return -ENODATA;
	info->mem_unit = 1;
	info->uptime = (long)tree_number(mnt, "proc/uptime");
	take_loads(mnt, info);
	return 0;
}

/* The only line of a file. */
static bool take_line(const char *mnt, const char *name, char *to, size_t size)
{
	FILE *f = tree_open_file(mnt, name);
	bool ok;

	if (!f)
		return false;
	ok = fgets(to, (int)size, f);
	fclose(f);
	if (ok)
		to[strcspn(to, "\n")] = '\0';
	return ok;
}

long answer_uname(const char *mnt, struct utsname *names)
{
	if (syscall(SYS_uname, names)) /* the library may be preloaded */
		return -errno;
	if (!take_line(mnt, "proc/sys/kernel/arch", names->machine,
		       sizeof(names->machine)) ||
	    !take_line(mnt, "proc/sys/kernel/osrelease", names->release,
		       sizeof(names->release)) ||
	    !take_line(mnt, "proc/sys/kernel/version", names->version,
		       sizeof(names->version)))
		return -ENODATA;
	return 0;
}

/* --- System V shared memory ------------------------------------------------
 */
long answer_shm_info(const char *mnt, struct shm_info *info)
{
	FILE *f = tree_open_file(mnt, "proc/sysvipc/shm");
	char line[512];
	unsigned long size, rss, swap;

	if (!f)
		return -ENODATA;
	memset(info, 0, sizeof(*info));
	/* The first line is the heading, of the others rss and swap end it. */
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line,
			   "%*d %*d %*o %lu %*u %*u %*u %*u %*u %*u %*u %*u "
			   "%*u %*u %lu %lu",
			   &size, &rss, &swap) != 3)
			continue;
		info->used_ids++;
		info->shm_tot += (size + PAGE - 1) / PAGE;
		info->shm_rss += rss / PAGE;
		info->shm_swp += swap / PAGE;
	}
	fclose(f);
	return info->used_ids ? info->used_ids - 1 : 0;
}

long answer_ipc_info(const char *mnt, struct shminfo *info)
{
	struct shm_info use;
	long last = answer_shm_info(mnt, &use);

	if (last < 0)
		return last;
	memset(info, 0, sizeof(*info));
	info->shmmax = tree_number(mnt, "proc/sys/kernel/shmmax");
	info->shmall = tree_number(mnt, "proc/sys/kernel/shmall");
	info->shmmni = tree_number(mnt, "proc/sys/kernel/shmmni");
	info->shmseg = info->shmmni;
	info->shmmin = 1;
	return last;
}

static bool take_segment(const char *line, struct shmid_ds *ds, int *id)
{
	struct ipc_perm *perm = &ds->shm_perm;
	unsigned mode;
	unsigned long at, dt, ct;

	memset(ds, 0, sizeof(*ds));
	if (sscanf(line, "%d %d %o %zu %d %d %lu %u %u %u %u %lu %lu %lu",
		   &perm->__key, id, &mode, &ds->shm_segsz, &ds->shm_cpid,
		   &ds->shm_lpid, &ds->shm_nattch, &perm->uid, &perm->gid,
		   &perm->cuid, &perm->cgid, &at, &dt, &ct) != 14)
		return false;
	perm->mode = (unsigned short)mode;
	ds->shm_atime = (time_t)at;
	ds->shm_dtime = (time_t)dt;
	ds->shm_ctime = (time_t)ct;
	return true;
}

long answer_shm_stat(const char *mnt, int index, struct shmid_ds *ds)
{
	FILE *f = tree_open_file(mnt, "proc/sysvipc/shm");
	char line[512];
	int id = -EINVAL;

	if (!f)
		return -ENODATA;
	while (index >= 0 && fgets(line, sizeof(line), f))
		if (take_segment(line, ds, &id))
			index--;
	fclose(f);
	return index < 0 ? id : -EINVAL;
}

/* --- operations ------------------------------------------------------------
 */
static long operate(const char *mnt, const char *line)
{
	char path[PATH_MAX];
	int fd;
	long r = 0;

	snprintf(path, sizeof(path), "%s/ctl", mnt);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -ENODATA;
	if (write(fd, line, strlen(line)) < 0)
		r = -errno;
	close(fd);
	return r;
}

long answer_sync(const char *mnt)
{
	operate(mnt, "sync");
	return 0;
}

long answer_syncfs(const char *mnt, const char *path)
{
	struct stat own, st;

	if (stat(mnt, &own) || stat(path, &st) || own.st_dev != st.st_dev)
		return -ENODATA;
	return answer_sync(mnt);
}

/* Bytes of the area that mkswap described, 0: it described none. */
static uint64_t area_size(int fd)
{
	char magic[10];
	uint32_t info[2];

	if (pread(fd, magic, sizeof(magic), HEADER_MAGIC) != sizeof(magic) ||
	    memcmp(magic, "SWAPSPACE2", sizeof(magic)) ||
	    pread(fd, info, sizeof(info), HEADER_INFO) != sizeof(info) ||
	    info[0] != 1)
		return 0;
	return ((uint64_t)info[1] + 1) * PAGE;
}

long answer_swapon(const char *mnt, const char *path, const char *file,
		   int flags)
{
	char line[PATH_MAX + 64], prio[24] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	uint64_t size;

	if (fd < 0)
		return -errno;
	size = area_size(fd);
	close(fd);
	if (!size)
		return -EINVAL;
	if (flags & FLAG_PREFER)
		snprintf(prio, sizeof(prio), " prio=%d", flags & PRIO_MASK);
	snprintf(line, sizeof(line), "swapon %s %llu%s", path,
		 (unsigned long long)size, prio);
	return operate(mnt, line);
}

long answer_swapoff(const char *mnt, const char *path)
{
	char line[PATH_MAX + 16];

	snprintf(line, sizeof(line), "swapoff %s", path);
	return operate(mnt, line);
}
