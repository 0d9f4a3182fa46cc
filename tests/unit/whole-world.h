/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WHOLE_WORLD_H
#define TESTS_WHOLE_WORLD_H

#include "fs/profile.h"
#include "fs/session.h"
#include "fs/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/*
 * DOC: a booted machine without a mount, and a walk over all its files.
 *
 * Models:  nothing.
 * Owns:    the profile and the world that boot() makes.
 * Units:   bytes.
 * Order:   walk() goes as the tree lists.
 * Omits:   folders of memory blocks but the first and the last.
 */
struct whole {
	struct profile profile;
	struct world world;
	struct tree_attr attr; /* of the file that is visited */
	unsigned files, faults;
};

static inline struct whole *boot(const char *text)
{
	struct whole *b = calloc(1, sizeof(*b));
	struct outbuf why;
	int err;

	assert_non_null(b);
	out_init(&why);
	err = profile_init(&b->profile);
	if (!err)
		err = profile_parse(&b->profile, "test", text, strlen(text),
				    &why);
	if (!err)
		err = profile_finish(&b->profile, &why);
	if (!err)
		err = world_init(&b->world, &b->profile, &why);
	if (err)
		fail_msg("%d %s", err, why.text ? why.text : "");
	out_free(&why);
	return b;
}

static inline void whole_free(struct whole *b)
{
	world_fini(&b->world);
	profile_fini(&b->profile);
	free(b);
}

/* Lines that must all succeed. */
static inline void run(struct whole *b, const char *lines)
{
	struct session *s = calloc(1, sizeof(*s));
	int err;

	assert_non_null(s);
	session_init(s, &b->world);
	err = session_write(s, lines, strlen(lines));
	if (!err)
		err = session_finish(s);
	if (err)
		fail_msg("line %u: %d %s", s->failed_line, err,
			 s->why.text ? s->why.text : "");
	session_fini(s);
	free(s);
}

static inline void report(void *arg, const char *what, int64_t recounted,
			  int64_t kept)
{
	struct whole *b = arg;

	b->faults++;
	print_message("# %s recounted=%lld kept=%lld\n", what,
		      (long long)recounted, (long long)kept);
}

/* model/check */
static inline void assert_sound(struct whole *b)
{
	b->faults = 0;
	machine_check(&b->world.m, report, b);
	assert_int_equal(b->faults, 0);
}

/* --- the walk ---------------------------------------------------------- */

typedef void visitor(struct whole *b, const char *path, const struct place *at);

struct stroll {
	struct whole *b;
	visitor *visit;
	const char *dir;
};

static inline void walk_dir(struct stroll *k, const struct place *at);

static inline bool is_middle_block(const struct world *w,
				   const struct place *at)
{
	const uint32_t frames = (128u << 20) / PAGE_SIZE;

	return at->block && at->block != (w->m.phys.max_pfn - 1) / frames;
}

static inline int walk_entry(void *arg, const char *name,
			     const struct place *at)
{
	const struct stroll *up = arg;
	struct world *w = &up->b->world;
	char path[512];
	struct stroll k = { .b = up->b, .visit = up->visit, .dir = path };

	snprintf(path, sizeof(path), "%s%s%s", up->dir, *up->dir ? "/" : "",
		 name);
	if (is_middle_block(w, at))
		return 0;
	if ((tree_mode(w, at) & S_IFMT) == S_IFDIR) {
		walk_dir(&k, at);
		return 0;
	}
	k.b->files++;
	k.visit(k.b, path, at);
	return 0;
}

static inline void walk_dir(struct stroll *k, const struct place *at)
{
	int err = tree_list(&k->b->world, at, walk_entry, k);

	if (err)
		fail_msg("%s lists %d", k->dir, err);
}

/* Visit every file and link. */
static inline void walk(struct whole *b, visitor *visit)
{
	const struct place root = { 0 };
	struct stroll k = { .b = b, .visit = visit, .dir = "" };

	b->files = 0;
	walk_dir(&k, &root);
}

#endif
