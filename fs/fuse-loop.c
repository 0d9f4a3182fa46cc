// SPDX-License-Identifier: Apache-2.0
/*
 * The one loop: requests, signals, the clock. It simulates for 2 ms at most
 * between two looks at what else there is.
 */
#define _GNU_SOURCE /* ppoll() */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define REQUESTS 8 /* answered in a row while the machine has work to do */
#define PATIENCE 64 /* turns that find requests, until a look at signals */

/* One descriptor in poll costs less than epoll, and much less than three: the
 * second is that of programs at work on MNT/disk, where there are any. */
enum { FD_FUSE, FD_CLIENTS, NR_FDS };
struct loop {
	struct pollfd fds[NR_FDS];
	sigset_t ending, outside; /* signals; the mask while it sleeps */
	unsigned turns;
};

static void ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

/* Nothing to do: that it came ends the sleep with EINTR. */
static void on_signal(int sig)
{
	(void)sig;
}

void loop_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t set;

	ending_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int loop_init(struct loop *l, const struct daemon *d)
{
	int fd = fuse_session_fd(d->se);

	*l = (struct loop){ .fds[FD_FUSE] = { .fd = fd, .events = POLLIN } };
	l->fds[FD_CLIENTS].events = POLLIN;
	ending_signals(&l->ending);
	sigprocmask(SIG_BLOCK, NULL, &l->outside);
	sigdelset(&l->outside, SIGTERM);
	sigdelset(&l->outside, SIGINT);
	sigdelset(&l->outside, SIGHUP);
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) ? -errno : 0;
}

/* Time from now to @wake of the wall's clock. */
static struct timespec until(uint64_t wake)
{
	uint64_t now = wake ? wall_now() : 0;
	uint64_t ns = wake > now ? wake - now : 0;

	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S),
				  .tv_nsec = (long)(ns % NS_PER_S) };
}

/*
 * Sleep until a request comes, or the wall's clock shows @wake. Where requests
 * never cease, ppoll() never sees a signal. Return: 0; -EINTR: the end; else
 * a host errno.
 */
static int sleep_till(struct loop *l, const struct daemon *d, uint64_t wake)
{
	nfds_t nr = d->disk->ends >= 0 ? NR_FDS : 1;
	const struct timespec at_once = { 0 };
	struct timespec time = until(wake != UINT64_MAX ? wake : 0);

	l->fds[FD_CLIENTS].fd = d->disk->ends;
	if (ppoll(l->fds, nr, wake != UINT64_MAX ? &time : NULL, &l->outside) <
	    0)
		return -errno;
	if (++l->turns % PATIENCE == 0 &&
	    sigtimedwait(&l->ending, NULL, &at_once) > 0)
		return -EINTR;
	return 0;
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

static int run(struct daemon *d, uint64_t *wake)
{
	int err = pace_run(d, wake);

	if (!err && d->puppets)
		puppets_turn(d);
	return err;
}

/* Where the machine has nothing to do, another request that came meanwhile is
 * found by asking for it, which costs less than ppoll(). */
static int serve_some(struct daemon *d, uint64_t *wake)
{
	int err = 0;

	for (int i = 0; i < REQUESTS && !err && serve(d); i++)
		if (*wake)
			err = run(d, wake);
	return err ? err : run(d, wake);
}

/* One turn. 0: go on; -EINTR: the end; else a host errno. */
static int turn(struct daemon *d, struct loop *l, uint64_t *wake)
{
	int err = sleep_till(l, d, *wake);

	/* a reader sees the time at which it reads */
	if (!err)
		err = run(d, wake);
	if (!err && l->fds[FD_FUSE].revents) {
		err = serve_some(d, wake);
	}
	if (d->waiting)
		poll_wake(d);
	if (!err && d->disk->clients) {
		disk_clients(d, wall_now());
		if (disk_busy(d))
			err = pace_run(d, wake);
	}
	return err;
}

int daemon_loop(struct daemon *d)
{
	uint64_t wake = 0;
	struct loop l;
	int err = loop_init(&l, d);

	while (!err && !fuse_session_exited(d->se))
		err = turn(d, &l, &wake);
	if (!err || err == -EINTR)
		return EXIT_DONE;
	fprintf(stderr, "fauxproc: %s\n", strerror(-err));
	return EXIT_MEMORY;
}
