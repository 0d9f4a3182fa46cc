// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse-daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536u /* of a script; each ends with a whole line */

static int boot_failed(int err, const struct outbuf *why)
{
	if (why->len)
		fprintf(stderr, "fauxproc: %s%s", why->text,
			why->text[why->len - 1] == '\n' ? "" : "\n");
	else
		fprintf(stderr, "fauxproc: the machine cannot boot: %s\n",
			strerror(-err));
	return err == -ENOMEM || err == -ENOBUFS ? EXIT_MEMORY : EXIT_PROFILE;
}

/* The whole of @path. 0 or -errno. */
static int read_script(const char *path, struct outbuf *out)
{
	FILE *f = strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;
	char buf[4096];
	size_t n;
	int err = 0;

	if (!f)
		return -errno;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		out_bytes(out, buf, n);
	if (ferror(f))
		err = -EIO;
	if (f != stdin)
		fclose(f);
	return err ? err : out->error;
}

static int script_failed(const struct daemon *d, const struct session *s,
			 unsigned lines_before, int err)
{
	if (err < 0)
		fprintf(stderr, "fauxproc: %s: %s\n", d->opt.script,
			strerror(-err));
	else
		fprintf(stderr, "%s:%u: %s: %.*s (%s)\n", d->opt.script,
			lines_before + s->failed_line,
			s->now.word ? s->now.word : "", (int)s->why.len,
			s->why.text ? s->why.text : "", strerror(err));
	return err == -ENOMEM || err == ENOBUFS ? EXIT_MEMORY : EXIT_PROFILE;
}

/* Feed the script in whole lines, and let each piece run to its end. */
static int run_pieces(struct session *s, const struct outbuf *text,
		      unsigned *ret_lines_before)
{
	size_t at = 0, len;
	char drop[4096];
	int err = 0;

	for (; !err && at < text->len; at += len) {
		len = text->len - at;
		while (len > PIECE && text->text[at + len - 1] != '\n')
			len--;
		err = session_write(s, text->text + at, len);
		if (!err)
			err = session_finish(s);
		while (session_read(s, drop, sizeof(drop)))
			;
	}
	*ret_lines_before = 0;
	return err;
}

static int run_script(struct daemon *d)
{
	struct outbuf text;
	struct session s;
	unsigned lines = 0;
	int err, code = 0;

	out_init(&text);
	session_init(&s, &d->world);
	err = read_script(d->opt.script, &text);
	if (!err)
		err = run_pieces(&s, &text, &lines);
	if (err)
		code = script_failed(d, &s, lines, err);
	session_fini(&s);
	out_free(&text);
	return code;
}

/*
 * Where save and load find their files: the folder the daemon was started
 * in, opened before the mount so that it cannot lie behind it. Without one,
 * a descriptor that opens nothing.
 */
static int save_folder(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? INT_MAX : fd + 1;
}

int daemon_boot(struct daemon *d)
{
	struct outbuf why;
	int err;

	out_init(&why);
	err = world_init(&d->world, &d->profile, &why);
	if (err) {
		err = boot_failed(err, &why);
	} else {
		d->world.uid = d->uid;
		d->world.files = save_folder();
		if (d->opt.script)
			err = run_script(d);
	}
	out_free(&why);
	return err;
}
