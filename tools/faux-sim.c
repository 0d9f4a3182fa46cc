// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-world.h"
#include "tools/faux.h"
#include "tools/sweep.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char faux_sim_usage[] =
	"usage: faux sim [--set SECTION.KEY=VALUE]... PROFILE [SCRIPT|-]\n"
	"       faux sim [--set KEY=V1,V2,...]... [--print FILE|FIELD]...\n"
	"                [--csv|--json] [--no-header] [-j JOBS] [--list] "
	"PROFILE SCRIPT...\n"
	"       faux sim --check PROFILE     is the profile right?\n"
	"       faux sim --print-config PROFILE     with all its "
	"defaults\n"
	"Boots the machine of PROFILE without a mount, runs SCRIPT "
	"(-: standard input,\neach line answered at once), prints the "
	"replies; with several values or scripts,\nor with --print, "
	"prints a line for each combination. See faux(1).\n";

enum job { JOB_RUN, JOB_SWEEP, JOB_LIST, JOB_CHECK, JOB_CONFIG };
enum {
	OPT_SET = 256,
	OPT_CHECK,
	OPT_CONFIG,
	OPT_PRINT,
	OPT_CSV,
	OPT_JSON,
	OPT_LIST,
	OPT_NO_HEADER,
};
static const struct option long_options[] = {
	{ "set", required_argument, NULL, OPT_SET },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "validate-config", no_argument, NULL, OPT_CHECK },
	{ "print-config", no_argument, NULL, OPT_CONFIG },
	{ "print", required_argument, NULL, OPT_PRINT },
	{ "csv", no_argument, NULL, OPT_CSV },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "no-header", no_argument, NULL, OPT_NO_HEADER },
	{ NULL, 0, NULL, 0 },
};

/* What the command line asks for. */
struct request {
	struct alone *a;
	struct sweep sweep;
	enum job job;
	bool many; /* an option says so */
};

static bool take_jobs(struct request *q, const char *text)
{
	uint64_t jobs;

	if (script_number(text, strlen(text), &jobs) || !jobs || jobs > 65536)
		return false;
	q->sweep.jobs = (unsigned)jobs;
	q->many = true;
	return true;
}

/* One option. False: bad usage. */
static bool take(struct request *q, int c)
{
	switch (c) {
	case OPT_SET:
		return sweep_add_set(&q->sweep, optarg);
	case OPT_PRINT:
		q->many = true;
		return sweep_add_print(&q->sweep, optarg);
	case OPT_CSV:
	case OPT_JSON:
		q->many = true;
		q->sweep.format = c == OPT_CSV ? SWEEP_CSV : SWEEP_JSON;
		return true;
	case OPT_NO_HEADER:
		q->many = q->sweep.no_header = true;
		return true;
	case OPT_LIST:
		q->job = JOB_LIST;
		return true;
	case OPT_CHECK:
	case OPT_CONFIG:
		q->job = c == OPT_CHECK ? JOB_CHECK : JOB_CONFIG;
		return true;
	case 'j':
		return take_jobs(q, optarg);
	default:
		return false;
	}
}

/* Which profile, and what to do with it. False: bad usage. */
static bool parse(struct request *q, int argc, char **argv)
{
	struct sweep *s = &q->sweep;
	int c;

	while ((c = getopt_long(argc, argv, "+j:", long_options, NULL)) != -1)
		if (!take(q, c))
			return false;
	if (optind == argc)
		return false;
	q->a->profile = s->profile = argv[optind++];
	s->scripts = argv + optind;
	s->nr_scripts = (unsigned)(argc - optind);
	for (unsigned i = 0; i < s->nr_axes; i++)
		q->a->set[q->a->nr_set++] = s->axes[i].values[0];
	if (q->job == JOB_CHECK || q->job == JOB_CONFIG)
		return !s->nr_scripts;
	if (q->many || sweep_settings(s) > 1 || s->nr_scripts > 1)
		q->job = q->job == JOB_LIST ? JOB_LIST : JOB_SWEEP;
	for (unsigned i = 0; q->job != JOB_RUN && i < s->nr_scripts; i++)
		if (!strcmp(s->scripts[i], "-")) {
			fputs("faux sim: several runs need a script in a "
			      "file\n",
			      stderr);
			return false;
		}
	return q->job == JOB_RUN || s->nr_scripts;
}

static int print(struct alone *a)
{
	struct outbuf out;
	int r = alone_load(a);

	out_init(&out);
	if (!r)
		profile_print(&a->p, &out);
	if (out.len)
		fwrite(out.text, 1, out.len, stdout);
	out_free(&out);
	profile_fini(&a->p);
	return r;
}

static int run(struct alone *a, const char *script)
{
	int r = alone_boot(a);

	if (!r)
		r = alone_script(a, script, stdout);
	alone_fini(a);
	if (fflush(stdout) || ferror(stdout))
		r = FAUX_FAILED;
	return r;
}

static int do_job(struct request *q)
{
	const struct sweep *s = &q->sweep;
	int r;

	switch (q->job) {
	case JOB_SWEEP:
		return sweep_run(s);
	case JOB_LIST:
		return sweep_list(s);
	case JOB_CONFIG:
		return print(q->a);
	case JOB_CHECK:
		r = alone_load(q->a);
		profile_fini(&q->a->p);
		return r;
	default:
		return run(q->a, s->nr_scripts ? s->scripts[0] : "-");
	}
}

int faux_sim(const char *mnt, int argc, char **argv)
{
	struct request q = { .a = alone_new("faux sim", argc) };
	int r;

	(void)mnt;
	if (!q.a)
		return FAUX_MEMORY;
	r = parse(&q, argc, argv) ? do_job(&q) : faux_misused(faux_sim_usage);
	sweep_fini(&q.sweep);
	alone_free(q.a);
	return r;
}
