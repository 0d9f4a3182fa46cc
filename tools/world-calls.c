// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* process_vm_readv() */
#include "tools/world-calls.h"

#include "tools/call-answers.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Beside the program, or where it is installed. */
static bool preload(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/.host/self/exe", path, sizeof(path) - 32);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		strcpy(slash, "/libfauxcalls.so");
	if (!slash || access(path, R_OK))
		snprintf(path, sizeof(path), "%s/libfauxcalls.so", FAUX_LIBDIR);
	return !access(path, R_OK) && !setenv("LD_PRELOAD", path, 1);
}

static bool wanted(const char *way)
{
	const char *calls = getenv("FAUXPROC_CALLS");

	return !calls || !strcmp(calls, way);
}

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#include <sys/syscall.h>

#define IPC_COMMAND  0xff /* without IPC_64 */
#define LOG_READ_ALL 3 /* the action of syslog(2) that fills a buffer */

/* The filter; it leads to a descriptor, or -errno. */
static int load_filter(void)
{
	static const int whole[] = { SCMP_SYS(sysinfo), SCMP_SYS(swapon),
				     SCMP_SYS(swapoff), SCMP_SYS(sync),
				     SCMP_SYS(syncfs),	SCMP_SYS(syslog),
				     SCMP_SYS(uname) };
	static const int commands[] = { SHM_INFO, IPC_INFO, SHM_STAT,
					SHM_STAT_ANY };
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int r = f ? 0 : -ENOMEM;

	if (!r)
		r = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH,
				     SCMP_ACT_ALLOW);
	/* pid 1 made the user namespace, or is root */
	if (!r)
		r = seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, 0);
	for (size_t i = 0; !r && i < sizeof(whole) / sizeof(whole[0]); i++)
		r = seccomp_rule_add(f, SCMP_ACT_NOTIFY, whole[i], 0);
	for (size_t i = 0; !r && i < sizeof(commands) / sizeof(commands[0]);
	     i++)
		r = seccomp_rule_add(f, SCMP_ACT_NOTIFY, SCMP_SYS(shmctl), 1,
				     SCMP_A1(SCMP_CMP_MASKED_EQ, IPC_COMMAND,
					     (scmp_datum_t)commands[i]));
	if (!r)
		r = seccomp_load(f);
	if (!r)
		r = seccomp_notify_fd(f);
	/* Not released: that would close the descriptor. */
	return r;
}

static int send_fd(int link, int fd)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = sizeof(room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(link, &m, 0) == 1 ? 0 : -errno;
}

