// SPDX-License-Identifier: Apache-2.0
/*
 * The disks of the machine in /dev. Where the host has no such name there is
 * no place to mount one, so /dev becomes a folder of its own, with all that
 * was in the old one.
 */
#define _GNU_SOURCE /* O_PATH */
#include "tools/world-files.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Called for each name of a folder. */
typedef void each_name(const char *folder, const char *name, void *arg);

static void each(const char *folder, each_name *one, void *arg)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			one(folder, e->d_name, arg);
	if (dir)
		closedir(dir);
}

static void dev_path(const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "/dev/%s", name);
}

/* An empty file to mount something on. */
static void make_place(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static void count_missing(const char *folder, const char *name, void *arg)
{
	unsigned *missing = arg;
	char path[PATH_MAX];
	struct stat st;

	(void)folder;
	dev_path(name, path);
	*missing += stat(path, &st) != 0;
}

/* What the old /dev has, in the new one; what cannot be is left out. */
static void keep(const char *folder, const char *name, void *arg)
{
	char from[2 * PATH_MAX], to[PATH_MAX], target[PATH_MAX];
	struct stat st;
	ssize_t n;

	(void)arg;
	snprintf(from, sizeof(from), "%s/%s", folder, name);
	dev_path(name, to);
	if (lstat(from, &st))
		return;
	if (S_ISLNK(st.st_mode)) {
		n = readlink(from, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (n > 0 && symlink(target, to))
			return;
		return;
	}
	if (S_ISDIR(st.st_mode))
		mkdir(to, 0755);
	else
		make_place(to);
	if (!mount(from, to, NULL, MS_BIND | MS_REC, NULL))
		return;
	if (S_ISDIR(st.st_mode))
		rmdir(to);
	else
		unlink(to);
}

static void add_disk(const char *folder, const char *name, void *arg)
{
	char from[2 * PATH_MAX], to[PATH_MAX];

	(void)arg;
	snprintf(from, sizeof(from), "%s/%s", folder, name);
	dev_path(name, to);
	make_place(to);
	/* kmsg is seen to by itself */
	if (strcmp(name, "kmsg") != 0)
		mount(from, to, NULL, MS_BIND, NULL);
}

void world_dev(const char *mnt)
{
	int old = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char disks[PATH_MAX], folder[48];
	unsigned missing = 0;

	snprintf(disks, sizeof(disks), "%s/dev", mnt);
	each(disks, count_missing, &missing);
	snprintf(folder, sizeof(folder), "/proc/self/fd/%d", old);
	if (old >= 0 && missing &&
	    !mount("none", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755"))
		each(folder, keep, NULL);
	if (old >= 0)
		close(old);
	each(disks, add_disk, NULL);
}
