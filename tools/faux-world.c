// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-world.h"
#include "tools/faux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM 65536u

/* --- profile and boot ------------------------------------------------------
 */
struct alone *alone_new(const char *command, int argc)
{
	struct alone *a = calloc(1, sizeof(*a));

	if (a)
		a->set = calloc((size_t)argc, sizeof(*a->set));
	if (!a || !a->set) {
		fprintf(stderr, "%s: no memory\n", command);
		free(a);
		return NULL;
	}
	a->command = command;
	return a;
}

void alone_free(struct alone *a)
{
	if (a)
		free(a->set);
	free(a);
}

/* laptop.ini of the tree this program is in, or of the host. */
static const char *default_profile(char *room, size_t size)
{
	static const char *const places[] = {
		"../etc/fauxproc/laptop.ini", /* PREFIX/bin */
		"../../etc/laptop.ini", /* SOURCE/build/tools */
		"/etc/fauxproc/laptop.ini",
	};
	char dir[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;

	dir[len > 0 ? len : 0] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int n = places[i][0] == '/'
				? snprintf(room, size, "%s", places[i])
				: snprintf(room, size, "%s/%s", dir, places[i]);

		if (n > 0 && (size_t)n < size && !access(room, R_OK))
			return room;
	}
	return NULL;
}

static int tell(const struct alone *a, int error, const struct outbuf *why)
{
	if (why->len)
		fprintf(stderr, "%s%s", why->text,
			why->text[why->len - 1] == '\n' ? "" : "\n");
	else
		fprintf(stderr, "%s: %s\n", a->command, strerror(-error));
	return error == -ENOMEM || error == -ENOBUFS ? FAUX_MEMORY
						     : FAUX_FAILED;
}

static int load(struct alone *a, const char *path, struct outbuf *why)
{
	int r = profile_init(&a->p);

	if (!r)
		r = profile_load(&a->p, path, why);
	for (unsigned i = 0; !r && i < a->nr_set; i++)
		r = profile_set(&a->p, a->set[i], why);
	return r ? r : profile_finish(&a->p, why);
}

int alone_load(struct alone *a)
{
	char room[PATH_MAX + 32];
	const char *path = a->profile;
	struct outbuf why;
	int r;

	if (!path)
		path = default_profile(room, sizeof(room));
	if (!path) {
		fprintf(stderr,
			"%s: no laptop.ini beside this program or in "
			"/etc/fauxproc: say -c PROFILE\n",
			a->command);
		return FAUX_FAILED;
	}
	out_init(&why);
	r = load(a, path, &why);
	if (r)
		r = tell(a, r, &why);
	out_free(&why);
	return r;
}

int alone_boot(struct alone *a)
{
	struct outbuf why;
	int r = alone_load(a);

	if (r)
		return r;
	out_init(&why);
	r = world_init(&a->w, &a->p, &why);
	if (r)
		r = tell(a, r, &why);
	out_free(&why);
	return r;
}

void alone_fini(struct alone *a)
{
	world_fini(&a->w);
	profile_fini(&a->p);
}

/* --- scripts -----------------------------------------------------------------
 */
static void put(void *arg, const char *text, size_t len)
{
	fwrite(text, 1, len, arg);
}

static int failed(const struct alone *a, const struct session *s,
		  const char *source, int error)
{
	if (error > 0)
		fprintf(stderr, "%s: %s:%u: %s%s%.*s (%s)\n", a->command,
			source, s->failed_line, s->now.word,
			s->now.word[0] ? ": " : "", (int)s->why.len,
			s->why.text ? s->why.text : "", strerror(error));
	else
		fprintf(stderr, "%s: %s: %s\n", a->command, source,
			strerror(-error));
	return error == -ENOMEM || error == -ENOBUFS ? FAUX_MEMORY
						     : FAUX_FAILED;
}

static int run_text(struct session *s, const char *text, size_t len, FILE *out)
{
	int r = session_write(s, text, len);

	return r ? r : session_drive(s, out ? put : NULL, out);
}

/* All of a file. NULL with errno. */
static char *read_all(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	size_t len = 0, cap = ROOM;
	char *text = malloc(cap), *more;
	ssize_t n = 1;

	while (fd >= 0 && text && n) {
		if (cap == len) {
			more = realloc(text, cap * 2);
			if (!more)
				break;
			text = more;
			cap *= 2;
		}
		n = read(fd, text + len, cap - len);
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || !text || n)
		error = errno ? errno : ENOMEM;
	if (fd >= 0)
		close(fd);
	if (error) {
		free(text);
		errno = error;
		return NULL;
	}
	*ret_len = len;
	return text;
}

static int run_file(struct alone *a, const char *path, FILE *out)
{
	size_t len;
	char *text = read_all(path, &len);
	struct session s;
	int r;

	if (!text) {
		fprintf(stderr, "%s: %s: %s\n", a->command, path,
			strerror(errno));
		return FAUX_FAILED;
	}
	session_init(&s, &a->w);
	r = run_text(&s, text, len, out);
	if (out)
		fflush(out);
	if (r)
		r = failed(a, &s, path, r);
	session_fini(&s);
	free(text);
	return r;
}

/* Each line of @text by itself. Return: 0, or a host errno. */
static int run_lines(struct session *s, const char *text, size_t len, FILE *out,
		     int *status)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) + 1 : len;
		int r = run_text(s, text, n, out);

		if (r < 0)
			return r;
		if (r)
			*status = FAUX_FAILED;
		s->line_base++;
		text += n;
		len -= n;
	}
	return 0;
}

static int run_input(struct alone *a, FILE *out)
{
	static const char source[] = "standard input";
	size_t len = 0, whole, cap = ROOM;
	char *buf = malloc(cap);
	int status = 0, r = buf ? 0 : -ENOMEM;
	struct session s;
	ssize_t n;

	session_init(&s, &a->w);
	while (!r && (n = read(STDIN_FILENO, buf + len, cap - len)) > 0) {
		len += (size_t)n;
		for (whole = len; whole && buf[whole - 1] != '\n'; whole--)
			;
		/* A line that long is refused, however it goes on. */
		if (!whole && len == cap)
			whole = len;
		r = run_lines(&s, buf, whole, out, &status);
		len -= whole;
		memmove(buf, buf + whole, len);
		if (out)
			fflush(out);
	}
	if (!r && len)
		r = run_lines(&s, buf, len, out, &status);
	if (r)
		status = failed(a, &s, source, r);
	session_fini(&s);
	free(buf);
	return status;
}

int alone_script(struct alone *a, const char *path, FILE *out)
{
	return strcmp(path, "-") != 0 ? run_file(a, path, out)
				      : run_input(a, out);
}
