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
#include <sys/time.h>

#define REQUESTS 8 /* answered in a row while the machine has work to do */
#define RING_US	 10000 /* of the bell, see on_signal() */
#define PATIENCE 64 /* turns that find requests, until a look at signals */

/* One descriptor in poll costs less than epoll, and much less than three: the
 * second is that of programs at work on MNT/disk, where there are any. */
enum { FD_FUSE, FD_CLIENTS, NR_FDS };
struct loop {
	struct pollfd fds[NR_FDS];
	sigset_t ending, outside; /* signals; the mask while it sleeps */
	unsigned turns;
	bool blocking; /* reads wait, and signals come at any time */
};

/* The last is the bell's, see on_signal(). */
static const int endings[] = { SIGTERM, SIGINT, SIGHUP, SIGALRM };

static void ending_signals(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		sigaddset(set, endings[i]);
}

/*
 * That it came ends the sleep with EINTR. Where it comes just before a read
 * that waits nobody would know: the clock rings again until somebody does.
 */
static void on_signal(int sig)
{
	const struct itimerval soon = { .it_interval.tv_usec = RING_US,
					.it_value.tv_usec = RING_US };

	(void)sig;
	setitimer(ITIMER_REAL, &soon, NULL);
}

static bool rings(void)
{
	struct itimerval left;

	return !getitimer(ITIMER_REAL, &left) && left.it_interval.tv_usec;
}

void loop_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t set;

	ending_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		sigaction(endings[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int loop_init(struct loop *l, const struct daemon *d)
{
	int fd = fuse_session_fd(d->se);

	*l = (struct loop){ .fds[FD_FUSE] = { .fd = fd, .events = POLLIN } };
	l->fds[FD_CLIENTS].events = POLLIN;
	ending_signals(&l->ending);
	sigprocmask(SIG_BLOCK, NULL, &l->outside);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		sigdelset(&l->outside, endings[i]);
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) ? -errno : 0;
}

/* Shall reads wait, or find nothing? 0 or -errno. */
static int loop_block(struct loop *l, bool blocking)
{
	int fd = l->fds[FD_FUSE].fd, flags;

	if (l->blocking == blocking)
		return 0;
	flags = fcntl(fd, F_GETFL) & ~O_NONBLOCK;
	if (fcntl(fd, F_SETFL, blocking ? flags : flags | O_NONBLOCK))
		return -errno;
	sigprocmask(blocking ? SIG_SETMASK : SIG_BLOCK,
		    blocking ? &l->outside : &l->ending, NULL);
	l->blocking = blocking;
	return 0;
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

	kept_tell(d);
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

/*
 * The machine stands still and no program works on its disk: there is nothing
 * to wait for but a request, and to wait in read(2) costs less than to ask in
 * vain and to wait in ppoll(). 0, -EINTR: the end.
 */
static int serve_next(struct daemon *d, struct loop *l, uint64_t *wake)
{
	int n, err = loop_block(l, true);

	if (err)
		return err;
	n = fuse_session_receive_buf(d->se, &d->buf);
	if (n == -EINTR)
		return -EINTR;
	if (n > 0) {
		fuse_session_process_buf(d->se, &d->buf);
		err = run(d, wake);
	}
	return !err && ++l->turns % PATIENCE == 0 && rings() ? -EINTR : err;
}

static int sleep_and_serve(struct daemon *d, struct loop *l, uint64_t *wake)
{
	int err = loop_block(l, false);

	if (!err)
		err = sleep_till(l, d, *wake);
	/* a reader sees the time at which it reads */
	if (!err)
		err = run(d, wake);
	if (!err && l->fds[FD_FUSE].revents)
		err = serve_some(d, wake);
	return err;
}

/* One turn. 0: go on; -EINTR: the end; else a host errno. */
static int turn(struct daemon *d, struct loop *l, uint64_t *wake)
{
	int err = *wake == UINT64_MAX && d->disk->ends < 0
			  ? serve_next(d, l, wake)
			  : sleep_and_serve(d, l, wake);

	if (d->waiting)
		poll_wake(d);
	if (!err && d->disk->clients) {
		disk_clients(d, wall_now());
		if (disk_busy(d))
			err = pace_run(d, wake);
	}
	return err;
}

/* What is yet to be done is not disturbed by the bell. */
static void loop_end(struct loop *l)
{
	const struct itimerval never = { 0 };

	sigprocmask(SIG_BLOCK, &l->ending, NULL);
	setitimer(ITIMER_REAL, &never, NULL);
}

int daemon_loop(struct daemon *d)
{
	uint64_t wake = 0;
	struct loop l;
	int err = loop_init(&l, d);

	while (!err && !fuse_session_exited(d->se))
		err = turn(d, &l, &wake);
	loop_end(&l);
	if (!err || err == -EINTR)
		return EXIT_DONE;
	fprintf(stderr, "fauxproc: %s\n", strerror(-err));
	return EXIT_MEMORY;
}
