// SPDX-License-Identifier: Apache-2.0
/*
 * cut PROFILE SCRIPT SEED [N]: plays a script whole, then once more on a
 * machine whose clock halts at random steps and times, and which is saved,
 * thrown away and loaded there, one halt in N (default: each). Every reply and
 * in the end every file of the tree must be the same bytes.
 */
#include "fs/profile.h"
#include "fs/session.h"
#include "fs/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct play {
	struct world w;
	struct profile profile;
	struct session s;
	struct outbuf said; /* replies, then the tree */
	struct outbuf saved;
	size_t loaded; /* bytes taken from it */
	uint64_t random; /* 0: never cut */
	uint64_t one_in;
	unsigned cuts;
};

static void die(const char *what, int error, const struct outbuf *why)
{
	fprintf(stderr, "%s: %s %s\n", what,
		strerror(error < 0 ? -error : error), why ? why->text : "");
	exit(1);
}

static uint64_t next_random(struct play *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return p->random;
}

static void start(struct play *p, const char *profile, uint64_t seed)
{
	struct outbuf why;
	int r;

	memset(p, 0, sizeof(*p));
	out_init(&why);
	out_init(&p->said);
	out_init(&p->saved);
	p->random = seed;
	r = profile_init(&p->profile);
	if (!r)
		r = profile_load(&p->profile, profile, &why);
	if (!r)
		r = profile_finish(&p->profile, &why);
	if (!r)
		r = world_init(&p->w, &p->profile, &why);
	if (r)
		die(profile, r, &why);
	session_init(&p->s, &p->w);
	out_free(&why);
}

static int keep(void *arg, void *mem, size_t len)
{
	struct play *p = arg;

	out_bytes(&p->saved, mem, len);
	return p->saved.error;
}

static int give(void *arg, void *mem, size_t len)
{
	struct play *p = arg;

	if (p->saved.len - p->loaded < len)
		return -EIO;
	memcpy(mem, p->saved.text + p->loaded, len);
	p->loaded += len;
	return 0;
}

/* A saved machine forgets who waits; the script goes on waiting. */
static void wait_again(struct tasks *t, const struct watched *w)
{
	void *mem;

	if (!w->ticket)
		return;
	if (host_alloc(t->host, sizeof(*w), &mem))
		die("load", -ENOMEM, NULL);
	t->watched = mem;
	t->watched[0] = *w;
	t->nr_watched = t->cap_watched = 1;
	t->watches = w->ticket;
}

/* Save the machine, make a new one of the same profile, load it. */
static void cut(struct play *p)
{
	uint64_t before = machine_digest(&p->w.m);
	struct archive save = { ARCHIVE_SAVE, 0, keep, p };
	struct archive load = { ARCHIVE_LOAD, 0, give, p };
	const struct tasks *t = &p->w.m.tasks;
	struct watched waits = { .ticket = 0 };
	struct machine_config config;
	const char *why = "";
	int r;

	if (t->nr_watched)
		waits = t->watched[0];
	out_clear(&p->saved);
	p->loaded = 0;
	r = machine_archive(&p->w.m, &save);
	if (r)
		die("save", r, NULL);
	machine_fini(&p->w.m);
	r = profile_config(&p->profile, &config);
	if (!r)
		r = machine_init(&p->w.m, &config, &why);
	profile_config_free(&config);
	p->w.m.tasks.story = &p->w.events;
	if (!r)
		r = machine_archive(&p->w.m, &load);
	if (r)
		die("load", r, NULL);
	wait_again(&p->w.m.tasks, &waits);
	if (machine_digest(&p->w.m) != before) {
		printf("cut %u: the digest changed over save and load\n",
		       p->cuts);
		exit(1);
	}
	p->cuts++;
}

/* A clock that follows the wall's stops anywhere, too. */
static vtime_t until(struct play *p)
{
	vtime_t now = machine_now(&p->w.m), at;

	if (!p->random || next_random(p) % 2)
		return p->s.waits_until;
	at = now + (next_random(p) >> (next_random(p) % 32 + 32));
	return at < p->s.waits_until ? at : p->s.waits_until;
}

