// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse-daemon.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef FAUXPROC_VERSION
#define FAUXPROC_VERSION "0"
#endif

static const char usage_text[] =
	"usage: fauxproc [-f] [-c PROFILE] [-s SCRIPT] [-o OPT,...]\n"
	"                [--set SECTION.KEY=VALUE] MNT\n"
	"       fauxproc --check PROFILE\n"
	"       fauxproc -h | -V\n";
static const char help_text[] =
	"Mount a simulated Linux machine's /proc and /sys on the folder MNT.\n"
	"  -f                       stay in the foreground\n"
	"  -c PROFILE               the machine, an INI file (default "
	"laptop.ini)\n"
	"  -s SCRIPT                operations to run first\n"
	"  --set SECTION.KEY=VALUE  one value of the profile\n"
	"  --check PROFILE          is the profile right? mounts nothing\n"
	"  -o allow_other           let other users in\n"
	"  -o list=sim+self         a list of proc/ shows who looks, too\n"
	"The end: fusermount3 -u MNT, or SIGTERM. See fauxproc(8).\n";

static int usage(const char *what, const char *name)
{
	if (what)
		fprintf(stderr, "fauxproc: %s%s\n", what, name);
	fputs(usage_text, stderr);
	return EXIT_USAGE;
}

/* One word of -o. 0 or an exit code. */
static int mount_option(struct options *o, const char *word, size_t len)
{
	static const char list[] = "list=", max_read[] = "max_read=";

	/* for the mount, and for libfuse's answer to its first request */
	if (!strncmp(word, max_read, sizeof(max_read) - 1))
		o->max_read = (unsigned)strtoul(word + sizeof(max_read) - 1,
						NULL, 10);
	if (len == 5 && !memcmp(word, "world", len)) {
		o->world = true;
	} else if (len == 8 && !memcmp(word, "list=sim", len)) {
		o->list_self = false;
	} else if (len == 13 && !memcmp(word, "list=sim+self", len)) {
		o->list_self = true;
	} else if (!strncmp(word, list, sizeof(list) - 1)) {
		return usage("-o list= takes sim or sim+self, not ", word + 5);
	} else if (len) {
		out_char(&o->fuse, ',');
		out_bytes(&o->fuse, word, len);
	}
	return 0;
}

static int mount_options(struct options *o, const char *words)
{
	size_t len;
	int code = 0;

	for (; !code; words += len + 1) {
		len = strcspn(words, ",");
		code = mount_option(o, words, len);
		if (!words[len])
			break;
	}
	return code;
}

enum { OPT_SET = 256, OPT_CHECK };
static const struct option long_options[] = {
	{ "set", required_argument, NULL, OPT_SET },
	{ "check", required_argument, NULL, OPT_CHECK },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* GO_ON or an exit code. */
static int take_option(struct options *o, struct alone *a, int c)
{
	switch (c) {
	case 'f':
		o->foreground = true;
		return GO_ON;
	case 'c':
		a->profile = optarg;
		return GO_ON;
	case 's':
		o->script = optarg;
		return GO_ON;
	case 'o':
		return mount_options(o, optarg) ? EXIT_USAGE : GO_ON;
	case OPT_SET:
		a->set[a->nr_set++] = optarg;
		return GO_ON;
	case OPT_CHECK:
		a->profile = optarg;
		o->check = true;
		return GO_ON;
	case 'h':
		printf("%s%s", usage_text, help_text);
		return EXIT_DONE;
	case 'V':
		puts("fauxproc " FAUXPROC_VERSION);
		return EXIT_DONE;
	default:
		return usage(NULL, NULL); /* getopt said what was wrong */
	}
}

int options_parse(struct options *o, struct alone *a, int argc, char **argv)
{
	int c, code;

	while ((c = getopt_long(argc, argv, "fc:s:o:hV", long_options, NULL)) !=
	       -1) {
		code = take_option(o, a, c);
		if (code != GO_ON)
			return code;
	}
	if (o->check)
		return optind == argc ? GO_ON
				      : usage("--check mounts nothing: ",
					      argv[optind]);
	if (optind == argc)
		return usage("where to mount? MNT is missing", "");
	o->mount = argv[optind];
	return optind + 1 == argc
		       ? GO_ON
		       : usage("one MNT only, what is ", argv[optind + 1]);
}
