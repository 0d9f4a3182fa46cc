// SPDX-License-Identifier: Apache-2.0
/*
 * Random histories on a small machine: the books are right after each line,
 * and a machine saved and loaded at any step ends in the same bytes as one
 * that was left alone.
 */
#include "tests/unit/machine-fixture.h"
#include "vmcore/base/rng.h"

#define LINES 250u
#define NAMES "abcd"

static const char *const shapes[] = {
	"spawn %c",
	"mmap %c %c %uK",
	"mmap %c %c %uK",
	"mremap %c %c %uK",
	"fork %c %c",
	"vfork %c %c",
	"exit %c",
	"kill %c",
	"mmap %c %c %uK",
	"mmap %c %c %uK shared",
	"mmap %c %c %uK file=/data off=64K",
	"mmap %c %c %uK file=/data shared",
	"mmap %c %c %uK populate",
	"mmap %c %c %uK prot=r",
	"mmap %c %c %uK dev=mapdrv",
	"mmap %c %c %uK dev=mapdrv shared",
	"mmap %c %c %uK dev=mapdrv remap",
	"mmap %c %c %uK dev=mapdrv remap=pfn shared",
	"mmap %c %c %uK locked",
	"mmap %c %c 4M",
	"mmap %c %c 6M",
	"munmap %c %c %uK 64K",
	"munmap %c %c",
	"brk %c +%uK",
	"brk %c -%uK",
	"mprotect %c %c r",
	"mprotect %c %c rw %uK 32K",
	"mremap %c %c %uK",
	"madvise %c %c dontneed",
	"madvise %c %c free",
	"madvise %c %c free %uK 64K",
	"madvise %c %c dontneed %uK 64K",
	"madvise %c %c cold %uK 64K",
	"madvise %c %c hugepage",
	"madvise %c %c nohugepage",
	"madvise %c %c dontfork",
	"madvise %c %c willneed",
	"madvise %c %c populate_write",
	"mlock %c %c",
	"mlock %c %c %uK 64K",
	"munlock %c %c",
	"mlockall %c current future",
	"munlockall %c",
	"msync %c %c",
	"touch %c %c write",
	"touch %c %c write",
	"touch %c %c read",
	"touch %c %c read %uK 16K",
	"touch %c %c write %uK 16K value=7",
	"touch %c heap write",
	"read %c /data %uK 256K",
	"write %c /data %uK 100K",
	"fsync %c /data",
	"fadvise %c /data dontneed",
	"freealt %c %c",
	"shmget %c %c %uK",
	"shmat %c %c %c",
	"shmdt %c %c",
	"shmrm %c",
	"sync",
	"drop_caches 3",
	"rm /data",
	"mkfile /data 512K",
	"create %c /e",
	"create %c /d folder",
	"create %c /d/%c",
	"ondisk /g 300K",
	"stat %c /data",
	"stat %c /d/%c",
	"list %c /d",
	"list %c /",
	"move %c /data /e",
	"move %c /e /data",
	"move %c /d /h",
	"truncate %c /data %uK",
	"truncate %c /data %u",
	"close %c /data",
	"read %c /data %uK 200K direct",
	"read %c /g 0 200K direct",
	"read %c /g %uK 200K",
	"write %c /data %uK 100K direct",
	"async write %c /data %uK 300K direct",
	"async read %c /data %uK 300K direct",
	"async stat %c /g",
	"rm /e",
	"rm /g",
	"client %c",
	"access %c %c random 50 write=50%%",
	"leak %c rate=1M/s",
	"leak %c off",
	"workload %c %c zipf:1.0 rate=1000/s",
	"async touch %c %c write",
	"async touch %c heap write",
	"async fork %c %c",
	"async write %c /data %uK 300K",
	"async malloc %c %c %uK",
	"async exec %c prog",
	"malloc %c %c %uK",
	"malloc %c %c %uK",
	"malloc %c %c %u",
	"malloc %c %c %u",
	"free %c %c",
	"free %c %c",
	"free %c %c",
	"exec %c prog",
	"exec %c large text=2M data=600K bss=300K",
	"clone %c %c",
	"stack %c %uK",
	"touch %c stack write 64K 256K",
	"touch %c %c exec",
	"touch %c text exec",
	"touch %c data write value=7",
	"mprotect %c %c none %uK 32K",
	"munmap %c heap %uK 64K",
	"mmap %c %c 64K fixed=%c+%uK",
	"mmap %c %c %uK prot=none noreserve",
	"cgroup %c one",
	"cgroup %c two",
	"cpu %c 1",
	"workload %c %c off",
	"workload %c - cpu=30%%",
	"inject zone 0/DMA32 4M",
	"inject zone 0/DMA %uK",
	"inject list 0/active_file %uK",
	"inject list 0/inactive_file %uK",
	"inject list 0/active_anon %uK",
	"inject list 0/inactive_anon %uK",
	"inject list 0/unevictable %uK",
	"inject counter pgfault %u",
	"kill inject",
	"advance",
};

