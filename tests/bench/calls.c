// SPDX-License-Identifier: Apache-2.0
/*
 * The model's calls alone, as anchor.c makes the kernel's: no text is read and
 * none is written. `calls PROFILE SETUP N LINE...` boots PROFILE, runs the
 * script SETUP, and then the operations of the LINEs N times, each waited for;
 * prints the ns of CPU time that one round of them took.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fs/profile.h"
#include "fs/script.h"
#include "fs/session.h"
#include "vmcore/task/sched.h"

#define MAX_LINES 8

struct bench {
	struct profile profile;
	struct world world;
	struct outbuf why;
	struct script_line lines[MAX_LINES];
	int nr_lines;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void must(const struct bench *b, int r, const char *what)
{
	if (!r)
		return;
	fprintf(stderr, "calls: %s: %s\n", what,
		b->why.len ? b->why.text : strerror(abs(r)));
	exit(1);
}

static char *read_text(const struct bench *b, const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "r");
	char *text;
	long len;

	must(b, !f || fseek(f, 0, SEEK_END) ? errno : 0, path);
	len = ftell(f);
	rewind(f);
	text = malloc((size_t)len + 1);
	must(b, !text || fread(text, 1, (size_t)len, f) != (size_t)len, path);
	fclose(f);
	*ret_len = (size_t)len;
	return text;
}

static void setup(struct bench *b, const char *profile, const char *script)
{
	struct session s;
	size_t len;
	char *text = read_text(b, script, &len);

	out_init(&b->why);
	must(b, profile_init(&b->profile), profile);
	must(b, profile_load(&b->profile, profile, &b->why), profile);
	must(b, profile_finish(&b->profile, &b->why), profile);
	must(b, world_init(&b->world, &b->profile, &b->why), profile);
	session_init(&s, &b->world);
	must(b, session_write(&s, text, len), script);
	must(b, session_drive(&s, NULL, NULL), script);
	session_fini(&s);
	free(text);
}

/* Names are looked up once: a program knows who it is. */
static void parse(struct bench *b, int nr, char **lines)
{
	must(b, nr > MAX_LINES ? E2BIG : 0, "lines");
	for (b->nr_lines = 0; b->nr_lines < nr; b->nr_lines++) {
		struct script_line *l = &b->lines[b->nr_lines];
		const char *text = lines[b->nr_lines];
		struct tasks *t = &b->world.m.tasks;
		uint32_t id;

		must(b, script_parse(text, strlen(text), l, &b->why), text);
		id = l->verb == VERB_OP ? task_named(t, l->who) : 0;
		must(b, id ? 0 : ESRCH, text);
		l->op.pid = task_at(t, id)->pid;
	}
}

static void call(struct bench *b, const struct op *op)
{
	struct machine *m = &b->world.m;
	struct watched done;
	uint64_t ticket;

	must(b, sched_watch(&m->tasks, op, &ticket), "begin");
	while (!sched_watched(&m->tasks, ticket, &done))
		must(b, machine_run(m, UINT64_MAX, 0, UINT64_MAX), "run");
	must(b, done.result, "call");
}

int main(int argc, char **argv)
{
	static struct bench b;
	unsigned long rounds;
	uint64_t began;

	if (argc < 5) {
		fputs("usage: calls PROFILE SETUP N LINE...\n", stderr);
		return 2;
	}
	setup(&b, argv[1], argv[2]);
	parse(&b, argc - 4, argv + 4);
	rounds = strtoul(argv[3], NULL, 10);
	began = now();
	for (unsigned long i = 0; i < rounds; i++)
		for (int j = 0; j < b.nr_lines; j++)
			call(&b, &b.lines[j].op);
	printf("%.1f\n",
	       (double)(now() - began) / (double)(rounds ? rounds : 1));
	world_fini(&b.world);
	profile_fini(&b.profile);
	out_free(&b.why);
	return 0;
}
