// SPDX-License-Identifier: Apache-2.0
/*
 * A real process to look at beside a simulated one; it sleeps until its input
 * ends, and says its pid when it is ready.
 *
 *   many areas N      N mappings of a page that cannot merge
 *   many pages MIB    so much memory, touched; `shared`: by a child too
 *   many tasks N      N children that sleep
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *map(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	madvise(p, bytes, MADV_NOHUGEPAGE);
	return p;
}

/* Whoever it is, it goes when the first one's input ends. */
static void sleep_on(void)
{
	char c;

	while (read(0, &c, 1) > 0)
		continue;
	_exit(0);
}

static void child(void)
{
	if (!fork())
		sleep_on();
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	if (!strcmp(what, "areas")) {
		char *p = map(2 * n * 4096);

		for (size_t i = 0; i < n; i++)
			munmap(p + (2 * i + 1) * 4096, 4096);
	} else if (!strcmp(what, "pages")) {
		memset(map(n << 20), 1, n << 20);
		if (argc > 3)
			child();
	} else if (!strcmp(what, "tasks")) {
		for (size_t i = 0; i < n; i++)
			child();
	} else {
		return 2;
	}
	printf("%d\n", (int)getpid());
	fflush(stdout);
	sleep_on();
}
