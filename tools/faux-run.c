// SPDX-License-Identifier: Apache-2.0
#include "tools/faux.h"
#include "tools/world-run.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char faux_run_usage[] =
	"usage: faux run [-c PROFILE | -m MNT] [-s SCRIPT] "
	"[-o OPTION,...] -- COMMAND [ARG...]\n"
	"  -c PROFILE  a private machine of this profile (default: "
	"laptop.ini)\n"
	"  -m MNT      the machine mounted there\n"
	"  -s SCRIPT   operations to run first\n"
	"  -o OPTION   of fauxproc, as list=sim+self\n"
	"COMMAND sees the machine's /proc and /sys. See faux(1).\n";

/* As of any program that starts another: what it returns is COMMAND's. */
static int misused(void)
{
	faux_misused(faux_run_usage);
	return WORLD_FAILED;
}

/* The daemon: $FAUXPROC, or beside this program. */
static const char *daemon_path(char *room, size_t size)
{
	const char *given = getenv("FAUXPROC");
	ssize_t n = readlink("/proc/self/exe", room, size - 1);
	char *slash;

	if (given && *given)
		return given;
	if (n <= 0)
		return NULL;
	room[n] = '\0';
	slash = strrchr(room, '/');
	if (!slash || (size_t)(slash - room) + sizeof("/fauxproc") > size)
		return NULL;
	strcpy(slash, "/fauxproc");
	return access(room, X_OK) ? NULL : room;
}

/* Where a machine is mounted, and a way to answer calls that there is. */
static bool checked(const char *mnt)
{
	static const char *const ways[] = { "seccomp", "preload", "host" };
	const char *calls = getenv("FAUXPROC_CALLS");
	bool known = !calls;
	char ctl[PATH_MAX];

	for (size_t i = 0; !known && i < sizeof(ways) / sizeof(*ways); i++)
		known = !strcmp(calls, ways[i]);
	if (!known)
		fprintf(stderr,
			"faux run: FAUXPROC_CALLS is seccomp, preload or host, "
			"not '%s'\n",
			calls);
	if (!mnt || !known)
		return known;
	if (snprintf(ctl, sizeof(ctl), "%s/ctl", mnt) < (int)sizeof(ctl) &&
	    !access(ctl, F_OK))
		return true;
	fprintf(stderr, "faux run: %s: %s\n", mnt,
		errno == ENOTCONN ? "the daemon is gone"
				  : "no machine is mounted there");
	return false;
}

/* Nobody should look for the memory of what is started here in the tree. */
static void tell(void)
{
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		fputs("Programs started here see this machine; they do not "
		      "live in its memory.\n"
		      "To use memory: faux ctl 'spawn hog'\n",
		      stderr);
}

/* The script of a machine that is mounted; its replies are nobody's. */
static int run_script(const char *mnt, char *script)
{
	char ctl[] = "ctl", option[] = "-f";
	char *argv[] = { ctl, option, script, NULL };
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		optind = 1;
		_exit(freopen("/dev/null", "w", stdout) ? faux_ctl(mnt, 3, argv)
							: FAUX_FAILED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return WORLD_FAILED;
	return 0;
}

int faux_run(const char *mnt, int argc, char **argv)
{
	char room[PATH_MAX];
	struct world_run r = { .mnt = mnt };
	char *script = NULL;
	int c;

	while ((c = getopt(argc, argv, "+c:m:s:o:h")) != -1) {
		switch (c) {
		case 'c':
			r.profile = optarg;
			break;
		case 'm':
			r.mnt = optarg;
			break;
		case 's':
			script = optarg;
			break;
		case 'o':
			r.options = optarg;
			break;
		default:
			return misused();
		}
	}
	if (optind >= argc || (r.mnt && (r.profile || r.options)))
		return misused();
	if (!checked(r.mnt))
		return WORLD_FAILED;
	r.daemon = daemon_path(room, sizeof(room));
	if (!r.daemon) {
		fputs("faux run: no fauxproc beside this program; set "
		      "FAUXPROC to its path\n",
		      stderr);
		return WORLD_FAILED;
	}
	r.command = argv + optind;
	r.script = script;
	if (r.mnt && script && run_script(r.mnt, script))
		return WORLD_FAILED;
	tell();
	return world_run(&r);
}
