// SPDX-License-Identifier: Apache-2.0
/*
 * How long open, read to the end and close of a file take.
 *
 *   reader FILE SECONDS [READERS]
 *
 * One line: microseconds of the wall's clock, the median and the 99th of a
 * hundred; reads a second of all READERS processes; bytes read each time.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 200000u /* readings kept by a reader */

struct reading {
	uint32_t nr, bytes;
	uint32_t ns[MOST];
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t read_once(const char *path)
{
	static char buf[1 << 17];
	int fd = open(path, O_RDONLY);
	uint32_t bytes = 0;
	ssize_t n;

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		bytes += (uint32_t)n;
	close(fd);
	return bytes;
}

static void read_on(const char *path, double seconds, struct reading *r)
{
	uint64_t at = now(), end = at + (uint64_t)(seconds * 1e9);

	while (at < end && r->nr < MOST) {
		uint64_t then = at;

		r->bytes = read_once(path);
		at = now();
		r->ns[r->nr++] = (uint32_t)(at - then);
	}
}

static int less(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 1;
	unsigned readers = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
	struct reading *all;
	uint32_t *ns;
	size_t n = 0;

	if (argc < 2 || !readers) {
		fprintf(stderr, "usage: reader FILE SECONDS [READERS]\n");
		return 2;
	}
	all = mmap(NULL, readers * sizeof(*all), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ns = malloc((size_t)readers * MOST * sizeof(*ns));
	if (all == MAP_FAILED || !ns)
		return 1;
	read_once(argv[1]);
	for (unsigned i = 0; i < readers; i++)
		if (!fork()) {
			read_on(argv[1], seconds, &all[i]);
			_exit(0);
		}
	while (wait(NULL) > 0)
		continue;
	for (unsigned i = 0; i < readers; i++)
		for (uint32_t k = 0; k < all[i].nr; k++)
			ns[n++] = all[i].ns[k];
	if (!n)
		return 1;
	qsort(ns, n, sizeof(*ns), less);
	printf("%.2f %.2f %.0f %u\n", ns[n / 2] / 1e3,
	       ns[n - 1 - n / 100] / 1e3, (double)n / seconds, all[0].bytes);
	return 0;
}