/* Few processes and large regions: what happens to huge pages. */
static const char *const huge_shapes[] = {
	"spawn %c",
	"spawn %c",
	"mmap %c %c 4M",
	"mmap %c %c 6M",
	"mmap %c %c 2M",
	"mmap %c %c 4M populate",
	"mmap %c %c 4M shared",
	"mmap %c %c 4M dev=mapdrv shared",
	"mmap %c %c 4M dev=mapdrv remap",
	"fork %c %c",
	"exit %c",
	"munmap %c %c %uK 64K",
	"munmap %c %c 2M 2M",
	"munmap %c %c",
	"mprotect %c %c r",
	"mprotect %c %c rw",
	"mprotect %c %c r %uK 32K",
	"mremap %c %c 8M",
	"mremap %c %c 2M",
	"mremap %c %c %uK",
	"madvise %c %c dontneed",
	"madvise %c %c dontneed %uK 64K",
	"madvise %c %c free",
	"madvise %c %c free %uK 64K",
	"madvise %c %c cold",
	"madvise %c %c cold %uK 64K",
	"madvise %c %c hugepage",
	"madvise %c %c nohugepage",
	"madvise %c %c collapse",
	"madvise %c %c populate_read",
	"madvise %c %c dontfork",
	"mlock %c %c",
	"mlock %c %c %uK 64K",
	"munlock %c %c",
	"touch %c %c write",
	"touch %c %c write",
	"touch %c %c write",
	"touch %c %c read",
	"touch %c %c write %uK 16K value=0",
	"touch %c %c write %uK 400K",
	"touch %c %c read %uK 16K",
	"freealt %c %c",
	"access %c %c random 50 write=50%%",
	"madvise %c %c pageout",
	"madvise %c %c pageout %uK 64K",
	"swapon /swap 32M",
	"swapoff /swap",
	"swapon /dev/vdb 32M",
	"swapon /dev/vdb 32M prio=5",
	"swapoff /dev/vdb",
	"drop_caches 3",
	"compact",
	"madvise %c %c mergeable",
	"touch %c %c write value=7",
	"advance",
};

/* What a history is made of. */
struct world {
	const char *const *shapes;
	unsigned nr;
	uint64_t memory_bytes;
	unsigned names; /* processes and regions */
	bool swap_disk;
};
static const struct world small_world = {
	.shapes = shapes,
	.nr = sizeof(shapes) / sizeof(*shapes),
	.memory_bytes = 64u << 20,
	.names = 4,
};
static const struct world huge_world = {
	.shapes = huge_shapes,
	.nr = sizeof(huge_shapes) / sizeof(*huge_shapes),
	.memory_bytes = 160u << 20,
	.names = 2,
	.swap_disk = true,
};

/* Fill a shape: %c a name, %u a size. */
static void make_line(const struct world *w, uint64_t *rng, char *line,
		      size_t size)
{
	const char *s = w->shapes[rng_below(rng, w->nr)];
	size_t n = 0;

	for (; *s && n + 8 < size; s++) {
		if (*s != '%') {
			line[n++] = *s;
			continue;
		}
		switch (*++s) {
		case 'c':
			line[n++] = NAMES[rng_below(rng, w->names)];
			break;
		case 'u':
			n += (size_t)snprintf(
				line + n, size - n, "%u",
				4 * (1 + (unsigned)rng_below(rng, 300)));
			break;
		default:
			line[n++] = *s;
		}
	}
	line[n] = 0;
}

/* How a line is run: some steps at a time, with the machine saved and loaded
 * in between; some ns at a time; 0: at once. */
struct pace {
	uint64_t steps;
	vtime_t ns;
};

static void run_piece(struct fixture *x, uint32_t actor,
		      const struct pace *pace)
{
	vtime_t until = pace->ns ? x->m.tasks.now + pace->ns : UINT64_MAX;
	uint64_t steps = pace->steps ? pace->steps : UINT64_MAX;

	assert_int_equal(machine_run(&x->m, until, actor, steps), 0);
	if (pace->steps)
		fixture_cut(x);
}

