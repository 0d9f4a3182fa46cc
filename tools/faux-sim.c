// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-world.h"
#include "tools/faux.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
	fputs("usage: faux sim [--set SECTION.KEY=VALUE]... PROFILE [SCRIPT|-]\n"
	      "       faux sim --check PROFILE     is the profile right?\n"
	      "       faux sim --print PROFILE     with all its defaults\n"
	      "Boots the machine of PROFILE without a mount, runs SCRIPT "
	      "(-: standard input,\neach line answered at once), prints the "
	      "replies. See faux(1).\n",
	      stderr);
	return FAUX_USAGE;
}

enum job { JOB_RUN, JOB_CHECK, JOB_PRINT };
enum { OPT_SET = 256, OPT_CHECK, OPT_PRINT };
static const struct option long_options[] = {
	{ "set", required_argument, NULL, OPT_SET },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "print", no_argument, NULL, OPT_PRINT },
	{ NULL, 0, NULL, 0 },
};

/* Which profile, and what to do with it. False: bad usage. */
static bool parse(struct alone *a, int argc, char **argv, enum job *job)
{
	int c;

	while ((c = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		if (c == OPT_SET)
			a->set[a->nr_set++] = optarg;
		else if (c == OPT_CHECK)
			*job = JOB_CHECK;
		else if (c == OPT_PRINT)
			*job = JOB_PRINT;
		else
			return false;
	}
	if (optind == argc || argc - optind > (*job == JOB_RUN ? 2 : 1))
		return false;
	a->profile = argv[optind];
	return true;
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

int faux_sim(const char *mnt, int argc, char **argv)
{
	struct alone *a = alone_new("faux sim", argc);
	enum job job = JOB_RUN;
	int r;

	(void)mnt;
	if (!a)
		return FAUX_MEMORY;
	if (!parse(a, argc, argv, &job)) {
		r = usage();
	} else if (job == JOB_PRINT) {
		r = print(a);
	} else if (job == JOB_CHECK) {
		r = alone_load(a);
		profile_fini(&a->p);
	} else {
		r = run(a, optind + 1 < argc ? argv[optind + 1] : "-");
	}
	alone_free(a);
	return r;
}
