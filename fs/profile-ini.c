// SPDX-License-Identifier: Apache-2.0
/*
 * Profiles through libinih, version 55 as distributions build it: no line
 * numbers in the handler, 200 bytes a line, 50 a section, continuation
 * lines and inline comments on. What it would misread in silence is looked
 * for first.
 */
#include "fs/profile-table.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES	  199u
#define SECTION_MAX_BYTES 49u
#define FAULTS_MAX	  20u
#define FILE_MAX_BYTES	  (1u << 20)

struct reader {
	struct profile *profile;
	struct outbuf *why;
	struct profile_where at;
	const char *text;
	size_t len, pos;
	struct profile_open open;
	char section[SECTION_MAX_BYTES + 1];
	uint32_t faults;
	int error; /* of the host */
};

/* The next line without its newline; false at the end. */
static bool next_line(struct reader *r, const char **ret, size_t *ret_len)
{
	const char *start = r->text + r->pos, *end;

	if (r->pos >= r->len)
		return false;
	end = memchr(start, '\n', r->len - r->pos);
	*ret = start;
	*ret_len = end ? (size_t)(end - start) : r->len - r->pos;
	r->pos += *ret_len + 1;
	r->at.line++;
	if (*ret_len && start[*ret_len - 1] == '\r')
		(*ret_len)--;
	return true;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static void fault(struct reader *r, const char *what)
{
	if (r->faults++ < FAULTS_MAX)
		profile_bad(r->why, &r->at, "%s", what);
}

/* `[section]` and nothing else */
static void check_section(struct reader *r, const char *s, size_t len)
{
	const char *end = memchr(s, ']', len);
	char name[SECTION_MAX_BYTES + 1];
	struct profile_open open;
	size_t n;

	if (!end) {
		fault(r, "a section without ], expected [SECTION]");
		return;
	}
	n = (size_t)(end - s) - 1;
	if (n > SECTION_MAX_BYTES) {
		fault(r, "a section's name of more than 49 bytes, expected a "
			 "shorter one");
		return;
	}
	for (const char *t = end + 1; t < s + len; t++)
		if (!blank(*t)) {
			fault(r, "text behind ], expected the end of the line");
			return;
		}
	memcpy(name, s + 1, n);
	name[n] = '\0';
	if (strchr(name, ';')) {
		fault(r, "; in a section's name, expected a comment on its "
			 "own line");
		return;
	}
	/* Makes the record, also of a section that has no key. */
	if (profile_open_section(r->profile, name, &r->at, &open, r->why))
		r->faults++;
}

const char *profile_line_fault(const char *s, size_t len)
{
	const char *equal = memchr(s, '=', len), *colon = memchr(s, ':', len);

	if (len > LINE_MAX_BYTES)
		return "more than 199 bytes, expected a shorter line";
	if (blank(s[0]))
		return "an indented line, expected key = value from the first column on";
	if (!equal)
		return "no =, expected key = value or [section]";
	if (colon && colon < equal)
		return ": in a name, expected key = value";
	for (const char *t = equal + 1; t < s + len; t++)
		if (*t == ';' && (t == equal + 1 || blank(t[-1])))
			return "a value with ; at its begin or behind a blank, expected a comment on its own line";
	return NULL;
}

static void check_line(struct reader *r, const char *s, size_t len)
{
	const char *what;
	size_t i = 0;

	if (memchr(s, '\0', len)) {
		fault(r, "a NUL byte, expected text");
		return;
	}
	if (len > LINE_MAX_BYTES) {
		fault(r, "more than 199 bytes, expected a shorter line");
		return;
	}
	/* libinih skips it too */
	if (r->at.line == 1 && len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		s += 3;
		len -= 3;
	}
	while (i < len && blank(s[i]))
		i++;
	if (i == len || s[i] == ';' || s[i] == '#')
		return;
	if (s[i] == '[' && !i)
		check_section(r, s, len);
	else if ((what = profile_line_fault(s, len)))
		fault(r, what);
}

/* libinih asks for a line: as fgets() */
static char *read_line(char *buf, int room, void *stream)
{
	struct reader *r = stream;
	const char *s;
	size_t len;

	if (room < 1 || !next_line(r, &s, &len) || len >= (size_t)room)
		return NULL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	return buf;
}

/* One `key = value`; 1 goes on. */
static int take_entry(void *user, const char *section, const char *name,
		      const char *value)
{
	struct reader *r = user;
	int error;

	if (!*section) {
		fault(r, "a key outside of any section, expected [machine] "
			 "or another above it");
		return 1;
	}
	if (!r->open.row || strcmp(section, r->section)) {
		if (profile_open_section(r->profile, section, &r->at, &r->open,
					 r->why))
			return 1;
		snprintf(r->section, sizeof(r->section), "%s", section);
	}
	error = profile_entry(r->profile, &r->open, name, value, false, &r->at,
			      r->why);
	if (error == -ENOMEM)
		r->error = error;
	else if (error)
		r->faults++;
	return r->faults < FAULTS_MAX && !r->error;
}

int profile_parse(struct profile *p, const char *name, const char *text,
		  size_t len, struct outbuf *why)
{
	struct reader r = {
		.profile = p,
		.why = why,
		.at = { name, 0 },
		.text = text,
		.len = len,
	};
	const char *s;
	size_t n;
	int broken;

	snprintf(p->path, sizeof(p->path), "%s", name);
	while (r.faults < FAULTS_MAX && next_line(&r, &s, &n))
		check_line(&r, s, n);
	if (r.faults)
		return -EINVAL;
	r.pos = 0;
	r.at.line = 0;
	broken = ini_parse_stream(read_line, &r, take_entry, &r);
	if (r.error || broken == -2)
		return -ENOMEM;
	if (broken && !r.faults) {
		r.at.line = (uint32_t)broken;
		fault(&r, "not understood, expected key = value");
	}
	return r.faults ? -EINVAL : 0;
}

static int read_all(int fd, char *text, size_t size, size_t *ret_len)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(fd, text + len, size - len))) {
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	*ret_len = len;
	return 0;
}

int profile_load(struct profile *p, const char *path, struct outbuf *why)
{
	char *text = malloc(FILE_MAX_BYTES + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : 0;
	size_t len = 0;

	if (!text)
		r = -ENOMEM;
	if (!r)
		r = read_all(fd, text, FILE_MAX_BYTES + 1, &len);
	if (fd >= 0)
		close(fd);
	if (r)
		out_printf(why, "%s: %s\n", path, strerror(-r));
	else if (len > FILE_MAX_BYTES)
		r = profile_bad(why, &(struct profile_where){ path, 0 },
				"more than 1 MiB, expected a profile");
	else
		r = profile_parse(p, path, text, len, why);
	free(text);
	return r;
}
