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

/* The last number of a line of status: the caller's innermost namespace. */
static uint32_t last_number(const char *status, const char *field)
{
	const char *line = strstr(status, field), *end, *at;

	if (!line)
		return 0;
	line += strlen(field);
	end = line + strcspn(line, "\n");
	for (at = end; at > line && at[-1] != '\t' && at[-1] != ' ';)
		at--;
	return (uint32_t)strtoul(at, NULL, 10);
}

int real_caller(const struct daemon *d, pid_t thread, uint32_t *ret_pid,
		uint32_t *ret_tid)
{
	char name[32], status[4096];
	ssize_t len;
	uint32_t pid, tid;
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
	pid = last_number(status, "\nNStgid:");
	tid = last_number(status, "\nNSpid:");
	if (!pid || !tid)
		return -ENOENT;
	*ret_pid = pid;
	*ret_tid = tid;
	return 0;
}

bool real_alive(const struct daemon *d, uint32_t pid)
{
	char name[16];
	struct stat st;

	snprintf(name, sizeof(name), "%u", pid);
	return !fstatat(d->proc, name, &st, AT_SYMLINK_NOFOLLOW);
}
