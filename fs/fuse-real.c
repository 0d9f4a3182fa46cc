// SPDX-License-Identifier: Apache-2.0
/*
 * Processes of the host, read through a directory opened before the mount:
 * the daemon never walks its own tree.
 */
#include "fs/fuse-daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last number of a line of status is that of the innermost namespace. */
static uint32_t last_number(const char *status, const char *field,
			    unsigned *ret_count)
{
	const char *line = strstr(status, field);
	unsigned long number = 0;
	char *end;

	*ret_count = 0;
	for (line = line ? line + strlen(field) : ""; *line == '\t';
	     line = end) {
		number = strtoul(line, &end, 10);
		++*ret_count;
	}
	return (uint32_t)number;
}

int real_caller(const struct daemon *d, pid_t thread, struct real_caller *ret)
{
	char name[32], status[4096];
	struct real_caller who;
	unsigned depth;
	ssize_t len;
	int fd;

	snprintf(name, sizeof(name), "%d/status", (int)thread);
	fd = openat(d->proc, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	len = read(fd, status, sizeof(status) - 1);
	close(fd);
	if (len <= 0)
		return -ENOENT;
	status[len] = '\0';
	who.pid = last_number(status, "\nNStgid:", &depth);
	who.tid = last_number(status, "\nNSpid:", &depth);
	who.nested = depth > 1;
	if (!who.pid || !who.tid)
		return -ENOENT;
	*ret = who;
	return 0;
}

bool real_alive(const struct daemon *d, uint32_t pid)
{
	char name[16];
	struct stat st;

	snprintf(name, sizeof(name), "%u", pid);
	return !fstatat(d->proc, name, &st, AT_SYMLINK_NOFOLLOW);
}
