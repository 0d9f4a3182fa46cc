// SPDX-License-Identifier: Apache-2.0
/*
 * The one loop: requests, signals, the clock. It simulates for 2 ms at most
 * between two looks at what else there is.
 */
#include "fs/fuse-daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define REQUESTS 8 /* answered in a row while the machine has work to do */

enum { POLL_FUSE, POLL_SIGNAL, POLL_TIMER, NR_POLLS };

struct loop {
	struct pollfd fds[NR_POLLS];
	bool armed; /* the timer */
};

static void ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void loop_signals(void)
{
	sigset_t set;

	ending_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int loop_init(struct loop *l, const struct daemon *d)
{
	int fuse = fuse_session_fd(d->se);
	sigset_t set;

	ending_signals(&set);
	*l = (struct loop){ 0 };
	l->fds[POLL_FUSE].fd = fuse;
	l->fds[POLL_SIGNAL].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	l->fds[POLL_TIMER].fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	for (int i = 0; i < NR_POLLS; i++)
		l->fds[i].events = POLLIN;
	if (l->fds[POLL_SIGNAL].fd < 0 || l->fds[POLL_TIMER].fd < 0 ||
	    fcntl(fuse, F_SETFL, fcntl(fuse, F_GETFL) | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

static void loop_fini(struct loop *l)
{
	close(l->fds[POLL_SIGNAL].fd);
	close(l->fds[POLL_TIMER].fd);
}

/* The timer goes off at @wake; 0 and UINT64_MAX need none. */
static void set_timer(struct loop *l, uint64_t wake)
{
	bool wanted = wake && wake != UINT64_MAX;
	struct itimerspec at = { 0 };

	if (!wanted && !l->armed)
		return;
	if (wanted) {
		at.it_value.tv_sec = (time_t)(wake / NS_PER_S);
		at.it_value.tv_nsec = (long)(wake % NS_PER_S);
	}
	timerfd_settime(l->fds[POLL_TIMER].fd, TFD_TIMER_ABSTIME, &at, NULL);
	l->armed = wanted;
}

/* Take one request and answer it. Return: was there one? */
static bool serve(struct daemon *d)
{
	int n = fuse_session_receive_buf(d->se, &d->buf);

	if (n <= 0)
		return false;
	fuse_session_process_buf(d->se, &d->buf);
	return true;
}

/* One turn. 0: go on; -EINTR: the end; else a host errno. */
static int turn(struct daemon *d, struct loop *l, uint64_t *wake)
{
	int err;

	set_timer(l, *wake);
	if (poll(l->fds, NR_POLLS, *wake ? -1 : 0) < 0 && errno != EINTR)
		return -errno;
	if (l->fds[POLL_SIGNAL].revents)
		return -EINTR;
	/* a reader sees the time at which it reads */
	err = pace_run(d, wake);
	if (err)
		return err;
	if (l->fds[POLL_FUSE].revents) {
		for (int i = 0; i < REQUESTS && serve(d) && !*wake; i++)
			;
		err = pace_run(d, wake);
	}
	if (d->waiting)
		poll_wake(d);
	return err;
}

int daemon_loop(struct daemon *d)
{
	uint64_t wake = 0;
	struct loop l;
	int err = loop_init(&l, d);

	while (!err && !fuse_session_exited(d->se))
		err = turn(d, &l, &wake);
	loop_fini(&l);
	if (!err || err == -EINTR)
		return EXIT_DONE;
	fprintf(stderr, "fauxproc: %s\n", strerror(-err));
	return EXIT_MEMORY;
}
