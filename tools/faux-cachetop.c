// SPDX-License-Identifier: Apache-2.0
#include "tools/cache-use.h"
#include "tools/faux.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char faux_cachetop_usage[] =
	"usage: faux [-m MNT] cachetop [INTERVAL [COUNT]]\n"
	"Hits and misses of the page cache by process, every INTERVAL "
	"seconds [5].\n";

struct row {
	unsigned pid;
	struct use use;
};

static int by_hits(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint64_t hx = use_hits(&x->use), hy = use_hits(&y->use);

	if (hx != hy)
		return hx < hy ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void print_row(struct reader *r, const struct row *row)
{
	const struct use *u = &row->use;
	/* A page that was dirty already was there already. */
	uint64_t rewritten = u->writes > u->dirties ? u->writes - u->dirties
						    : 0;
	char comm[16], user[12];

	reader_comm(r, row->pid, comm);
	reader_user(r, row->pid, user);
	printf("%8u %-8.8s %-16.16s %8llu %8llu %8llu %9.1f%% %9.1f%%\n",
	       row->pid, user, comm, (unsigned long long)use_hits(u),
	       (unsigned long long)u->misses, (unsigned long long)u->dirties,
	       percent(u->reads - u->misses, u->reads),
	       percent(rewritten, u->writes));
}

static int heading(struct reader *r)
{
	char now[9];

	if (reader_need(r, "proc/meminfo"))
		return FAUX_FAILED;
	wall_time(now);
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	printf("%s Buffers MB: %llu / Cached MB: %llu / Sort: HITS / Order: "
	       "descending\n",
	       now, (unsigned long long)text_number(r->text, "Buffers") / 1024,
	       (unsigned long long)text_number(r->text, "Cached") / 1024);
	printf("%-8s %-8s %-16s %-8s %-8s %-8s %-10s %-10s\n", "PID", "UID",
	       "CMD", "HITS", "MISSES", "DIRTIES", "READ_HIT%", "WRITE_HIT%");
	return FAUX_OK;
}

static int print(struct reader *r, const struct io_look *before,
		 const struct io_look *now)
{
	struct row *rows = calloc(now->nr + 1, sizeof(*rows));
	size_t nr = 0;

	if (!rows)
		return FAUX_MEMORY;
	for (size_t i = 0; i < now->nr; i++) {
		struct use u = use_since(before, &now->rows[i]);

		/* init has the sums of those that ended (wait4(2)) */
		if (now->rows[i].pid != 1 && u.reads + u.writes + u.dirties)
			rows[nr++] = (struct row){ now->rows[i].pid, u };
	}
	qsort(rows, nr, sizeof(*rows), by_hits);
	if (heading(r)) {
		free(rows);
		return FAUX_FAILED;
	}
	for (size_t i = 0; i < nr; i++)
		print_row(r, &rows[i]);
	free(rows);
	return fflush(stdout) ? FAUX_FAILED : FAUX_OK;
}

int faux_cachetop(const char *mnt, int argc, char **argv)
{
	struct reader r = { .mnt = mnt, .command = "faux cachetop" };
	struct pace p = { .interval = 5 };
	struct io_look before, now;
	int status;

	if (!pace_parse(&p, argc, argv, 1))
		return faux_misused(faux_cachetop_usage);
	status = io_look(&r, &before);
	for (unsigned i = 0; !status && (!p.count || i < p.count); i++) {
		sleep(p.interval);
		status = io_look(&r, &now);
		if (status)
			break;
		status = print(&r, &before, &now);
		io_look_fini(&before);
		before = now;
	}
	io_look_fini(&before);
	reader_fini(&r);
	return status;
}
