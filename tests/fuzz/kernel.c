// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "tests/fuzz/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PATIENT 1000000u /* turns until a request counts as forgotten */

static void wrong(const char *what, long number)
{
	fprintf(stderr, "fuzz-disk: %s %ld\n", what, number);
	abort();
}

/* --- answers ------------------------------------------------------------- */
static void know(struct kernel *k, const struct fuse_entry_out *e)
{
	unsigned i = 0;

	if (!e->nodeid)
		return;
	while (i < k->nr_nodes && k->nodes[i].id != e->nodeid)
		i++;
	if (i == NODES)
		return;
	if (i == k->nr_nodes) {
		k->nr_nodes++;
		k->nodes[i].lookups = 0;
	}
	k->nodes[i].id = e->nodeid;
	k->nodes[i].lookups++;
	k->nodes[i].mode = e->attr.mode;
}

static void opened(struct kernel *k, const struct fuse_open_out *o,
		   uint64_t ino, uint32_t flags)
{
	if (k->nr_handles == HANDLES)
		wrong("too many handles", HANDLES);
	k->handles[k->nr_handles].fh = o->fh;
	k->handles[k->nr_handles].ino = ino;
	k->handles[k->nr_handles].folder = flags & O_DIRECTORY;
	k->handles[k->nr_handles++].flags = flags;
}

static void answered(struct kernel *k, const char *reply, size_t len)
{
	const struct fuse_out_header *head = (const void *)reply;
	struct fuse_entry_out entry;
	struct fuse_open_out open;
	unsigned i = 0;

	if (len < sizeof(*head) || head->len != len || head->error > 0)
		wrong("no answer is so:", head->error);
	while (i < PENDING && k->pending[i].unique != head->unique)
		i++;
	/* each is answered once */
	if (i == PENDING || !head->unique)
		wrong("nobody asked for the answer to", (long)head->unique);
	k->pending[i].unique = 0;
	k->waiting--;
	reply += sizeof(*head);
	if (head->error)
		return;
	memset(&entry, 0, sizeof(entry));
	if (k->pending[i].want == WANT_ENTRY ||
	    k->pending[i].want == WANT_CREATE) {
		memcpy(&entry, reply, sizeof(entry));
		know(k, &entry);
		reply += sizeof(entry);
	}
	if (k->pending[i].want >= WANT_OPEN) {
		memcpy(&open, reply, sizeof(open));
		opened(k, &open,
		       entry.nodeid ? entry.nodeid : k->pending[i].ino,
		       k->pending[i].flags);
	}
}

static struct kernel *the_kernel; /* libfuse's calls have no argument */

static ssize_t take_reply(int fd, struct iovec *iov, int count, void *arg)
{
	static char reply[2 * DATA];
	size_t len = 0;

	(void)fd;
	(void)arg;
	for (int i = 0; i < count; i++) {
		if (len + iov[i].iov_len > sizeof(reply))
			wrong("too long an answer:", (long)len);
		memcpy(reply + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	answered(the_kernel, reply, len);
	return (ssize_t)len;
}

static ssize_t no_read(int fd, void *buf, size_t len, void *arg)
{
	(void)fd;
	(void)buf;
	(void)len;
	(void)arg;
	errno = EAGAIN;
	return -1;
}

/* Until nobody waits any more. */
void drain(struct kernel *k)
{
	uint64_t wake;

	for (unsigned n = 0; k->waiting; n++)
		if (pace_run(&k->d, &wake) || n > PATIENT)
			wrong("no answer after turns:", (long)n);
}

/* --- questions ----------------------------------------------------------- */
void begin(struct kernel *k, uint32_t opcode, uint64_t ino)
{
	memset(k->head, 0, sizeof(*k->head));
	k->head->opcode = opcode;
	k->head->nodeid = ino;
	k->head->uid = getuid();
	k->head->gid = getgid();
	k->head->pid = (uint32_t)getpid();
	k->len = sizeof(*k->head);
}

void add(struct kernel *k, const void *bytes, size_t len)
{
	memcpy((char *)k->head + k->len, bytes, len);
	k->len += len;
}

void add_name(struct kernel *k, const char *name)
{
	add(k, name, strlen(name) + 1);
}

void hand_over(struct kernel *k)
{
	struct fuse_buf buf = { .size = k->len, .mem = k->head };

	k->head->len = (uint32_t)k->len;
	fuse_session_process_buf(k->d.se, &buf);
}

void ask_for(struct kernel *k, enum want want, uint32_t flags)
{
	unsigned i = 0;

	if (k->waiting == PENDING)
		drain(k);
	while (k->pending[i].unique)
		i++;
	k->head->unique = k->unique += 2;
	k->pending[i].unique = k->unique;
	k->pending[i].want = want;
	k->pending[i].ino = k->head->nodeid;
	k->pending[i].flags = flags;
	k->waiting++;
	hand_over(k);
}

void ask(struct kernel *k)
{
	ask_for(k, WANT_NOTHING, 0);
}

/* One of them, of the right type; 0: there is none. */
uint64_t node(const struct kernel *k, uint8_t pick, uint32_t type)
{
	for (unsigned i = 0; i < k->nr_nodes; i++) {
		unsigned at = (pick + i) % k->nr_nodes;

		if (!type || (k->nodes[at].mode & S_IFMT) == type)
			return k->nodes[at].id;
	}
	return 0;
}

/* --- begin and end ------------------------------------------------------- */
void kernel_mount(struct kernel *k)
{
	const struct fuse_custom_io io = { .writev = take_reply,
					   .read = no_read };
	struct fuse_init_in in = { .major = 7,
				   .minor = 36,
				   .flags = FUSE_DO_READDIRPLUS |
					    FUSE_ATOMIC_O_TRUNC };
	struct outbuf why;

	k->m = small_boot();
	the_kernel = k;
	out_init(&why);
	k->d.world = &k->m->w;
	k->d.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	k->d.uid = getuid();
	k->d.gid = getgid();
	k->d.world->uid = getuid();
	k->head = calloc(1, 2 * DATA);
	if (!k->head || disk_init(&k->d, &why) || refs_init(&k->d))
		wrong("begin:", errno);
	out_free(&why);
	k->d.se = mount_session(&k->d);
	if (!k->d.se ||
	    fuse_session_custom_io(k->d.se, &io, open("/dev/null", O_RDWR)))
		wrong("libfuse:", errno);
	begin(k, FUSE_INIT, 0);
	add(k, &in, sizeof(in));
	ask(k);
	begin(k, FUSE_LOOKUP, FUSE_ROOT_ID);
	add_name(k, "disk");
	ask_for(k, WANT_ENTRY, 0);
	if (k->waiting || k->nr_nodes != 1)
		wrong("the root of the disk, nodes:", k->nr_nodes);
}

void kernel_unmount(struct kernel *k)
{
	drain(k);
	small_check(k->m);
	mount_end(&k->d);
	disk_fini(&k->d);
	close(k->d.proc);
	small_end(k->m);
	free(k->head);
}
