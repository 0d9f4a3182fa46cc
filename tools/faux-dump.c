// SPDX-License-Identifier: Apache-2.0
#include "fs/tree.h"
#include "tools/faux-world.h"
#include "tools/faux.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char faux_dump_usage[] =
	"usage: faux dump [-c PROFILE] [-s SCRIPT] [--set "
	"SECTION.KEY=VALUE]... DIR\n"
	"Boots a machine without a mount, runs SCRIPT and writes its "
	"tree to DIR as plain\nfiles. (Of a mounted machine: cp -r.)\n";

static int bad(const char *what, const char *name, int error)
{
	fprintf(stderr, "faux dump: %s %s: %s\n", what, name, strerror(error));
	return FAUX_FAILED;
}

/* Where a folder of the tree goes. */
struct target {
	struct world *w;
	int fd;
	struct place at;
};

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int put_file(const struct target *t, const char *name,
		    const struct place *at, mode_t mode)
{
	const struct fsnode *row = tree_row(t->w, at);
	struct outbuf out;
	int fd, r = 0;

	/* Answered by offset, the length of an address space: not a file. */
	if (row && row->flags & FSNODE_OFFSET)
		return 0;
	out_init(&out);
	/* What the kernel refuses to print is an empty file. */
	if (mode & 0444 && tree_show_at(t->w, at, &out))
		out_clear(&out);
	fd = openat(t->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0600);
	if (fd < 0)
		r = bad("cannot write", name, errno);
	else if (write_all(fd, out.text, out.len) || fchmod(fd, mode))
		r = bad("cannot write", name, errno);
	if (fd >= 0)
		close(fd);
	out_free(&out);
	return r;
}

static int put_link(const struct target *t, const char *name,
		    const struct place *at)
{
	struct outbuf out;
	int r = 0;

	out_init(&out);
	/* A link that depends on who looks leads nowhere. */
	if (!tree_show_at(t->w, at, &out) && out.len) {
		unlinkat(t->fd, name, 0);
		if (symlinkat(out.text, t->fd, name))
			r = bad("cannot link", name, errno);
	}
	out_free(&out);
	return r;
}

static int put_folder(struct world *w, const struct place *at, int fd);

static int put_entry(void *arg, const char *name, const struct place *at)
{
	const struct target *t = arg;
	uint32_t mode = tree_mode(t->w, at);
	int fd, r;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return 0;
	if (S_ISLNK(mode))
		return put_link(t, name, at);
	if (!S_ISDIR(mode))
		return put_file(t, name, at, mode & 07777);
	if (mkdirat(t->fd, name, 0755) && errno != EEXIST)
		return bad("cannot make", name, errno);
	fd = openat(t->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return bad("cannot open", name, errno);
	r = put_folder(t->w, at, fd);
	close(fd);
	return r;
}

static int put_folder(struct world *w, const struct place *at, int fd)
{
	struct target t = { w, fd, *at };

	return tree_list(w, at, put_entry, &t);
}

static int dump(struct alone *a, const char *script, const char *dir)
{
	struct place root = { 0 };
	int fd, r = alone_boot(a);

	if (!r && script)
		r = alone_script(a, script, NULL);
	if (!r && mkdir(dir, 0755) && errno != EEXIST)
		r = bad("cannot make", dir, errno);
	if (!r) {
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0) {
			r = bad("cannot open", dir, errno);
		} else {
			r = put_folder(&a->w, &root, fd);
			close(fd);
		}
	}
	alone_fini(a);
	return r < 0 ? FAUX_MEMORY : r;
}

enum { OPT_SET = 256 };
static const struct option long_options[] = {
	{ "set", required_argument, NULL, OPT_SET },
	{ NULL, 0, NULL, 0 },
};

static bool parse(struct alone *a, int argc, char **argv, const char **script)
{
	int c;

	while ((c = getopt_long(argc, argv, "+c:s:", long_options, NULL)) !=
	       -1) {
		if (c == OPT_SET)
			a->set[a->nr_set++] = optarg;
		else if (c == 'c')
			a->profile = optarg;
		else if (c == 's')
			*script = optarg;
		else
			return false;
	}
	return optind + 1 == argc;
}

int faux_dump(const char *mnt, int argc, char **argv)
{
	struct alone *a = alone_new("faux dump", argc);
	const char *script = NULL;
	int r;

	if (!a)
		return FAUX_MEMORY;
	if (mnt || !parse(a, argc, argv, &script))
		r = faux_misused(faux_dump_usage);
	else
		r = dump(a, script, argv[optind]);
	alone_free(a);
	return r;
}
