/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WORLD_FIXTURE_H
#define TESTS_WORLD_FIXTURE_H

#include "fs/profile.h"
#include "fs/session.h"
#include "fs/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * DOC: a world of a small profile with one session.
 *
 * Models:  nothing.
 * Owns:    the world and what was last said.
 * Units:   bytes of text.
 * Order:   does not apply.
 * Omits:   the mount.
 */
struct fixture {
	struct profile p;
	struct world w;
	struct session s;
	struct outbuf said, why;
};

#define SMALL                                                      \
	"[machine]\nmemory = 256M\ncpus = 2\nspawn = bare\n"       \
	"[disk vda]\nsize = 1G\nlatency = 1ms\nbandwidth = 100M\n" \
	"filesystem = /\n"

static inline int fixture_open(struct fixture *x, const char *profile)
{
	int r;

	memset(x, 0, sizeof(*x));
	out_init(&x->said);
	out_init(&x->why);
	assert_int_equal(profile_init(&x->p), 0);
	r = profile_parse(&x->p, "t.ini", profile, strlen(profile), &x->why);
	if (!r)
		r = profile_finish(&x->p, &x->why);
	if (!r)
		r = world_init(&x->w, &x->p, &x->why);
	if (!r)
		session_init(&x->s, &x->w);
	return r;
}

static inline void fixture_close(struct fixture *x)
{
	session_fini(&x->s);
	world_fini(&x->w);
	profile_fini(&x->p);
	out_free(&x->said);
	out_free(&x->why);
}

static inline int world_setup(void **state)
{
	struct fixture *x = malloc(sizeof(*x));

	assert_non_null(x);
	*state = x;
	return fixture_open(x, SMALL);
}

static inline int world_teardown(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static inline void fixture_keep(void *arg, const char *text, size_t len)
{
	out_bytes(arg, text, len);
}

/* Run lines to their end; what they said is in x->said. 0 or the errno. */
static inline int run(struct fixture *x, const char *text)
{
	out_clear(&x->said);
	assert_int_equal(session_write(&x->s, text, strlen(text)), 0);
	return session_drive(&x->s, fixture_keep, &x->said);
}

static inline const char *said(const struct fixture *x)
{
	return x->said.text ? x->said.text : "";
}

/* Lines succeed and say this. */
static inline void says(struct fixture *x, const char *text, const char *want)
{
	int r = run(x, text);

	if (r || strcmp(said(x), want) != 0)
		fail_msg("'%s' says (%d) '%s', not '%s'", text, r, said(x),
			 want);
}

/* Lines fail with @error; the last reply begins with @want. */
static inline void fails(struct fixture *x, const char *text, int error,
			 const char *want)
{
	int r = run(x, text);
	const char *line = strstr(said(x), "error: ");

	if (r != error || !line || strncmp(line, want, strlen(want)) != 0)
		fail_msg("'%s' says (%d) '%s', not '%s'", text, r, said(x),
			 want);
}

/* A file of the tree, kept in x->said. */
static inline const char *shown(struct fixture *x, const char *path)
{
	out_clear(&x->said);
	assert_int_equal(tree_show(&x->w, path, &x->said), 0);
	return said(x);
}

#define WORLD_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#endif
