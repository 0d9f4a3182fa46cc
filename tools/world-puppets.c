// SPDX-License-Identifier: Apache-2.0
/* The keeper speaks with the daemon as fs/fuse-puppets.c has it. */
#define _GNU_SOURCE /* signalfd(), syscall() */
#include "tools/world-puppets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PID_LIMIT (1u << 22) /* the kernel's PID_MAX_LIMIT */
#define ROOM	  65536

enum puppet_kind { PUPPET_NONE, PUPPET_USER, PUPPET_KTHREAD };

struct keeper {
	int file; /* MNT/.puppets */
	int signals; /* SIGCHLD */
	int world; /* hangs up when the world ends */
	unsigned char *kind; /* of the puppet by pid */
	size_t nr_kinds;
	char answer[ROOM]; /* lines for the daemon */
	size_t len;
};

/* The puppet: what its keeper had open would outlive it here. */
static void sleep_for_ever(pid_t keeper)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(0);
	prctl(PR_SET_NAME, "puppet");
	setsid();
	if (syscall(SYS_close_range, 0u, ~0u, 0u))
		for (int fd = 0; fd < 1024; fd++)
			close(fd);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (;;)
		pause();
}

/* 0 or -errno; -EEXIST: a real process has the pid. */
static int stand(uint32_t pid)
{
	pid_t tid = (pid_t)pid, self = getpid();
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&tid,
		.set_tid_size = 1,
	};
	long r = syscall(SYS_clone3, &args, sizeof(args));

	if (r == 0)
		sleep_for_ever(self);
	return r < 0 ? -errno : 0;
}

static bool is_over(const struct keeper *k)
{
	struct pollfd p = { .fd = k->world };

	return poll(&p, 1, 0) > 0;
}

static int send_answer(struct keeper *k)
{
	size_t done = 0;

	while (done < k->len) {
		ssize_t n = write(k->file, k->answer + done, k->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	k->len = 0;
	return 0;
}

static int answer(struct keeper *k, const char *format, uint32_t pid,
		  int signal)
{
	int r = 0;

	if (sizeof(k->answer) - k->len < 64)
		r = send_answer(k);
	k->len += (size_t)snprintf(k->answer + k->len, 64, format, pid, signal);
	return r;
}

/* Room for @pid in k->kind. */
static int know(struct keeper *k, uint32_t pid)
{
	size_t nr = pid < 32768 ? 32768 : PID_LIMIT;
	unsigned char *kind;

	if (pid < k->nr_kinds)
		return 0;
	kind = realloc(k->kind, nr);
	if (!kind)
		return -ENOMEM;
	memset(kind + k->nr_kinds, 0, nr - k->nr_kinds);
	k->kind = kind;
	k->nr_kinds = nr;
	return 0;
}

/*
 * A process of the host that has the pid stays what it is; where no more can
 * be made (limits of a user) the process goes without.
 */
static int add(struct keeper *k, uint32_t pid, enum puppet_kind kind)
{
	int r = stand(pid);

	if (r == -EPERM || r == -ENOSYS)
		return r;
	if (!r)
		k->kind[pid] = (unsigned char)kind;
	return answer(k, "+%u\n", pid, 0);
}

static void take_away(struct keeper *k, uint32_t pid)
{
	if (k->kind[pid] == PUPPET_NONE)
		return;
	k->kind[pid] = PUPPET_NONE;
	kill((pid_t)pid, SIGKILL);
	while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int take_line(struct keeper *k, const char *line)
{
	unsigned long pid = strtoul(line + 1, NULL, 10);
	int r;

	if (!pid || pid >= PID_LIMIT)
		return -EINVAL;
	r = know(k, (uint32_t)pid);
	if (r)
		return r;
	if (*line == '-') {
		take_away(k, (uint32_t)pid);
		return answer(k, "-%u\n", (uint32_t)pid, 0);
	}
	return add(k, (uint32_t)pid,
		   *line == '*' ? PUPPET_KTHREAD : PUPPET_USER);
}

/* Take all the daemon has to say. 0, or -errno: it is gone. */
static int take_news(struct keeper *k)
{
	char text[ROOM];
	ssize_t n;
	int r = 0;

	while (!r && (n = read(k->file, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		for (char *line = text, *end; !r && (end = strchr(line, '\n'));
		     line = end + 1)
			r = take_line(k, line);
		if (!r)
			r = send_answer(k);
	}
	if (!r && n < 0 && errno != EAGAIN && errno != EINTR)
		r = -errno;
	return r;
}

static int bury(struct keeper *k)
{
	struct signalfd_siginfo info;
	int status, r = 0;
	pid_t pid;

	if (read(k->signals, &info, sizeof(info)) < 0 && errno != EAGAIN)
		return -errno;
	while (!r && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		uint32_t id = (uint32_t)pid;
		unsigned kind = id < k->nr_kinds ? k->kind[id] : PUPPET_NONE;

		if (is_over(k))
			return -ESHUTDOWN;
		if (kind == PUPPET_NONE)
			continue;
		k->kind[id] = PUPPET_NONE;
		if (kind == PUPPET_KTHREAD)
			r = add(k, id, PUPPET_KTHREAD);
		else
			r = answer(k, "!%u %d\n", id,
				   WIFSIGNALED(status) ? WTERMSIG(status)
						       : SIGKILL);
	}
	return r ? r : send_answer(k);
}

static int keeper_init(struct keeper *k, const char *mnt, int world)
{
	char path[PATH_MAX];
	sigset_t set;

	*k = (struct keeper){ .world = world };
	snprintf(path, sizeof(path), "%s/.puppets", mnt);
	k->file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (k->file < 0)
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	k->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return k->signals < 0 ? -errno : take_news(k);
}

/* Until the machine, or the world, is gone. Every signal is blocked here. */
static int keeper_loop(struct keeper *k)
{
	struct pollfd fds[] = {
		{ .fd = k->file, .events = POLLIN },
		{ .fd = k->signals, .events = POLLIN },
		{ .fd = k->world },
	};
	int r = 0;

	while (!r) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[2].revents)
			return -ESHUTDOWN;
		if (fds[1].revents)
			r = bury(k);
		if (!r && fds[0].revents)
			r = take_news(k);
	}
	return r;
}

static void quiet(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
}

/* @ready: a byte goes there when the first puppets stand. */
static int keeper_main(const char *mnt, int world, int ready)
{
	struct keeper *k = malloc(sizeof(*k));
	int r = -ENOMEM;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "faux-puppets");
	setsid();
	if (k)
		r = keeper_init(k, mnt, world);
	if (r) {
		fprintf(stderr,
			"faux run: no puppets stand for processes, signals do "
			"not reach them: %s\n",
			strerror(-r));
		return 1;
	}
	quiet();
	if (write(ready, "", 1) != 1)
		return 1;
	close(ready);
	keeper_loop(k);
	return 0;
}

pid_t puppets_keep(const char *mnt, const int world[2])
{
	int fds[2];
	char byte;
	pid_t pid;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		close(world[1]);
		_exit(keeper_main(mnt, world[0], fds[1]));
	}
	close(fds[1]);
	do {
		n = read(fds[0], &byte, 1);
	} while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (pid > 0 && n != 1)
		waitpid(pid, NULL, 0);
	return n == 1 ? pid : -1;
}