static void run_line(struct fixture *x, const char *line,
		     const struct pace *pace)
{
	struct op_result result;
	uint32_t actor;

	if (!strcmp(line, "advance")) {
		assert_int_equal(machine_run(&x->m, x->m.tasks.now + 50000000,
					     0, UINT64_MAX),
				 0);
		return;
	}
	if (!strcmp(line, "compact")) {
		assert_int_equal(machine_compact(&x->m, MAX_NODES), 0);
		return;
	}
	if (fixture_begin(x, line, &actor)) {
		/* Who is dead is born again. */
		const char *who = strpbrk(line, " ");
		char spawn[16];

		if (!strncmp(line, "async", 5))
			who = strpbrk(who + 1, " ");
		snprintf(spawn, sizeof(spawn), "spawn %c", who ? who[1] : 'a');
		if (getenv("HISTORY_TRACE"))
			print_message("%s\n", spawn);
		if (fixture_begin(x, spawn, &actor))
			return;
	}
	if (!strncmp(line, "async", 5))
		return;
	do {
		run_piece(x, actor, pace);
	} while (!machine_take(&x->m, actor, &result));
}

/* A disk to swap to, of one sort or another. */
static void add_swap_disk(struct fixture *x, uint64_t seed)
{
	x->config.disks[x->config.nr_disks++] =
		(struct disk){ .name = "vdb",
			       .size_bytes = 32u << 20,
			       .latency_ns = 50000,
			       .bandwidth = 800000000,
			       .rotational = seed >> 1 & 1,
			       .io_pages = seed & 4 ? 100 : 0,
			       .major = 254,
			       .minor = 16 };
}

static uint64_t history(const struct world *w, uint64_t seed,
			const struct pace *pace, bool check)
{
	static const struct pace at_once;
	bool cut = pace->steps;
	struct fixture *x = calloc(1, sizeof(*x));
	uint64_t rng = seed, digest;
	char line[128];
	bool trace = getenv("HISTORY_TRACE") != NULL;

	fixture_config(x, w->memory_bytes, seed & 1);
	x->config.policy = (enum policy)(seed % NR_POLICIES);
	if (w->swap_disk)
		add_swap_disk(x, seed);
	fixture_start(x);
	/* khugepaged looks often, else its first look were its only one */
	x->m.space.thp.khugepaged.scan_sleep_ms = 20;
	x->m.space.ksm.run = seed & 1 ? KSM_MERGE : KSM_STOP;
	x->m.space.ksm.pages_to_scan = 1000;
	x->m.space.thp.shmem = (int32_t)(seed % 6);
	x->m.space.thp.size_shmem[4] = (uint8_t)(seed % 5);
	for (unsigned o = 2; o < HPAGE_ORDER; o++)
		thp_set_size(&x->m.space.thp, o,
			     seed >> (o % 5) & 1
				     ? (enum thp_size_mode)(seed % 4)
				     : THP_SIZE_NEVER);
	fixture_run(x, "mkfile /data 1M");
	for (unsigned i = 0; i < LINES; i++) {
		unsigned bad;

		make_line(w, &rng, line, sizeof(line));
		if (trace)
			print_message("%s\n", line);
		/* Some change their lists over on the way. */
		if (i % 50 == 49 && seed % 2)
			machine_set_lru_gen(&x->m,
					    i % 100 == 49 ? GEN_CAPS : 0);
		run_line(x, line, cut && i % 17 ? &at_once : pace);
		bad = check ? fixture_check(&x->m) : 0;
		if (bad)
			print_message("# seed %llu line %u: %s\n",
				      (unsigned long long)seed, i, line);
		assert_int_equal(bad, 0);
	}
	digest = machine_digest(&x->m);
	machine_fini(&x->m);
	assert_int_equal(x->m.host.used_bytes, 0);
	free(x);
	return digest;
}

/* HISTORIES in the environment: how many (the long suite runs a thousand);
 * HISTORY_FIRST: from which seed; HISTORY_TRACE: print the lines. */
static void test_books(void **state)
{
	const char *many = getenv("HISTORIES");
	const char *from = getenv("HISTORY_FIRST");
	uint64_t n = many ? strtoull(many, NULL, 10) : 20;
	uint64_t first = from ? strtoull(from, NULL, 10) : 1;

	(void)state;
	for (uint64_t seed = first; seed <= n; seed++) {
		history(&small_world, seed, &(struct pace){ 0 }, true);
		history(&huge_world, seed, &(struct pace){ 0 }, true);
	}
	/* Once pages were lost between their reading and their use, for ever.
	 */
	if (!from)
		history(&small_world, 711, &(struct pace){ 0 }, true);
}

static void test_paces(void **state)
{
	(void)state;
	for (uint64_t seed = 100; seed < 108; seed++) {
		const struct world *w = seed < 106 ? &small_world : &huge_world;
		struct pace paces[] = {
			{ .steps = 0 },
			{ .steps = 1 + seed * 7 % 61 },
			{ .ns = 5000 },
		};
		uint64_t whole = history(w, seed, &paces[0], false);

		for (unsigned i = 0; i < 3; i++)
			assert_true(history(w, seed, &paces[i], false) ==
				    whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_books),
		cmocka_unit_test(test_paces),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
