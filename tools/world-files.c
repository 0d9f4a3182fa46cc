// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* mkostemp() */
#include "tools/world-files.h"

#include "tools/world-run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE	    4096u
#define HEADER_INFO 1024 /* union swap_header: version, last_page */
#define HEADER_END  4086 /* its magic */

static const unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;

static int fail(const char *what, const char *name)
{
	fprintf(stderr, "faux run: %s %s: %s\n", what, name, strerror(errno));
	return WORLD_FAILED;
}

static bool is_there(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

/* @mnt/@name over @target. What @optional lacks is left as it is. */
static int cover(const char *mnt, const char *name, const char *target,
		 bool optional)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", mnt, name);
	if (optional && (!is_there(path) || !is_there(target)))
		return 0;
	if (mount(path, target, NULL, MS_BIND | MS_REC, NULL))
		return fail("cannot mount the tree over", target);
	return 0;
}

/* --- swap areas of the profile ---------------------------------------------
 */
struct area {
	char path[256];
	uint64_t size;
	int prio; /* -1: none given */
};

/* The next [swap PATH] of model/config. */
static bool next_area(FILE *f, struct area *a)
{
	char line[512];
	bool found = false;

	while (fgets(line, sizeof(line), f)) {
		if (found && line[0] == '[') {
			fseek(f, -(long)strlen(line), SEEK_CUR);
			return true;
		}
		if (sscanf(line, "[swap %255[^]]", a->path) == 1) {
			found = true;
			a->size = 0;
			a->prio = -1;
		} else if (found && !strncmp(line, "size = ", 7)) {
			char *unit;

			a->size = strtoull(line + 7, &unit, 10);
			a->size <<= *unit == 'K'   ? 10
				    : *unit == 'M' ? 20
				    : *unit == 'G' ? 30
				    : *unit == 'T' ? 40
						   : 0;
		} else if (found && !strncmp(line, "prio = ", 7)) {
			a->prio = (int)strtol(line + 7, NULL, 10);
		}
	}
	return found;
}

static bool on_disk(const struct area *a)
{
	return !strncmp(a->path, "/dev/", 5);
}

/* The first page of an area, as mkswap(8) writes it. False: not written. */
static bool write_header(int fd, const struct area *a)
{
	uint32_t info[2] = { 1, (uint32_t)(a->size / PAGE - 1) };
	char page[PAGE] = { 0 };

	memcpy(page + HEADER_INFO, info, sizeof(info));
	memcpy(page + HEADER_END, "SWAPSPACE2", 10);
	return write(fd, page, sizeof(page)) == sizeof(page);
}

/* A file that goes with the last that holds it. -1: none. */
static int temporary(const char *name, char path[PATH_MAX])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, PATH_MAX, "%s/faux-%s-XXXXXX",
		 tmp && tmp[0] == '/' ? tmp : "/tmp", name);
	return mkostemp(path, O_CLOEXEC);
}

/* In an empty /mnt. */
static void make_area(const struct area *a)
{
	char path[sizeof(a->path) + 8];
	int fd;

	snprintf(path, sizeof(path), "/mnt%s", a->path);
	for (char *s = path + 5; (s = strchr(s, '/')); s++) {
		*s = '\0';
		mkdir(path, 0755);
		*s = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (!write_header(fd, a))
		unlink(path);
	close(fd);
}

/* Over a file of the machine's disk: nobody wrote a header there. */
static void cover_area(const struct area *a)
{
	char path[PATH_MAX], target[sizeof(a->path) + 8];
	int fd;

	snprintf(target, sizeof(target), "/mnt%s", a->path);
	fd = is_there(target) ? temporary("swap", path) : -1;
	if (fd < 0)
		return;
	if (write_header(fd, a))
		mount(path, target, NULL, MS_BIND, NULL);
	unlink(path);
	close(fd);
}

static void fstab_line(FILE *out, const struct area *a)
{
	fprintf(out, "%s%s none swap sw", on_disk(a) ? "" : "/mnt", a->path);
	if (a->prio >= 0)
		fprintf(out, ",pri=%d", a->prio);
	fputs(" 0 0\n", out);
}

/* Write the table, and the files where nobody else has them. */
static void list_areas(const char *mnt, FILE *out, bool make)
{
	char path[PATH_MAX];
	struct area a;
	FILE *f;

	snprintf(path, sizeof(path), "%s/model/config", mnt);
	f = fopen(path, "re");
	while (f && next_area(f, &a)) {
		fstab_line(out, &a);
		if (on_disk(&a) || a.size < 2ull * PAGE)
			continue;
		if (make)
			make_area(&a);
		else
			cover_area(&a);
	}
	if (f)
		fclose(f);
}

/* /etc/fstab of the machine: a file that lives as long as its mount. */
static void cover_fstab(const char *mnt, bool make)
{
	char path[PATH_MAX];
	int fd = temporary("fstab", path);
	FILE *out;

	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		if (fd >= 0)
			close(fd);
		return;
	}
	fputs("# swap areas of the machine's profile\n", out);
	list_areas(mnt, out, make);
	fchmod(fd, 0644);
	fclose(out);
	if (is_there("/etc/fstab"))
		mount(path, "/etc/fstab", NULL, MS_BIND, NULL);
	unlink(path);
}

/* Not where a mount of the machine itself would go. */
static bool mnt_is_free(const char *mnt)
{
	return is_there("/mnt") && strcmp(mnt, "/mnt") != 0 &&
	       strncmp(mnt, "/mnt/", 5) != 0;
}

static int cover_mnt(const char *mnt)
{
	char disk[PATH_MAX];
	int status = 0;
	bool make;

	snprintf(disk, sizeof(disk), "%s/disk", mnt);
	make = mnt_is_free(mnt) && !is_there(disk);
	if (make && mount("none", "/mnt", "tmpfs", plain, "mode=755"))
		make = false;
	else if (!make && mnt_is_free(mnt))
		status = cover(mnt, "disk", "/mnt", true);
	if (!status)
		cover_fstab(mnt, make);
	return status;
}

int world_cover(const char *mnt)
{
	int status;

	/* while /proc still is the real one */
	world_dev(mnt);
	status = cover(mnt, "proc", "/proc", false);
	if (status)
		return status;
	if (mount("proc", "/proc/.host", "proc", plain, NULL))
		return fail("cannot mount the real procfs on", "/proc/.host");
	status = cover(mnt, "sys", "/sys", false);
	if (!status)
		status = cover(mnt, "dev/kmsg", "/dev/kmsg", true);
	return status ? status : cover_mnt(mnt);
}