static uint64_t budget(struct play *p)
{
	return p->random ? 1 + (next_random(p) >> (next_random(p) % 16 + 48))
			 : UINT64_MAX;
}

static void read_replies(struct play *p)
{
	char buf[4096];
	size_t n;

	while ((n = session_read(&p->s, buf, sizeof(buf))) > 0)
		out_bytes(&p->said, buf, n);
}

static void run_line(struct play *p, const char *line, size_t len)
{
	int r = session_write(&p->s, line, len);

	if (r)
		die("line", r, NULL);
	while (session_step(&p->s) == SESSION_RUNNING) {
		r = machine_run(&p->w.m, until(p), 0, budget(p));
		if (r)
			die("run", r, NULL);
		if (p->random && next_random(p) % p->one_in == 0)
			cut(p);
	}
	read_replies(p);
}

static void run_script(struct play *p, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		run_line(p, text, len);
		text += len;
		text += *text == '\n';
	}
}

static int show_below(void *arg, const char *name, const struct place *at)
{
	struct play *p = arg;
	const struct fsnode *row = tree_row(&p->w, at);
	uint32_t mode = tree_mode(&p->w, at);
	int r;

	(void)name;
	if ((mode & 0170000) == 0040000)
		return tree_list(&p->w, at, show_below, p);
	if (!row || row->flags & FSNODE_OFFSET || !row->show)
		return 0;
	out_str(&p->said, "== ");
	tree_path(&p->w, at, &p->said);
	out_char(&p->said, '\n');
	r = tree_show_at(&p->w, at, &p->said);
	out_printf(&p->said, "%d\n", r);
	return p->said.error;
}

static void finish(struct play *p)
{
	struct place root;
	int r = tree_find(&p->w, "", &root);

	if (!r)
		r = tree_list(&p->w, &root, show_below, p);
	if (r)
		die("tree", r, NULL);
	session_fini(&p->s);
	world_fini(&p->w);
	profile_fini(&p->profile);
	out_free(&p->saved);
}

/* The first line that differs, and the last `== PATH` before it. */
static int compare(const struct outbuf *a, const struct outbuf *b)
{
	const char *x = a->text, *y = b->text, *path = "replies";

	while (*x && *y) {
		size_t n = strcspn(x, "\n"), m = strcspn(y, "\n");

		if (n != m || memcmp(x, y, n)) {
			printf("%.*s\n  whole: %.*s\n  cut:   %.*s\n",
			       (int)strcspn(path, "\n"), path, (int)n, x,
			       (int)m, y);
			return 1;
		}
		if (!strncmp(x, "== ", 3))
			path = x;
		x += n + (x[n] == '\n');
		y += m + (y[m] == '\n');
	}
	if (*x || *y)
		printf("one of them ends early\n");
	return *x || *y;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct outbuf text;
	char buf[4096];
	size_t n;

	if (!f)
		die(path, errno, NULL);
	out_init(&text);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		out_bytes(&text, buf, n);
	fclose(f);
	out_char(&text, '\n');
	return text.text;
}

int main(int argc, char **argv)
{
	static struct play whole, parts;
	char *text;
	int r;

	if (argc != 4 && (argc != 5 || !strtoull(argv[4], NULL, 10))) {
		fprintf(stderr, "usage: cut PROFILE SCRIPT SEED [N]\n");
		return 2;
	}
	text = read_file(argv[2]);
	start(&whole, argv[1], 0);
	run_script(&whole, text);
	finish(&whole);
	start(&parts, argv[1], strtoull(argv[3], NULL, 10) * 2 + 1);
	parts.one_in = argc == 5 ? strtoull(argv[4], NULL, 10) : 1;
	run_script(&parts, text);
	finish(&parts);
	printf("%s: %u cuts, %zu bytes\n", argv[2], parts.cuts, whole.said.len);
	r = compare(&whole.said, &parts.said);
	out_free(&whole.said);
	out_free(&parts.said);
	free(text);
	return r;
}
