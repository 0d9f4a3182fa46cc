// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel of this machine takes for the operations that bench.py
 * measures in the model: a line `NAME NS` each, the least of some runs in CPU
 * time of the thread.
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

#define MIB   1048576ul
#define PAGE  4096ul
#define BYTES (256 * MIB)
#define PAGES (BYTES / PAGE)
#define RUNS  3
#define PAIRS 20000
#define AREAS 50000ul

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void *map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	madvise(p, bytes, MADV_NOHUGEPAGE);
	return p;
}

static void touch(volatile char *p, int write)
{
	for (size_t i = 0; i < BYTES; i += PAGE) {
		if (write)
			p[i] = 1;
		else
			(void)p[i];
	}
}

/* Each gives ns an operation. */
static double write_fault(void)
{
	void *p = map(BYTES);
	uint64_t t = now();

	touch(p, 1);
	t = now() - t;
	munmap(p, BYTES);
	return (double)t / PAGES;
}

/* Each page of a range once, in an order that jumps. */
static double random_fault(void)
{
	volatile char *p = map(4 * BYTES);
	uint64_t t = now();

	for (size_t i = 0; i < PAGES; i++)
		p[i * 40503 % (4 * PAGES) * PAGE] = 1;
	t = now() - t;
	munmap((void *)(uintptr_t)p, 4 * BYTES);
	return (double)t / PAGES;
}

static double zero_fault(void)
{
	void *p = map(BYTES);
	uint64_t t = now();

	touch(p, 0);
	t = now() - t;
	munmap(p, BYTES);
	return (double)t / PAGES;
}

static double unmap(void)
{
	void *p = map(BYTES);
	uint64_t t;

	touch(p, 1);
	t = now();
	munmap(p, BYTES);
	return (double)(now() - t) / PAGES;
}

static double fork_page(void)
{
	void *p = map(BYTES);
	uint64_t t;
	pid_t child;

	touch(p, 1);
	t = now();
	child = fork();
	if (!child)
		_exit(0);
	t = now() - t;
	waitpid(child, NULL, 0);
	munmap(p, BYTES);
	return (double)t / PAGES;
}

static double cow_fault(void)
{
	void *p = map(BYTES);
	double ns = 0;
	int ends[2];

	touch(p, 1);
	if (pipe(ends))
		exit(1);
	if (!fork()) {
		uint64_t t = now();

		touch(p, 1);
		ns = (double)(now() - t) / PAGES;
		_exit(write(ends[1], &ns, sizeof(ns)) != sizeof(ns));
	}
	if (read(ends[0], &ns, sizeof(ns)) != sizeof(ns))
		ns = 0;
	wait(NULL);
	close(ends[0]);
	close(ends[1]);
	munmap(p, BYTES);
	return ns;
}

static double cached_pread(void)
{
	static char chunk[MIB];
	FILE *f = tmpfile();
	uint64_t t;

	if (!f)
		exit(1);
	for (unsigned i = 0; i < 64; i++)
		if (write(fileno(f), chunk, MIB) != (ssize_t)MIB)
			exit(1);
	t = now();
	for (off_t i = 0; i < (off_t)(64 * MIB); i += (off_t)PAGE)
		if (pread(fileno(f), chunk, PAGE, i) != (ssize_t)PAGE)
			exit(1);
	t = now() - t;
	fclose(f);
	return (double)t / (64.0 * MIB / PAGE);
}

static double pairs(void)
{
	uint64_t t = now();

	for (unsigned i = 0; i < PAIRS; i++)
		munmap(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		       PAGE);
	return (double)(now() - t) / PAIRS;
}

static double pairs_among(void)
{
	char *p = map(AREAS * PAGE);
	double ns;

	for (size_t i = 0; i < AREAS; i += 2)
		mprotect(p + i * PAGE, PAGE, PROT_READ);
	ns = pairs();
	munmap(p, AREAS * PAGE);
	return ns;
}

static const struct {
	const char *name;
	double (*run)(void);
} rows[] = {
	{ "write_fault", write_fault },
	{ "random_fault", random_fault },
	{ "zero_fault", zero_fault },
	{ "cow_fault", cow_fault },
	{ "munmap_page", unmap },
	{ "fork_page", fork_page },
	{ "pread", cached_pread },
	{ "mmap_munmap", pairs },
	{ "mmap_munmap_50000", pairs_among },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double best = 0;

		for (unsigned r = 0; r < RUNS; r++) {
			double ns = rows[i].run();

			if (!r || ns < best)
				best = ns;
		}
		printf("%s %.1f\n", rows[i].name, best);
		fflush(stdout);
	}
	return 0;
}
