// SPDX-License-Identifier: Apache-2.0
#include "tools/faux.h"
#include "tools/patience.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one write(2) may carry: the kernel cuts longer ones anywhere. */
#define PIECE 65536u

struct client {
	const char *mnt;
	int fd;
	const char *source; /* of the lines, for messages; NULL: arguments */
	unsigned lines; /* sent before this piece */
	char *reply; /* to the last piece */
	size_t len, cap;
};

const char faux_ctl_usage[] =
	"usage: faux [-m MNT] ctl OPERATION...    one argument a line\n"
	"       faux [-m MNT] ctl -f FILE         - is standard input\n"
	"       faux [-m MNT] ctl                 lists the operations\n"
	"Runs operations on the machine and prints the replies. See "
	"fauxproc-script(5).\n";

static int no_memory(void)
{
	fputs("faux ctl: no memory\n", stderr);
	return FAUX_MEMORY;
}

/* All replies that wait. 0 or an exit status. */
static int take_replies(struct client *c)
{
	ssize_t n;

	c->len = 0;
	for (;;) {
		if (c->cap - c->len < PIECE) {
			size_t cap = c->cap ? 2 * c->cap : 2 * PIECE;
			char *more = realloc(c->reply, cap);

			if (!more)
				return no_memory();
			c->reply = more;
			c->cap = cap;
		}
		n = read(c->fd, c->reply + c->len, c->cap - c->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		c->len += (size_t)n;
	}
}

/* The reply's last line says why; its number counts from this piece. */
static int tell_failure(struct client *c, int error)
{
	static const char word[] = "error: line ";
	const size_t len = sizeof(word) - 1;
	char *line = c->reply, *end;
	unsigned long number;

	while (c->len && c->reply[c->len - 1] == '\n')
		c->len--;
	for (size_t i = c->len; i > 0; i--)
		if (c->reply[i - 1] == '\n') {
			line = c->reply + i;
			break;
		}
	if (c->len < len + (size_t)(line - c->reply) ||
	    memcmp(line, word, len) != 0) {
		fwrite(c->reply, 1, c->len, stdout);
		fprintf(stderr, "faux ctl: %s\n", strerror(error));
		return FAUX_FAILED;
	}
	fwrite(c->reply, 1, (size_t)(line - c->reply), stdout);
	fflush(stdout);
	c->reply[c->len] = '\0';
	number = strtoul(line + len, &end, 10) + c->lines;
	if (c->source)
		fprintf(stderr, "faux ctl: %s:%lu%s\n", c->source, number, end);
	else
		fprintf(stderr, "faux ctl: line %lu%s\n", number, end);
	return FAUX_FAILED;
}

/* One write and its replies. 0 or an exit status. */
static int send_piece(struct client *c, const char *text, size_t len)
{
	struct patience p;
	int error, r;

	patience_begin(&p, c->mnt, "faux ctl");
	error = write(c->fd, text, len) < 0 ? errno : 0;
	patience_end(&p);
	r = take_replies(c);
	if (r)
		return r;
	if (error)
		return tell_failure(c, error);
	fwrite(c->reply, 1, c->len, stdout);
	fflush(stdout);
	for (size_t i = 0; i < len; i++)
		c->lines += text[i] == '\n';
	return 0;
}

/* Whole lines, as many as fit; without one, all there is. */
static size_t cut(const char *text, size_t len)
{
	size_t n = len < PIECE ? len : PIECE;

	while (n && text[n - 1] != '\n')
		n--;
	return n ? n : len < PIECE ? len : PIECE;
}

static int send_text(struct client *c, const char *text, size_t len)
{
	int r = 0;

	while (len && !r) {
		size_t n = cut(text, len);

		r = send_piece(c, text, n);
		text += n;
		len -= n;
	}
	return r;
}

/* Lines as they come: each is answered at once. */
static int send_stream(struct client *c, int fd)
{
	char *buf = malloc(PIECE);
	size_t len = 0, whole;
	ssize_t n;
	int r = 0;

	if (!buf)
		return no_memory();
	while (!r && (n = read(fd, buf + len, PIECE - len)) > 0) {
		len += (size_t)n;
		for (whole = len; whole && buf[whole - 1] != '\n'; whole--)
			;
		if (!whole && len == PIECE)
			whole = len;
		r = send_text(c, buf, whole);
		len -= whole;
		memmove(buf, buf + whole, len);
	}
	if (!r && len)
		r = send_text(c, buf, len);
	free(buf);
	return r;
}

static int send_file(struct client *c, const char *path)
{
	bool input = !strcmp(path, "-");
	int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0) {
		fprintf(stderr, "faux ctl: %s: %s\n", path, strerror(errno));
		return FAUX_FAILED;
	}
	c->source = input ? "standard input" : path;
	r = send_stream(c, fd);
	if (!input)
		close(fd);
	return r;
}

/* `faux ctl spawn web` is two lines of a word each. */
static void tell_lines(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strchr(argv[i], ' '))
			return;
	if (argc > 1)
		fprintf(stderr,
			"faux ctl: each argument is a line: quote it, faux ctl '%s %s'\n",
			argv[0], argv[1]);
}

static int send_words(struct client *c, int argc, char **argv)
{
	size_t len = 0;
	char *text;
	int r;

	for (int i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	text = malloc(len + 1);
	if (!text)
		return no_memory();
	len = 0;
	for (int i = 0; i < argc; i++)
		len += (size_t)sprintf(text + len, "%s\n", argv[i]);
	r = send_text(c, text, len);
	free(text);
	if (r == FAUX_FAILED)
		tell_lines(argc, argv);
	return r;
}

static int open_ctl(const char *mnt, int flags)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/ctl", mnt), fd;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -1;
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		fprintf(stderr, "faux ctl: %s: %s\n", path,
			errno == ENOTCONN ? "the daemon is gone"
			: errno == ENOENT ? "no machine is mounted there"
					  : strerror(errno));
	return fd;
}

int faux_ctl(const char *mnt, int argc, char **argv)
{
	struct client c = { .mnt = mnt, .fd = -1 };
	const char *file = NULL;
	int opt, r;

	while ((opt = getopt(argc, argv, "+f:")) != -1) {
		if (opt != 'f')
			return faux_misused(faux_ctl_usage);
		file = optarg;
	}
	if (file && optind < argc)
		return faux_misused(faux_ctl_usage);
	c.fd = open_ctl(mnt, file || optind < argc ? O_RDWR : O_RDONLY);
	if (c.fd < 0)
		return FAUX_FAILED;
	if (file) {
		r = send_file(&c, file);
	} else if (optind < argc) {
		r = send_words(&c, argc - optind, argv + optind);
	} else {
		r = take_replies(&c);
		fwrite(c.reply, 1, c.len, stdout);
	}
	close(c.fd);
	free(c.reply);
	return r;
}
