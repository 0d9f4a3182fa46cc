// SPDX-License-Identifier: Apache-2.0
/* Who asks: processes of the host, each with a stand-in in the machine. */
#define _GNU_SOURCE /* syscall() */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGKILL_BIT 0x100u /* of SigPnd */
#define SWEEP_NS    NS_PER_S /* between looks, where there are no pidfds */

/* /proc/@thread/status. 0 or -ENOENT. */
static int read_status(const struct daemon *d, pid_t thread, char *text,
		       size_t room)
{
	char name[32];
	ssize_t len;
	int fd;

	snprintf(name, sizeof(name), "%d/status", (int)thread);
	fd = openat(d->proc, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	len = read(fd, text, room - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0 ? 0 : -ENOENT;
}

static const char *value_of(const char *status, const char *field)
{
	const char *at = strstr(status, field);

	return at ? at + strlen(field) : "";
}

bool client_dying(const struct daemon *d, pid_t thread)
{
	char text[4096];

	if (read_status(d, thread, text, sizeof(text)))
		return true;
	/* complete_signal() gives every thread SIGKILL when one is fatal */
	return strtoull(value_of(text, "\nSigPnd:\t"), NULL, 16) & SIGKILL_BIT;
}

/* The comm, as scripts can write it. */
static void take_name(struct client *c, const char *name)
{
	size_t n = 0;

	for (; *name && *name != '\n' && n < COMM_LEN - 1; name++) {
		bool letter = (*name >= 'a' && *name <= 'z') ||
			      (*name >= 'A' && *name <= 'Z');
		bool other = n && ((*name >= '0' && *name <= '9') ||
				   strchr("_-.", *name));

		char stand = n ? '_' : 'x';

		c->name[n++] = letter || other ? *name : stand;
	}
	if (!n)
		c->name[n++] = 'x';
	c->name[n] = '\0';
}

static void watch(struct daemon *d, struct client *c)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

	c->pidfd = c->tgid ? (int)syscall(SYS_pidfd_open, c->tgid, 0) : -1;
	if (c->pidfd < 0)
		return;
	fcntl(c->pidfd, F_SETFD, FD_CLOEXEC);
	if (d->disk->ends < 0)
		d->disk->ends = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_ctl(d->disk->ends, EPOLL_CTL_ADD, c->pidfd, &event)) {
		close(c->pidfd);
		c->pidfd = -1;
	}
}

struct client *client_get(struct daemon *d, pid_t thread)
{
	char status[4096] = "";
	pid_t tgid = thread;
	struct client *c;

	for (c = d->disk->clients; c; c = c->next)
		if (c->tgid == thread && !c->ended && c->pidfd >= 0)
			break;
	if (!c && !read_status(d, thread, status, sizeof(status)))
		tgid = (pid_t)strtol(value_of(status, "\nTgid:\t"), NULL, 10);
	for (c = c ? c : d->disk->clients; c; c = c->next)
		if (c->tgid == tgid && !c->ended)
			break;
	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return NULL;
		c->tgid = tgid;
		c->next = d->disk->clients;
		d->disk->clients = c;
		take_name(c, value_of(status, "Name:\t"));
		watch(d, c);
	}
	c->users++;
	return c;
}

static void client_free(struct daemon *d, struct client *c)
{
	struct client **link = &d->disk->clients;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	if (c->pidfd >= 0)
		close(c->pidfd);
	free(c);
}

void client_put(struct daemon *d, struct client *c)
{
	if (!--c->users && c->ended)
		client_free(d, c);
}

uint32_t client_pid(const struct daemon *d, const struct client *c)
{
	if (c->generation != d->world->generation || !c->pid ||
	    !task_find(&d->world->m.tasks, c->pid))
		return 0;
	return c->pid;
}

/* It is gone, and its stand-in goes. */
static void ended(struct daemon *d, struct client *c)
{
	c->ended = true;
	if (c->pidfd >= 0) {
		epoll_ctl(d->disk->ends, EPOLL_CTL_DEL, c->pidfd, NULL);
		close(c->pidfd);
		c->pidfd = -1;
	}
	c->users++;
	if (client_pid(d, c))
		disk_later(d, c, OP_EXIT, NULL);
	client_put(d, c);
}

/* Those whose end no descriptor tells. */
static void sweep(struct daemon *d)
{
	struct client *c, *next;

	for (c = d->disk->clients; c; c = next) {
		next = c->next;
		if (c->pidfd < 0 && !c->ended && !c->users &&
		    (!c->tgid || !real_alive(d, (uint32_t)c->tgid)))
			ended(d, c);
	}
}

void disk_clients(struct daemon *d, uint64_t now)
{
	struct epoll_event events[16];
	int n = 0;

	if (!d->disk->clients)
		return;
	if (d->disk->ends >= 0)
		n = epoll_wait(d->disk->ends, events, 16, 0);
	for (int i = 0; i < n; i++)
		ended(d, events[i].data.ptr);
	if (now - d->disk->sweep_at > SWEEP_NS) {
		d->disk->sweep_at = now;
		sweep(d);
	}
}
