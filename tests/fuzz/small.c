// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/small.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char profile_text[] =
	"[machine]\nmemory = 48M\ncpus = 2\nspawn = bare\n"
	"[disk vda]\nsize = 16M\nfilesystem = /\n";

/* As far as that, then it is interrupted: time must end. */
#define STEPS 3000u

struct small *small_boot(void)
{
	struct small *m = malloc(sizeof(*m));
	struct outbuf why;

	out_init(&why);
	if (!m || profile_init(&m->p) ||
	    profile_parse(&m->p, "fuzz", profile_text, sizeof(profile_text) - 1,
			  &why) ||
	    profile_finish(&m->p, &why) || world_init(&m->w, &m->p, &why))
		abort();
	out_free(&why);
	return m;
}

static void drive(struct session *s)
{
	struct machine *m = &s->world->m;

	while (session_step(s) == SESSION_RUNNING) {
		if (machine_run(m, s->waits_until, 0, STEPS))
			return;
		/* What it waits for may be further away. */
		session_interrupt(s);
	}
}

void small_play(struct small *m, const char *text, size_t len)
{
	struct session s;

	session_init(&s, &m->w);
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) + 1 : len;
		char drop[4096];

		if (!session_write(&s, text, n))
			drive(&s);
		while (session_read(&s, drop, sizeof(drop)))
			;
		text += n;
		len -= n;
	}
	session_fini(&s);
}

static void report(void *arg, const char *what, int64_t recounted, int64_t kept)
{
	fprintf(stderr, "%s recounted=%lld kept=%lld\n", what,
		(long long)recounted, (long long)kept);
	*(unsigned *)arg += 1;
}

void small_check(const struct small *m)
{
	unsigned differences = 0;

	machine_check(&m->w.m, report, &differences);
	if (differences)
		abort();
}

void small_end(struct small *m)
{
	world_fini(&m->w);
	profile_fini(&m->p);
	free(m);
}
