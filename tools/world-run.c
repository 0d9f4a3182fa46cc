// SPDX-License-Identifier: Apache-2.0
/*
 * Three processes: the caller's (parent), pid 1 of the new pid namespace
 * (init), and the command. The parent and init do nothing but relay signals
 * downwards and the exit status upwards; the daemon is init's child.
 */
#define _GNU_SOURCE /* clone flags, unshare() */
#include "tools/world-run.h"
#include "tools/world-calls.h"
#include "tools/world-files.h"
#include "tools/world-puppets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Real pids begin here, above any pid of a simulated machine. */
#define FIRST_REAL_PID 4000000l

static int fail(const char *what, const char *name)
{
	fprintf(stderr, "faux run: %s %s: %s\n", what, name, strerror(errno));
	return WORLD_FAILED;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n < 0) {
		n = -errno;
		close(fd);
		return (int)n;
	}
	close(fd);
	return 0;
}

static long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	close(fd);
	return text[0] ? strtol(text, NULL, 10) : -1;
}

/* What relay() waits for; stopping and going on is left to the terminal. */
static void held_signals(sigset_t *set)
{
	static const int free_ones[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT };
	size_t i;

	sigfillset(set);
	for (i = 0; i < sizeof(free_ones) / sizeof(free_ones[0]); i++)
		sigdelset(set, free_ones[i]);
}

/*
 * Wait for @pid, reap whatever else ends, hand signals on. The terminal
 * sends its signals to the whole group, hence to the command as well.
 */
static int relay(pid_t pid)
{
	for (;;) {
		siginfo_t info;
		sigset_t set;
		int status;
		pid_t ended;

		while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
			if (ended != pid)
				continue;
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
		}
		if (ended < 0)
			return WORLD_FAILED;
		held_signals(&set);
		if (sigwaitinfo(&set, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD && info.si_code <= 0)
			kill(pid, info.si_signo);
	}
}

static int map_ids(uid_t uid, gid_t gid)
{
	char text[64];
	int r;

	/* Kernels before 3.19 have no setgroups file and need none. */
	r = write_file("/proc/self/setgroups", "deny");
	if (r && r != -ENOENT)
		return r;
	snprintf(text, sizeof(text), "0 %u 1", (unsigned)uid);
	r = write_file("/proc/self/uid_map", text);
	if (r)
		return r;
	snprintf(text, sizeof(text), "0 %u 1", (unsigned)gid);
	return write_file("/proc/self/gid_map", text);
}

/*
 * fork() into namespaces of its own; root needs no user namespace where it
 * is root for good. Like fork(), with -errno; @ret_user: a user namespace.
 */
static pid_t fork_namespaces(bool *ret_user)
{
	unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
			      CLONE_NEWUTS | SIGCHLD;
	long pid = -1;

	*ret_user = false;
	if (geteuid() == 0)
		pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid < 0) {
		*ret_user = true;
		flags |= CLONE_NEWUSER;
		pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	}
	return pid < 0 ? -errno : (pid_t)pid;
}

/* Does unshare(@flags) work? Tried in a process of its own. */
static bool can_unshare(int flags)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(flags) ? 1 : 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool world_possible(void)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	bool ok = fd >= 0;

	if (ok)
		close(fd);
	else
		fprintf(stderr,
			"faux run: /dev/fuse: %s. Without it: faux sim.\n",
			strerror(errno));
	if (geteuid() == 0 && can_unshare(CLONE_NEWNS | CLONE_NEWPID))
		return ok;
	if (!can_unshare(CLONE_NEWUSER)) {
		fprintf(stderr,
			"faux run: no user namespaces (sysctl "
			"user.max_user_namespaces, "
			"kernel.unprivileged_userns_clone). Without them: be "
			"root, or mount with fauxproc and give tools the "
			"folder.\n");
		return false;
	}
	if (!can_unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)) {
		fprintf(stderr,
			"faux run: no mount or pid namespaces. Without them: "
			"mount with fauxproc and give tools the folder.\n");
		return false;
	}
	return ok;
}

/* Simulated pids are small: real ones go out of their way. */
static void start_pids_high(void)
{
	long max = read_number("/proc/sys/kernel/pid_max");
	long first = FIRST_REAL_PID;
	char text[32];

	if (max > 0 && first >= max)
		first = max - max / 8;
	snprintf(text, sizeof(text), "%ld", first - 1);
	/* Where the kernel refuses, pids may meet; nothing else changes. */
	(void)write_file("/proc/sys/kernel/ns_last_pid", text);
}

