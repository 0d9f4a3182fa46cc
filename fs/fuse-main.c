// SPDX-License-Identifier: Apache-2.0
/*
 * The command. It returns when the tree can be read: the daemon is a child
 * that sends its exit code through a pipe, 0 once it is mounted.
 */
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Tell who started the daemon how it went; it is on its own from here on. */
static void tell(struct daemon *d, int code)
{
	unsigned char byte = (unsigned char)code;
	int null;

	fflush(stderr);
	if (d->ready < 0)
		return;
	if (!code) {
		setsid();
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		for (int fd = 0; fd < 3 && null >= 0; fd++)
			dup2(null, fd);
		if (null > 2)
			close(null);
	}
	while (write(d->ready, &byte, 1) < 0 && errno == EINTR)
		;
	close(d->ready);
	d->ready = -1;
}

static int boot(struct daemon *d)
{
	int code = alone_boot(d->alone);

	if (code)
		return code;
	d->world->uid = d->uid;
	/* save and load find their files there, or nowhere: not in the tree */
	d->world->files = d->cwd < 0 ? INT_MAX : d->cwd + 1;
	return d->opt.script ? alone_script(d->alone, d->opt.script, NULL) : 0;
}

/* Folders of the host are opened while nothing is mounted. */
static int open_disks(struct daemon *d)
{
	struct outbuf why;
	int err, code = 0;

	out_init(&why);
	err = disk_init(d, &why);
	if (err) {
		fprintf(stderr, "fauxproc: %.*s", (int)why.len,
			why.text ? why.text : "");
		code = err == -ENOMEM ? EXIT_MEMORY : EXIT_PROFILE;
	}
	out_free(&why);
	return code;
}

static int run(struct daemon *d)
{
	int code = boot(d);

	loop_signals();
	if (!code)
		code = open_disks(d);
	if (!code)
		code = mount_tree(d);
	tell(d, code);
	if (!code)
		code = daemon_loop(d);
	mount_end(d);
	disk_fini(d);
	alone_fini(d->alone);
	return code;
}

/* Wait for the daemon's word. */
static int await(int fd, pid_t pid)
{
	unsigned char byte;
	ssize_t n;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	close(fd);
	if (n == 1 && !byte)
		return EXIT_DONE;
	waitpid(pid, NULL, 0); /* its claim on the folder goes with it */
	if (n == 1)
		return byte;
	fputs("fauxproc: the daemon ended before it was mounted\n", stderr);
	return EXIT_MOUNT;
}

static int in_background(struct daemon *d)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		return EXIT_MEMORY;
	pid = fork();
	if (pid < 0) {
		fprintf(stderr, "fauxproc: no process to be had: %s\n",
			strerror(errno));
		return EXIT_MEMORY;
	}
	if (pid) {
		close(fds[1]);
		return await(fds[0], pid);
	}
	close(fds[0]);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	d->ready = fds[1];
	return run(d);
}

static int start(struct daemon *d)
{
	int code = mount_prepare(d);

	d->ready = -1;
	if (!code)
		code = d->opt.foreground ? run(d) : in_background(d);
	return code;
}

static int check(struct daemon *d)
{
	int code = alone_load(d->alone);

	profile_fini(&d->alone->p);
	return code;
}

int main(int argc, char **argv)
{
	struct daemon d = { .alone = alone_new("fauxproc", argc) };
	int code;

	if (!d.alone)
		return EXIT_MEMORY;
	d.world = &d.alone->w;
	code = options_parse(&d.opt, d.alone, argc, argv);
	if (code == GO_ON)
		code = d.opt.check ? check(&d) : start(&d);
	out_free(&d.opt.fuse);
	free(d.mount);
	alone_free(d.alone);
	return code;
}
