// SPDX-License-Identifier: Apache-2.0
#include "tools/faux.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who is not root needs the helper that mounted it. Exit status. */
static int by_helper(const char *mnt)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execlp("fusermount3", "fusermount3", "-u", mnt, (char *)NULL);
		fprintf(stderr, "faux umount: fusermount3: %s\n",
			strerror(errno));
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

const char faux_umount_usage[] =
	"usage: faux [-m MNT] umount [MNT]\n"
	"Takes the machine down and waits until its daemon has ended.\n";

int faux_umount(const char *mnt, int argc, char **argv)
{
	if (argc > 2)
		return faux_misused(faux_umount_usage);
	if (argc == 2)
		mnt = argv[1];
	if (umount2(mnt, UMOUNT_NOFOLLOW) == 0)
		return 0;
	if (errno == EPERM)
		return by_helper(mnt);
	fprintf(stderr, "faux umount: %s: %s%s\n", mnt, strerror(errno),
		errno == EBUSY ? "; fuser -vm tells who uses it" : "");
	return 1;
}
