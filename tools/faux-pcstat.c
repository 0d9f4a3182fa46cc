// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-read.h"
#include "tools/faux.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cached {
	char path[PATH_MAX];
	uint64_t size;
	uint64_t pages;
};

const char faux_pcstat_usage[] =
	"usage: faux [-m MNT] pcstat FILE...\n"
	"How much of each simulated file is in the page cache.\n";

/*
 * The machine's name of what was typed: a path below the mount's disk/, or
 * as operations have it: /mnt is where that file system is seen, and what has
 * no slash in front is below its root.
 */
static void model_path(const char *mnt, const char *typed, char *path)
{
	size_t len = strlen(mnt);

	if (!strncmp(typed, mnt, len) && !strncmp(typed + len, "/disk/", 6))
		typed += len + 5;
	else if (!strncmp(typed, "/mnt/", 5))
		typed += 4;
	else if (!strncmp(typed, "./", 2))
		typed += 2;
	snprintf(path, PATH_MAX, "%s%s", *typed == '/' ? "" : "/", typed);
}

/* A line of model/files: PATH SIZE CACHED ...; does it name c->path? */
static bool find(const char *files, struct cached *c)
{
	size_t len = strlen(c->path);

	for (; files && *files; files = text_next(files)) {
		char *end;

		if (strncmp(files, c->path, len) || files[len] != ' ')
			continue;
		c->size = strtoull(files + len, &end, 10);
		c->pages = strtoull(end, NULL, 10);
		return true;
	}
	return false;
}

static void ruler(size_t width, char edge)
{
	printf("%c--", edge);
	for (size_t i = 0; i < width; i++)
		putchar('-');
	printf("+----------------+------------+-----------+---------%c\n",
	       edge);
}

static void print_row(const struct cached *c, size_t width)
{
	uint64_t all = (c->size + 4095) / 4096;

	printf("| %-*s | %-15llu| %-11llu| %-10llu| %07.3f |\n", (int)width,
	       c->path, (unsigned long long)c->size, (unsigned long long)all,
	       (unsigned long long)c->pages,
	       all ? 100.0 * (double)c->pages / (double)all : 0.0);
}

static void print_table(const struct cached *rows, size_t nr)
{
	size_t width = 8;

	for (size_t i = 0; i < nr; i++)
		if (strlen(rows[i].path) > width)
			width = strlen(rows[i].path);
	ruler(width, '+');
	printf("| %-*s | Size (bytes)   | Pages      | Cached    | Percent "
	       "|\n",
	       (int)width, "Name");
	ruler(width, '|');
	for (size_t i = 0; i < nr; i++)
		print_row(&rows[i], width);
	ruler(width, '+');
}

int faux_pcstat(const char *mnt, int argc, char **argv)
{
	struct reader r = { .mnt = mnt, .command = "faux pcstat" };
	struct cached *rows;
	int status = FAUX_OK;
	size_t nr = 0;

	if (argc < 2 || argv[1][0] == '-')
		return faux_misused(faux_pcstat_usage);
	rows = calloc((size_t)argc, sizeof(*rows));
	if (!rows)
		return FAUX_MEMORY;
	if (reader_need(&r, "model/files"))
		status = FAUX_FAILED;
	for (int i = 1; r.text && i < argc; i++) {
		model_path(mnt, argv[i], rows[nr].path);
		if (find(r.text, &rows[nr])) {
			nr++;
			continue;
		}
		fprintf(stderr,
			"faux pcstat: %s: no such file in the machine "
			"(model/files lists them)\n",
			argv[i]);
		status = FAUX_FAILED;
	}
	if (nr)
		print_table(rows, nr);
	free(rows);
	reader_fini(&r);
	return status;
}