/* Runs the daemon, which returns when its tree can be read. */
static int start_daemon(const struct world_run *r, const char *mnt)
{
	char options[256];
	const char *argv[12];
	size_t n = 0;
	int status;
	pid_t pid;

	snprintf(options, sizeof(options), "world%s%s", r->options ? "," : "",
		 r->options ? r->options : "");
	argv[n++] = r->daemon;
	argv[n++] = "-o";
	argv[n++] = options;
	if (r->profile) {
		argv[n++] = "-c";
		argv[n++] = r->profile;
	}
	if (r->script) {
		argv[n++] = "-s";
		argv[n++] = r->script;
	}
	argv[n++] = mnt;
	argv[n] = NULL;
	pid = fork();
	if (pid < 0)
		return fail("cannot start", r->daemon);
	if (pid == 0) {
		sigset_t none;

		setsid();
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execv(r->daemon, (char *const *)argv);
		_exit(fail("cannot start", r->daemon));
	}
	if (waitpid(pid, &status, 0) != pid)
		return fail("cannot wait for", r->daemon);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	fprintf(stderr, "faux run: the machine did not start\n");
	return WORLD_FAILED;
}

/* The machine's name is its own; the host keeps its. */
static void take_name(void)
{
	FILE *f = fopen("/proc/sys/kernel/hostname", "re");
	char name[65];

	if (f && fgets(name, sizeof(name), f))
		(void)sethostname(name, strcspn(name, "\n"));
	if (f)
		fclose(f);
}

static int build_world(const struct world_run *r, const char *mnt)
{
	static const unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	int status;

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return fail("cannot make private", "/");
	if (mount("proc", "/proc", "proc", plain, NULL))
		return fail("cannot mount the real procfs on", "/proc");
	start_pids_high();
	if (!r->mnt) {
		status = start_daemon(r, mnt);
		if (status)
			return status;
	}
	status = world_cover(mnt);
	if (!status)
		take_name();
	return status;
}

/* The clean end of everything but this process; what lingers is killed by
 * the kernel when pid 1 is gone. */
static void end_world(void)
{
	const struct timespec nap = { .tv_nsec = 5000000 };
	int i;

	kill(-1, SIGTERM);
	for (i = 0; i < 400; i++) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			return;
		if (pid == 0)
			nanosleep(&nap, NULL);
	}
}

/* pid 1 of the world. */
static int init_main(const struct world_run *r, const char *mnt,
		     const sigset_t *old)
{
	int status = build_world(r, mnt), world[2];
	pid_t pid, keeper = -1;
	struct calls calls;

	if (status)
		return status;
	calls_start(&calls, mnt);
	/* Its end here closes with this process, before what it kills. */
	if (!pipe2(world, O_CLOEXEC))
		keeper = puppets_keep(mnt, world);
	setenv("FAUXPROC_MNT", mnt, 1);
	pid = fork();
	if (pid < 0)
		return fail("cannot start", r->command[0]);
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, old, NULL);
		calls_enter(&calls);
		execvp(r->command[0], r->command);
		status = errno == ENOENT ? 127 : 126;
		fail("cannot run", r->command[0]);
		_exit(status);
	}
	status = relay(pid);
	/* These hear no other signal. */
	if (keeper > 0)
		kill(keeper, SIGKILL);
	if (calls.pid > 0)
		kill(calls.pid, SIGKILL);
	if (!r->mnt)
		end_world();
	return status;
}

static int run_in(const struct world_run *r, const char *mnt)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	bool user;
	sigset_t old, set;
	int status;
	pid_t pid;

	held_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	fflush(NULL);
	pid = fork_namespaces(&user);
	if (pid == 0) {
		/* With the parent gone nobody takes the world down. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		status = user ? map_ids(uid, gid) : 0;
		errno = -status;
		_exit(status ? fail("cannot map", "the user")
			     : init_main(r, mnt, &old));
	}
	if (pid < 0) {
		errno = -pid;
		status = fail("cannot make namespaces", "for the world");
	} else {
		status = relay(pid);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return status;
}

int world_run(const struct world_run *r)
{
	const char *tmp = getenv("TMPDIR");
	char folder[PATH_MAX];
	int status;

	if (!world_possible())
		return WORLD_FAILED;
	if (r->mnt)
		return realpath(r->mnt, folder) ? run_in(r, folder)
						: fail("cannot find", r->mnt);
	snprintf(folder, sizeof(folder), "%s/faux-XXXXXX",
		 tmp && tmp[0] == '/' ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return fail("cannot make a folder", folder);
	status = run_in(r, folder);
	rmdir(folder);
	return status;
}
