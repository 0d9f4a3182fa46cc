// SPDX-License-Identifier: Apache-2.0
/*
 * Ask the C library of this system where its chunks lie: what stands in
 * glibc-2.36.tsv was printed by this program, which test-heap replays.
 *
 *     cc -O1 -o record record.c && ./record > glibc-2.36.tsv
 *
 * A line is an operation, what it answered, how far brk is from where it was
 * at first, and the page faults it took. Addresses in the heap count from its
 * start (+OFF), those elsewhere from their page (~OFF).
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 48

struct slot {
	char *at;
	size_t size;
};

/* Nothing here may allocate: the library's heap is what is looked at. */
static struct slot slots[SLOTS];
static char text[1 << 20];
static size_t used;
static char *base;
static uint64_t state;

static uint64_t below(uint64_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % n;
}

static long faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt;
}

static void answer(const char *op, long before)
{
	used += (size_t)snprintf(
		text + used, sizeof(text) - used, "%s\t%lx\t%ld\n", op,
		(long)((char *)sbrk(0) - base), faults() - before);
}

static void take(unsigned i, size_t size)
{
	char op[96], *end = (char *)sbrk(0);
	long before = faults();
	char *at = malloc(size), where[32] = "none";

	end = (char *)sbrk(0) > end ? (char *)sbrk(0) : end;
	if (at)
		snprintf(where, sizeof(where),
			 at >= base && at < end ? "+%lx" : "~%lx",
			 at >= base && at < end ? (unsigned long)(at - base)
						: (unsigned long)at & 0xfff);
	snprintf(op, sizeof(op), "malloc n%u %zu\t%s", i, size, where);
	answer(op, before);
	slots[i] = (struct slot){ at, size };
}

static void give(unsigned i)
{
	char op[96];
	long before = faults();

	free(slots[i].at);
	snprintf(op, sizeof(op), "free n%u\t-", i);
	answer(op, before);
	slots[i].at = NULL;
}

static void touch(unsigned i)
{
	char op[96];
	long before = faults();

	for (size_t at = 0; at < slots[i].size; at += 4096)
		*(volatile char *)(slots[i].at + at) = 1;
	snprintf(op, sizeof(op), "touch n%u write\t-", i);
	answer(op, before);
}

static void move(long bytes)
{
	char op[96];
	long before = faults();

	if (sbrk(bytes) == (void *)-1)
		abort();
	snprintf(op, sizeof(op), "brk %+ld\t-", bytes);
	answer(op, before);
}

/* Something in the heap's way, @bytes above its end. */
static void block(long bytes)
{
	char op[96], *end = (char *)(((uintptr_t)sbrk(0) + 4095) & ~4095ul);
	long before = faults();

	if (mmap(end + bytes, 4096, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		abort();
	snprintf(op, sizeof(op), "mmap wall 4K prot=none fixed=heap+%ld\t-",
		 (long)(end + bytes - base));
	answer(op, before);
}

struct shape {
	const char *name;
	unsigned lines, moves; /* moves: one line in so many moves brk */
	unsigned shift; /* of sizes: uniform in their logarithm up to */
	long wall; /* block it at first, so far above */
};

static void run(const struct shape *s, unsigned seed)
{
	state = seed;
	used += (size_t)snprintf(text + used, sizeof(text) - used, "# %s %u\n",
				 s->name, seed);
	if (s->wall) {
		take(0, 100);
		block(s->wall);
	}
	for (unsigned n = 0; n < s->lines; n++) {
		unsigned i = (unsigned)below(SLOTS);

		if (s->moves && !below(s->moves))
			move((long)below(3) ? 16 * (long)below(2000) : 4096);
		else if (!slots[i].at)
			take(i, below(1ull << (4 + below(s->shift - 3))));
		else if (below(4))
			give(i);
		else
			touch(i);
	}
}

/* FEATURES: what a reader is told of malloc. */
static void everyday(void)
{
	used += (size_t)snprintf(text + used, sizeof(text) - used,
				 "# everyday 0\n");
	take(0, 100 << 10);
	take(1, 200 << 10);
	touch(0);
	give(0);
	take(0, 100 << 10);
	touch(0);
	for (unsigned i = 2; i < 12; i++)
		take(i, 256 << 10);
	give(1);
	take(1, 200 << 10);
	give(2);
	take(2, 256 << 10);
	touch(2);
	give(2);
	take(2, 256 << 10);
	touch(2);
	take(20, 120 << 10);
	take(21, 120 << 10);
	take(22, 24);
	touch(20);
	touch(21);
	give(20);
	give(21);
	give(22);
	give(0);
}

static const struct shape shapes[] = {
	{ "small", 600, 0, 8, 0 },	   { "kilobytes", 600, 0, 13, 0 },
	{ "mixed", 500, 0, 18, 0 },	   { "large", 500, 0, 22, 0 },
	{ "moved", 400, 12, 17, 0 },	   { "moved-small", 400, 12, 11, 0 },
	{ "walled", 300, 0, 18, 1 << 16 },
};

static void child(unsigned i)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	/* All that is there is touched; what comes is not locked. */
	if (mlockall(MCL_CURRENT) || munlockall())
		perror("mlockall");
	base = sbrk(0);
	if (i)
		run(&shapes[i - 1], 1400 + i);
	else
		everyday();
	if (write(1, text, used) != (ssize_t)used)
		_exit(1);
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned n = sizeof(shapes) / sizeof(*shapes);
	int status;

	if (argc > 1) {
		child((unsigned)atoi(argv[1]));
	}
	/* Each in a process that never allocated. */
	for (unsigned i = 0; i <= n; i++) {
		char number[16];

		snprintf(number, sizeof(number), "%u", i);
		if (!fork()) {
			execl(argv[0], argv[0], number, (char *)NULL);
			_exit(1);
		}
		if (wait(&status) < 0 || status)
			return 1;
	}
	return 0;
}
