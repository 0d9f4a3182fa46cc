// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int refused(const struct daemon *d, const char *why)
{
	fprintf(stderr, "fauxproc: cannot mount on %s: %s\n", d->opt.mount,
		why);
	return EXIT_MOUNT;
}

static int no_device(const struct daemon *d, int err)
{
	fprintf(stderr,
		"fauxproc: cannot mount on %s: /dev/fuse: %s\n"
		"%s. Without it: faux sim, faux dump.\n",
		d->opt.mount, strerror(err),
		err == ENOENT || err == ENODEV || err == ENXIO
			? "The host's kernel lacks FUSE (modprobe fuse), or "
			  "this container was not given the device"
			: "This user may not open it");
	return EXIT_MOUNT;
}

/* Of a daemon that was killed: every access answers ENOTCONN. */
static int take_down(const char *path)
{
	pid_t pid;
	int status;

	if (!umount2(path, MNT_DETACH))
		return 0;
	pid = fork();
	if (!pid) {
		execlp("fusermount3", "fusermount3", "-u", "-z", "--", path,
		       (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return -EIO;
	return 0;
}

static int revive(const struct daemon *d)
{
	struct stat st;

	if (!stat(d->opt.mount, &st) || errno != ENOTCONN)
		return 0;
	fprintf(stderr, "fauxproc: %s holds a dead mount: taken down\n",
		d->opt.mount);
	return take_down(d->opt.mount)
		       ? refused(d, "the dead mount there cannot be taken down")
		       : 0;
}

/* The mount point of a line of mountinfo, its \ooo turned back. */
static void mount_point(const char *line, char *path, size_t size)
{
	size_t n = 0;

	for (int field = 0; field < 4 && line; field++) {
		line = strchr(line, ' ');
		line = line ? line + 1 : NULL;
	}
	for (; line && *line && *line != ' ' && n + 1 < size; n++) {
		if (*line == '\\' && strlen(line) > 3) {
			path[n] = (char)((line[1] - '0') * 64 +
					 (line[2] - '0') * 8 + line[3] - '0');
			line += 4;
		} else {
			path[n] = *line++;
		}
	}
	path[n] = '\0';
}

static bool holds_machine(const struct daemon *d)
{
	char line[2 * PATH_MAX], path[PATH_MAX];
	FILE *f = fopen("/proc/self/mountinfo", "r");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		mount_point(line, path, sizeof(path));
		found = !strcmp(path, d->mount) &&
			strstr(line, " - fuse.fauxproc ");
	}
	if (f)
		fclose(f);
	return found;
}

/*
 * The folder is locked before the look at what is mounted: of two daemons
 * that start at a time, the second finds the lock or the mount.
 */
static int claim(struct daemon *d)
{
	d->folder = open(d->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->folder < 0)
		return refused(d, strerror(errno));
	if (flock(d->folder, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return refused(d, "another fauxproc is starting there");
	if (holds_machine(d))
		return refused(d, "a machine is mounted there already; its "
				  "end: fusermount3 -u");
	return 0;
}

int mount_prepare(struct daemon *d)
{
	int code = revive(d), fd;

	if (code)
		return code;
	d->mount = realpath(d->opt.mount, NULL);
	if (!d->mount)
		return refused(d, strerror(errno));
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return no_device(d, errno);
	close(fd);
	d->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d->cwd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d->uid = geteuid();
	d->gid = getegid();
	return claim(d);
}

static void on_init(void *arg, struct fuse_conn_info *conn)
{
	const struct daemon *d = arg;

	if (d->opt.max_read)
		conn->max_read = d->opt.max_read;
}

struct fuse_session *mount_session(struct daemon *d)
{
	struct fuse_lowlevel_ops ops = {
		.init = on_init,
		.lookup = on_lookup,
		.forget = on_forget,
		.forget_multi = on_forget_multi,
		.getattr = on_getattr,
		.setattr = on_setattr,
		.access = on_access,
		.readlink = on_readlink,
		.open = on_open,
		.read = on_read,
		.write = on_write,
		.release = on_release,
		.opendir = on_opendir,
		.readdir = on_readdir,
		.readdirplus = on_readdirplus,
		.releasedir = on_releasedir,
		.poll = on_poll,
		.lseek = on_lseek,
		.mkdir = on_mkdir,
		.rmdir = on_rmdir,
		.statfs = on_statfs,
		.fsync = disk_fsync,
		.fallocate = disk_fallocate,
	};
	char name[] = "fauxproc", dash[] = "-o";
	struct outbuf words;
	struct fuse_session *se = NULL;

	refuse_ops(&ops);
	out_init(&words);
	out_printf(&words, "fsname=fauxproc,subtype=fauxproc%s",
		   d->opt.fuse.len ? d->opt.fuse.text : "");
	if (!words.error) {
		char *argv[] = { name, dash, words.text, NULL };
		struct fuse_args args = FUSE_ARGS_INIT(3, argv);

		se = fuse_session_new(&args, &ops, sizeof(ops), d);
		fuse_opt_free_args(&args);
	}
	out_free(&words);
	return se;
}

int mount_tree(struct daemon *d)
{
	if (refs_init(d)) {
		fputs("fauxproc: the host has no memory left\n", stderr);
		return EXIT_MEMORY;
	}
	d->se = mount_session(d);
	if (!d->se)
		return EXIT_USAGE; /* libfuse said which option was wrong */
	if (fuse_session_mount(d->se, d->mount))
		return refused(d, d->uid ? "the mount was refused; who is not "
					   "root needs fusermount3 (package "
					   "fuse3), with its set-user-id bit"
					 : "the mount was refused");
	/* From now on the mount tells others, until it goes. */
	flock(d->folder, LOCK_UN);
	close(d->folder);
	return 0;
}

void mount_end(struct daemon *d)
{
	struct handle *h, *next;

	for (h = d->handles; h; h = h->all_next)
		if (h->req)
			fuse_reply_err(h->req, ENOTCONN);
	disk_end(d);
	for (h = d->handles; h; h = next) {
		next = h->all_next;
		handle_free(d, h);
	}
	if (d->se) {
		fuse_session_unmount(d->se);
		fuse_session_destroy(d->se);
	}
	free(d->buf.mem);
	refs_fini(d);
}
