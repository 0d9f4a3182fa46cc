// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-read.h"
#include "tools/faux.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An allocation: what a name of PID/regions still has, or what lies in an
 * anonymous mapping and has no name. */
struct block {
	uint64_t start, end;
	uint64_t grown; /* bytes since the look before */
	uint64_t resident; /* kB of the mapping's Rss and Swap */
	char name[32];
};

struct blocks {
	struct block *rows;
	size_t nr, room;
};

const char faux_memleak_usage[] =
	"usage: faux [-m MNT] memleak [-a] -p PID [INTERVAL [COUNT]]\n"
	"Outstanding allocations of a process, what grew within "
	"INTERVAL seconds [5] first;\n-a: each one's address and "
	"size.\n";

static int add(struct blocks *b, const struct block *row)
{
	if (b->nr == b->room) {
		size_t room = 2 * b->room + 64;
		struct block *rows = realloc(b->rows, room * sizeof(*rows));

		if (!rows)
			return FAUX_MEMORY;
		b->rows = rows;
		b->room = room;
	}
	b->rows[b->nr++] = *row;
	return FAUX_OK;
}

/* What the program's start maps is not allocated. */
static bool of_image(const char *name)
{
	static const char *const names[] = { "text",  "rodata", "data",
					     "bss",   "heap",	"mmap",
					     "stack", "vdso",	"vvar" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* NAME START-END[,START-END...], a line a name */
static int read_regions(struct reader *r, unsigned pid, struct blocks *b)
{
	int error = reader_get(r, "model/%u/regions", pid), status = 0;

	if (error) {
		fprintf(stderr,
			"faux memleak: no process %u in the machine: ls "
			"%s/proc (%s)\n",
			pid, r->mnt, strerror(-error));
		return FAUX_FAILED;
	}
	for (const char *s = *r->text ? r->text : NULL; s && !status;
	     s = text_next(s)) {
		struct block row = { 0 };
		int len = 0;

		if (sscanf(s, "%31s %n", row.name, &len) != 1 ||
		    !strcmp(row.name, "heap"))
			continue;
		for (const char *at = s + len; !status; at++) {
			char *end;

			row.start = strtoull(at, &end, 16);
			row.end = strtoull(end + 1, &end, 16);
			status = row.end > row.start ? add(b, &row) : 0;
			at = end;
			if (*at != ',')
				break;
		}
	}
	return status;
}

/* What of START to END no name covers; the named ones learn what is
 * resident. */
static int split(struct blocks *b, size_t named, const struct block *vma)
{
	uint64_t at = vma->start;

	while (at < vma->end) {
		struct block row = { .start = at,
				     .end = vma->end,
				     .resident = vma->resident };
		uint64_t skip = 0;

		for (size_t i = 0; i < named; i++) {
			struct block *n = &b->rows[i];

			if (n->start <= at && at < n->end) {
				n->resident = vma->resident;
				if (n->end > skip)
					skip = n->end;
			} else if (n->start > at && n->start < row.end) {
				row.end = n->start;
			}
		}
		if (skip) {
			at = skip;
			continue;
		}
		snprintf(row.name, sizeof(row.name), "%s", vma->name);
		if (vma->name[0] && add(b, &row))
			return FAUX_MEMORY;
		at = row.end;
	}
	return FAUX_OK;
}

/* START-END PERMS OFFSET DEV INODE [NAME]: which nameless blocks can it have?
 * The heap is what brk gave and malloc did not name. */
static bool parse_vma(const char *s, struct block *vma)
{
	char name[32] = "", perms[5];
	unsigned long long start, end, inode;

	if (sscanf(s, "%llx-%llx %4s %*x %*s %llu%31[^\n]", &start, &end, perms,
		   &inode, name) < 4)
		return false;
	*vma = (struct block){ .start = start, .end = end };
	if (strstr(name, "[heap]"))
		strcpy(vma->name, "[heap]");
	else if (!inode && !name[strspn(name, " ")] && perms[1] == 'w')
		strcpy(vma->name, "[anon]");
	return true;
}

static int read_smaps(struct reader *r, unsigned pid, struct blocks *b)
{
	struct block vma = { 0 };
	size_t named = b->nr;
	int status = 0;

	if (reader_get(r, "proc/%u/smaps", pid))
		return FAUX_FAILED;
	for (const char *s = *r->text ? r->text : NULL; s && !status;
	     s = text_next(s)) {
		if (parse_vma(s, &vma))
			continue;
		if (!strncmp(s, "Rss:", 4) || !strncmp(s, "Swap:", 5))
			vma.resident += strtoull(strchr(s, ':') + 1, NULL, 10);
		else if (!strncmp(s, "VmFlags:", 8))
			status = split(b, named, &vma);
	}
	return status;
}

static int look_at(struct reader *r, unsigned pid, struct blocks *b)
{
	int status = read_regions(r, pid, b);
	size_t kept = 0;

	if (!status)
		status = read_smaps(r, pid, b);
	for (size_t i = 0; i < b->nr; i++)
		if (!of_image(b->rows[i].name))
			b->rows[kept++] = b->rows[i];
	b->nr = kept;
	return status;
}

/* A mapping grows at either end; what touches nothing of before is new. */
static void compare(const struct blocks *before, struct blocks *now)
{
	for (size_t i = 0; i < now->nr; i++) {
		struct block *n = &now->rows[i];
		uint64_t had = 0;

		for (size_t k = 0; k < before->nr; k++) {
			const struct block *o = &before->rows[k];
			uint64_t from = o->start > n->start ? o->start
							    : n->start;
			uint64_t to = o->end < n->end ? o->end : n->end;

			if (!strcmp(o->name, n->name) && from < to)
				had += to - from;
		}
		n->grown = n->end - n->start - had;
	}
}

static int growing_first(const void *a, const void *b)
{
	const struct block *x = a, *y = b;
	uint64_t sx = x->end - x->start, sy = y->end - y->start;

	if (x->grown != y->grown)
		return x->grown < y->grown ? 1 : -1;
	if (sx != sy)
		return sx < sy ? 1 : -1;
	return (x->start > y->start) - (x->start < y->start);
}

static void print(const struct blocks *b, bool each)
{
	char now[9];

	wall_time(now);
	printf("[%s] %zu outstanding allocations, growing ones first:\n", now,
	       b->nr);
	for (size_t i = 0; i < b->nr; i++) {
		const struct block *row = &b->rows[i];
		unsigned long long size = row->end - row->start;

		if (each)
			printf("\taddr = %llx size = %llu\n",
			       (unsigned long long)row->start, size);
		printf("\t%llu bytes from %s, grown by %llu; its mapping has "
		       "%llu kB in memory or swap\n",
		       size, row->name, (unsigned long long)row->grown,
		       (unsigned long long)row->resident);
	}
	fflush(stdout);
}

static int watch(struct reader *r, unsigned pid, const struct pace *p,
		 bool each)
{
	struct blocks before = { 0 }, now;
	int status = look_at(r, pid, &before);

	if (!status)
		printf("Attaching to pid %u, Ctrl+C to quit.\n", pid);
	fflush(stdout);
	for (unsigned i = 0; !status && (!p->count || i < p->count); i++) {
		sleep(p->interval);
		now = (struct blocks){ 0 };
		status = look_at(r, pid, &now);
		compare(&before, &now);
		if (now.nr)
			qsort(now.rows, now.nr, sizeof(*now.rows),
			      growing_first);
		if (!status)
			print(&now, each);
		free(before.rows);
		before = now;
	}
	free(before.rows);
	return status;
}

int faux_memleak(const char *mnt, int argc, char **argv)
{
	struct reader r = { .mnt = mnt, .command = "faux memleak" };
	struct pace p = { .interval = 5 };
	bool each = false;
	unsigned pid = 0;
	int c, status;

	while ((c = getopt(argc, argv, "+ap:")) != -1) {
		if (c == 'a')
			each = true;
		else if (c != 'p' || !parse_positive(optarg, &pid))
			return faux_misused(faux_memleak_usage);
	}
	if (!pid || !pace_parse(&p, argc, argv, optind))
		return faux_misused(faux_memleak_usage);
	status = watch(&r, pid, &p, each);
	reader_fini(&r);
	return status;
}