static int receive_fd(int link)
{
	char byte, room[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = sizeof(room) };
	struct cmsghdr *c;
	int fd;

	if (recvmsg(link, &m, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* --- memory of who calls ---------------------------------------------------
 */
static long give(const struct seccomp_notif *q, unsigned arg, const void *data,
		 size_t size)
{
	struct iovec from = { (void *)(uintptr_t)data, size };
	struct iovec to = { (void *)(uintptr_t)q->data.args[arg], size };
	ssize_t n = process_vm_writev((pid_t)q->pid, &from, 1, &to, 1, 0);

	if (n == (ssize_t)size)
		return 0;
	return n < 0 && errno == EPERM ? -ENODATA : -EFAULT;
}

/* A string, which may end before a page that cannot be read. */
static long take_path(const struct seccomp_notif *q, char path[PATH_MAX])
{
	uint64_t from = q->data.args[0];
	size_t len = 0;

	while (len < PATH_MAX) {
		size_t step = 4096 - (from + len) % 4096;
		struct iovec to, at = { (void *)(uintptr_t)(from + len), 0 };
		ssize_t n;

		if (step > PATH_MAX - len)
			step = PATH_MAX - len;
		to = (struct iovec){ path + len, step };
		at.iov_len = step;
		n = process_vm_readv((pid_t)q->pid, &to, 1, &at, 1, 0);
		if (n <= 0)
			return n < 0 && errno == EPERM ? -ENODATA : -EFAULT;
		if (memchr(path + len, '\0', (size_t)n))
			return 0;
		len += (size_t)n;
	}
	return -ENAMETOOLONG;
}

/* As the caller means it: absolute, without links. */
static long whole_path(const struct seccomp_notif *q, char path[PATH_MAX])
{
	char given[PATH_MAX], name[2 * PATH_MAX];
	long r = take_path(q, given);

	if (r)
		return r;
	if (given[0] == '/')
		snprintf(name, sizeof(name), "%s", given);
	else
		snprintf(name, sizeof(name), "/proc/.host/%u/cwd/%s", q->pid,
			 given);
	if (!realpath(name, path))
		snprintf(path, PATH_MAX, "%s", given);
	return 0;
}

/* --- the calls -------------------------------------------------------------
 */
static long call_shmctl(const char *mnt, const struct seccomp_notif *q)
{
	union {
		struct shm_info use;
		struct shminfo limits;
		struct shmid_ds segment;
	} to;
	size_t size;
	long n, r;

	switch (q->data.args[1] & IPC_COMMAND) {
	case SHM_INFO:
		n = answer_shm_info(mnt, &to.use);
		size = sizeof(to.use);
		break;
	case IPC_INFO:
		n = answer_ipc_info(mnt, &to.limits);
		size = sizeof(to.limits);
		break;
	default:
		n = answer_shm_stat(mnt, (int)q->data.args[0], &to.segment);
		size = sizeof(to.segment);
		break;
	}
	if (n < 0)
		return n;
	r = give(q, 2, &to, size);
	return r ? r : n;
}

static long call_syncfs(const char *mnt, const struct seccomp_notif *q)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/.host/%u/fd/%d", q->pid,
		 (int)q->data.args[0]);
	return answer_syncfs(mnt, name);
}

static long call_sysinfo(const char *mnt, const struct seccomp_notif *q)
{
	struct sysinfo info;
	long r = answer_sysinfo(mnt, &info);

	return r ? r : give(q, 0, &info, sizeof(info));
}

static long call_syslog(const char *mnt, const struct seccomp_notif *q)
{
	int action = (int)q->data.args[0], len = (int)q->data.args[2];
	size_t room = len > 0 ? (size_t)len : 0;
	char *text;
	long n, r = 0;

	if (room > SYSLOG_SIZE)
		room = SYSLOG_SIZE;
	text = malloc(room + 1);
	n = text ? answer_syslog(mnt, action, text, room) : -ENOMEM;
	if (n > 0 && (size_t)n <= room && action == LOG_READ_ALL)
		r = give(q, 1, text, (size_t)n);
	free(text);
	return r ? r : n;
}

static long call_uname(const char *mnt, const struct seccomp_notif *q)
{
	struct utsname names;
	long r = answer_uname(mnt, &names);

	return r ? r : give(q, 0, &names, sizeof(names));
}

static long call_swap(const char *mnt, const struct seccomp_notif *q)
{
	char path[PATH_MAX];
	long r = whole_path(q, path);

	if (r)
		return r;
	if (q->data.nr == SCMP_SYS(swapoff))
		return answer_swapoff(mnt, path);
	return answer_swapon(mnt, path, path, (int)q->data.args[1]);
}

static long call(const char *mnt, const struct seccomp_notif *q)
{
	if (q->data.nr == SCMP_SYS(sysinfo))
		return call_sysinfo(mnt, q);
	if (q->data.nr == SCMP_SYS(uname))
		return call_uname(mnt, q);
	if (q->data.nr == SCMP_SYS(shmctl))
		return call_shmctl(mnt, q);
	if (q->data.nr == SCMP_SYS(sync))
		return answer_sync(mnt);
	if (q->data.nr == SCMP_SYS(syncfs))
		return call_syncfs(mnt, q);
	if (q->data.nr == SCMP_SYS(syslog))
		return call_syslog(mnt, q);
	return call_swap(mnt, q);
}

static void respond(int fd, const char *mnt, const struct seccomp_notif *q,
		    struct seccomp_notif_resp *a)
{
	long r = call(mnt, q);

	memset(a, 0, sizeof(*a));
	a->id = q->id;
	if (r == -ENODATA)
		a->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (r < 0)
		a->error = (int)r;
	else
		a->val = r;
	seccomp_notify_respond(fd, a);
}

/* What runs an operation waits in a process of its own. */
static bool waits(const struct seccomp_notif *q)
{
	return q->data.nr == SCMP_SYS(swapon) ||
	       q->data.nr == SCMP_SYS(swapoff) ||
	       q->data.nr == SCMP_SYS(sync) || q->data.nr == SCMP_SYS(syncfs);
}

static void serve(int fd, const char *mnt)
{
	struct seccomp_notif *q;
	struct seccomp_notif_resp *a;

	if (seccomp_notify_alloc(&q, &a))
		return;
	for (;;) {
		pid_t pid = 0;

		memset(q, 0, sizeof(*q)); /* or the kernel refuses */
		if (seccomp_notify_receive(fd, q)) {
			if (errno == EINTR || errno == ENOENT)
				continue;
			return;
		}
		if (waits(q))
			pid = fork();
		if (pid <= 0)
			respond(fd, mnt, q, a);
		if (pid == 0 && waits(q))
			_exit(0);
	}
}

static void answer_main(int link, const char *mnt)
{
	struct sigaction act = { .sa_handler = SIG_IGN };
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "faux-calls");
	setsid();
	sigaction(SIGCHLD, &act, NULL);
	fd = receive_fd(link);
	if (fd >= 0)
		serve(fd, mnt);
}

static int enter(int link)
{
	int fd = link < 0 || !wanted("seccomp") ? -1 : load_filter();
	int r = fd < 0 ? fd : send_fd(link, fd);

	if (fd >= 0)
		close(fd);
	return r;
}
#else
static void answer_main(int link, const char *mnt)
{
	(void)link;
	(void)mnt;
}

static int enter(int link)
{
	(void)link;
	return -ENOSYS;
}
#endif

void calls_start(struct calls *c, const char *mnt)
{
	int fds[2];

	*c = (struct calls){ -1, -1 };
	if (!wanted("seccomp") ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return;
	c->pid = fork();
	if (c->pid == 0) {
		close(fds[1]);
		answer_main(fds[0], mnt);
		_exit(0);
	}
	close(fds[0]);
	c->link = fds[1];
}

void calls_enter(const struct calls *c)
{
	if (!enter(c->link))
		return;
	if (wanted("preload") && !preload())
		fputs("faux run: sysinfo, swapon, sync, shmctl, syslog are the host's: "
		      "neither seccomp nor a library to preload\n",
		      stderr);
}
