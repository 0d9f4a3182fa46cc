// SPDX-License-Identifier: Apache-2.0
/* What a real program did to its memory, as a script. */
#include "tools/faux.h"
#include "tools/replay.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char faux_replay_usage[] =
	"usage: faux replay [-p NAME] [-t] LOG\n"
	"Prints a script that does what LOG says, for faux ctl -f and "
	"faux sim:\n"
	"  strace -f -e trace=memory,file,desc,process -o LOG PROGRAM\n"
	"  valgrind --tool=lackey --trace-mem=yes --log-file=LOG "
	"PROGRAM\n"
	"-t: strace does not see accesses: touch what is mapped, "
	"once.\n";

enum log_kind { LOG_STRANGE, LOG_STRACE, LOG_LACKEY };

/* " L 04010000,8" */
static bool is_access(const char *line)
{
	unsigned long long addr, size;
	char kind;

	return sscanf(line, " %c %llx,%llu", &kind, &addr, &size) == 3 &&
	       strchr("ILSM", kind);
}

/* "12 brk(NULL)    = 0x555555560000" */
static bool is_call(const char *line)
{
	const char *at = strchr(line, '(');

	while (at && (at = strstr(at, ") "))) {
		at += 1 + strspn(at + 1, " ");
		if (at[0] == '=' && at[1] == ' ')
			return true;
	}
	return false;
}

static enum log_kind kind_of(FILE *log)
{
	enum log_kind kind = LOG_STRANGE;
	char line[2048];

	for (unsigned i = 0; i < 2000 && !kind; i++) {
		if (!fgets(line, sizeof(line), log))
			break;
		if (is_access(line))
			kind = LOG_LACKEY;
		else if (is_call(line))
			kind = LOG_STRACE;
	}
	rewind(log);
	return kind;
}

static int replay(FILE *log, const char *path, const char *name, bool touch)
{
	switch (kind_of(log)) {
	case LOG_LACKEY:
		return replay_lackey(log, name);
	case LOG_STRACE:
		return replay_strace(log, name, touch);
	default:
		fprintf(stderr,
			"faux replay: %s: no line of strace -f or of "
			"valgrind --tool=lackey; --help has both commands\n",
			path);
		return FAUX_FAILED;
	}
}

/* It has room for the number of a child behind it. */
static bool name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

	if (n && n <= 8 && !name[n] && isalpha((unsigned char)name[0]))
		return true;
	fprintf(stderr,
		"faux replay: -p '%s': a name is a letter, then at most 7 "
		"letters, digits, _ - .\n",
		name);
	return false;
}

int faux_replay(const char *mnt, int argc, char **argv)
{
	const char *name = "p";
	bool touch = false;
	FILE *log;
	int c, r;

	(void)mnt;
	while ((c = getopt(argc, argv, "+p:t")) != -1) {
		if (c == 'p')
			name = optarg;
		else if (c == 't')
			touch = true;
		else
			return faux_misused(faux_replay_usage);
	}
	if (argc - optind != 1)
		return faux_misused(faux_replay_usage);
	if (!name_ok(name))
		return FAUX_USAGE;
	log = fopen(argv[optind], "re");
	if (!log) {
		fprintf(stderr, "faux replay: %s: %s\n", argv[optind],
			strerror(errno));
		return FAUX_FAILED;
	}
	r = replay(log, argv[optind], name, touch);
	fclose(log);
	return fflush(stdout) || ferror(stdout) ? FAUX_FAILED : r;
}
