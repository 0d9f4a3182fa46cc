// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int open_below(const struct reader *r, const char *path, int flags)
{
	char whole[PATH_MAX];
	int n = snprintf(whole, sizeof(whole), "%s/%s", r->mnt, path);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(whole))
		return -ENAMETOOLONG;
	fd = open(whole, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Room for @len bytes and the NUL. */
static int reserve(struct reader *r, size_t len)
{
	char *text;

	if (len < r->size)
		return 0;
	text = realloc(r->text, 2 * len + 4096);
	if (!text)
		return -ENOMEM;
	r->text = text;
	r->size = 2 * len + 4096;
	return 0;
}

/* A whole file in one go where it fits: one moment of the machine. */
static int read_all(struct reader *r, int fd)
{
	size_t len = 0;
	ssize_t n;

	do {
		int error = reserve(r, len + 65536);

		if (error)
			return error;
		n = read(fd, r->text + len, r->size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	r->text[len] = '\0';
	return n < 0 ? -errno : 0;
}

static int get(struct reader *r, const char *path)
{
	int error, fd = open_below(r, path, O_RDONLY);

	if (fd < 0)
		return fd;
	error = read_all(r, fd);
	close(fd);
	return error;
}

int reader_get(struct reader *r, const char *format, ...)
{
	char path[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return get(r, path);
}

int reader_need(struct reader *r, const char *path)
{
	int error = get(r, path);

	if (error)
		fprintf(stderr, "%s: %s/%s: %s; is a machine mounted there?\n",
			r->command, r->mnt, path, strerror(-error));
	return error;
}

void reader_fini(struct reader *r)
{
	free(r->text);
	r->text = NULL;
	r->size = 0;
}

int reader_put(const struct reader *r, const char *path, uint64_t value)
{
	int fd = open_below(r, path, O_WRONLY), error = fd < 0 ? fd : 0;
	char line[24];
	int n = snprintf(line, sizeof(line), "%llu\n",
			 (unsigned long long)value);

	if (fd >= 0) {
		if (write(fd, line, (size_t)n) != n)
			error = -errno;
		close(fd);
	}
	if (error)
		fprintf(stderr, "%s: %s/%s: %s\n", r->command, r->mnt, path,
			strerror(-error));
	return error;
}

const char *text_next(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

uint64_t text_number(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; text && *text; text = text_next(text)) {
		const char *s = text + len;

		if (strncmp(text, name, len))
			continue;
		if (*s == ':' || *s == ' ' || *s == '\t')
			return strtoull(s + 1, NULL, 10);
	}
	return 0;
}

static int ascending(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

int reader_pids(const struct reader *r, unsigned **ret_pids, size_t *ret_nr)
{
	int fd = open_below(r, "proc", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t nr = 0, room = 0;
	unsigned *pids = NULL, pid;
	struct dirent *e;

	if (!dir)
		return fd < 0 ? fd : -errno;
	while ((e = readdir(dir))) {
		if (!parse_positive(e->d_name, &pid))
			continue;
		if (nr == room) {
			unsigned *more;

			room = 2 * room + 64;
			more = realloc(pids, room * sizeof(*pids));
			if (!more) {
				free(pids);
				closedir(dir);
				return -ENOMEM;
			}
			pids = more;
		}
		pids[nr++] = pid;
	}
	closedir(dir);
	if (nr)
		qsort(pids, nr, sizeof(*pids), ascending);
	*ret_pids = pids;
	*ret_nr = nr;
	return 0;
}

void reader_comm(struct reader *r, unsigned pid, char comm[16])
{
	comm[0] = '\0';
	if (!reader_get(r, "proc/%u/comm", pid)) {
		r->text[strcspn(r->text, "\n")] = '\0';
		snprintf(comm, 16, "%s", r->text);
	}
}

void reader_user(struct reader *r, unsigned pid, char user[12])
{
	uint64_t uid = 0;

	if (!reader_get(r, "proc/%u/status", pid))
		uid = text_number(r->text, "Uid");
	if (uid)
		snprintf(user, 12, "%u", (unsigned)uid);
	else
		snprintf(user, 12, "root");
}

bool parse_positive(const char *word, unsigned *ret)
{
	char *end;
	unsigned long value;

	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	value = strtoul(word, &end, 10);
	if (*end || errno || !value || value > INT_MAX)
		return false;
	*ret = (unsigned)value;
	return true;
}

void wall_time(char buf[9])
{
	time_t now = time(NULL);
	struct tm tm;

	buf[0] = '\0';
	if (localtime_r(&now, &tm))
		strftime(buf, 9, "%H:%M:%S", &tm);
}

bool pace_parse(struct pace *p, int argc, char **argv, int from)
{
	if (argc - from > 2)
		return false;
	if (from < argc && !parse_positive(argv[from], &p->interval))
		return false;
	return from + 1 >= argc || parse_positive(argv[from + 1], &p->count);
}
