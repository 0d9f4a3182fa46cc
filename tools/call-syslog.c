// SPDX-License-Identifier: Apache-2.0
/* syslog(2) in a world: the text of dev/kmsg, as `dmesg -S` and busybox want
 * it. Used where call-answers.c is: no state. */
#define _GNU_SOURCE /* O_CLOEXEC: the library is built with no feature */
#include "tools/call-answers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SYSLOG_ACTION_* of the kernel's syslog.h */
enum {
	ACTION_CLOSE = 0,
	ACTION_OPEN = 1,
	ACTION_READ_ALL = 3,
	ACTION_SIZE_UNREAD = 9,
	ACTION_SIZE_BUFFER = 10,
};

#define RECORD 8192 /* no record of /dev/kmsg is longer */

struct log_text {
	char *text;
	size_t len;
};

/* "6,42,1234567,-;TEXT\n" as "<6>[    1.234567] TEXT\n". */
static size_t print_record(const char *record, char line[RECORD])
{
	const char *text = strchr(record, ';');
	unsigned level;
	unsigned long long usec;
	int n;

	if (!text || sscanf(record, "%u,%*u,%llu", &level, &usec) != 2)
		return 0;
	text++;
	n = snprintf(line, RECORD, "<%u>[%5llu.%06llu] %.*s\n", level,
		     usec / 1000000, usec % 1000000, (int)strcspn(text, "\n"),
		     text);
	return n < RECORD ? (size_t)n : 0;
}

static long take_log(const char *mnt, struct log_text *t)
{
	char path[PATH_MAX], record[RECORD + 1], line[RECORD];
	size_t len;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/dev/kmsg", mnt);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -ENODATA;
	t->text = malloc(SYSLOG_SIZE);
	/* EPIPE: what was next is gone already. */
	while (t->text && ((n = read(fd, record, RECORD)) > 0 ||
			   (n < 0 && (errno == EPIPE || errno == EINTR)))) {
		if (n < 0)
			continue;
		record[n] = '\0';
		len = print_record(record, line);
		if (len > SYSLOG_SIZE - t->len)
			break;
		memcpy(t->text + t->len, line, len);
		t->len += len;
	}
	close(fd);
	return t->text ? 0 : -ENOMEM;
}

/* The newest whole lines that fit. */
static long put_log(struct log_text *t, char *to, size_t room)
{
	const char *from = t->text;
	size_t len = t->len;

	if (len > room) {
		const char *end = memchr(from + len - room - 1, '\n', room + 1);

		from = end ? end + 1 : from + len;
		len = t->len - (size_t)(from - t->text);
	}
	memcpy(to, from, len);
	return (long)len;
}

long answer_syslog(const char *mnt, int action, char *to, size_t room)
{
	struct log_text t = { NULL, 0 };
	long r;

	switch (action) {
	case ACTION_CLOSE:
	case ACTION_OPEN:
		return 0;
	case ACTION_SIZE_BUFFER:
		return SYSLOG_SIZE;
	case ACTION_READ_ALL:
	case ACTION_SIZE_UNREAD:
		break;
	default:
		/* A look changes nothing, and there is no console. */
		return action > 0 && action < ACTION_SIZE_BUFFER ? -EPERM
								 : -EINVAL;
	}
	r = take_log(mnt, &t);
	if (!r)
		r = action == ACTION_READ_ALL ? put_log(&t, to, room)
					      : (long)t.len;
	free(t.text);
	return r;
}
