// SPDX-License-Identifier: Apache-2.0
#include "tools/cache-use.h"
#include "tools/faux.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

const char faux_cachestat_usage[] =
	"usage: faux [-m MNT] cachestat [-T] [INTERVAL [COUNT]]\n"
	"Hits and misses of the page cache, a line every INTERVAL "
	"seconds [1]; -T: with the time.\n";

static void heading(bool with_time)
{
	if (with_time)
		printf("%-8s ", "TIME");
	printf("%8s %8s %8s %8s %12s %10s\n", "HITS", "MISSES", "DIRTIES",
	       "HITRATIO", "BUFFERS_MB", "CACHED_MB");
}

static int line(struct reader *r, const struct use *u, bool with_time)
{
	uint64_t hits = use_hits(u);
	char now[9];

	if (reader_need(r, "proc/meminfo"))
		return FAUX_FAILED;
	if (with_time) {
		wall_time(now);
		printf("%-8s ", now);
	}
	printf("%8llu %8llu %8llu %7.2f%% %12llu %10llu\n",
	       (unsigned long long)hits, (unsigned long long)u->misses,
	       (unsigned long long)u->dirties, percent(hits, hits + u->misses),
	       (unsigned long long)text_number(r->text, "Buffers") / 1024,
	       (unsigned long long)text_number(r->text, "Cached") / 1024);
	return fflush(stdout) ? FAUX_FAILED : FAUX_OK;
}

static int watch(struct reader *r, const struct pace *p, bool with_time)
{
	struct io_look before, now;
	int status = io_look(r, &before);

	if (!status)
		heading(with_time);
	fflush(stdout);
	for (unsigned i = 0; !status && (!p->count || i < p->count); i++) {
		struct use u;

		sleep(p->interval);
		status = io_look(r, &now);
		if (status)
			break;
		u = use_of_all(&before, &now);
		status = line(r, &u, with_time);
		io_look_fini(&before);
		before = now;
	}
	io_look_fini(&before);
	return status;
}

int faux_cachestat(const char *mnt, int argc, char **argv)
{
	struct reader r = { .mnt = mnt, .command = "faux cachestat" };
	struct pace p = { .interval = 1 };
	bool with_time = false;
	int c, status;

	while ((c = getopt(argc, argv, "+T")) != -1) {
		if (c != 'T')
			return faux_misused(faux_cachestat_usage);
		with_time = true;
	}
	if (!pace_parse(&p, argc, argv, optind))
		return faux_misused(faux_cachestat_usage);
	status = watch(&r, &p, with_time);
	reader_fini(&r);
	return status;
}
