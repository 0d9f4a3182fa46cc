// SPDX-License-Identifier: Apache-2.0
/*
 * The n-th allocation of host memory fails, n up to 300, then powers of two:
 * the operation that needed it says so, the machine is as sound as before,
 * goes on, and nothing is left over at its end.
 */
#define _XOPEN_SOURCE 700 /* S_IFMT */
#include "whole-world.h"

#include <errno.h>

#define MACHINE                                                         \
	"[machine]\nmemory = 64M\ncpus = 2\nspawn = bare\n[disk vda]\n" \
	"size = 1G\nlatency = 0\nfilesystem = /\n"

static unsigned quiet; /* failures that nobody told of */

static struct {
	uint64_t fail_at; /* counts down; 0: never */
	bool armed, happened;
	int64_t live;
} host;

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void __real_free(void *mem);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void __wrap_free(void *mem);

static bool fails(void)
{
	if (!host.armed || !host.fail_at || --host.fail_at)
		return false;
	host.happened = true;
	errno = ENOMEM;
	return true;
}

static void *counted(void *mem)
{
	host.live += mem != NULL;
	return mem;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(nr, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	void *mem = fails() ? NULL : __real_realloc(old, size);

	host.live += mem && !old;
	return mem;
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	return fails() ? NULL : counted(__real_aligned_alloc(align, size));
}

void __wrap_free(void *mem)
{
	host.live -= mem != NULL;
	__real_free(mem);
}

/* --- scripts ------------------------------------------------------------- */
static const char *const processes[] = {
	"spawn a",
	"mmap a m 4M",
	"touch a m write",
	"fork a b",
	"touch b m write 0 1M",
	"mremap a m 8M",
	"mprotect a m r 64K 64K",
	"madvise a m dontneed 1M 1M",
	"mlock b m 0 256K",
	"clone a t",
	"malloc a x 100K",
	"malloc a y 300K",
	"free a x",
	"exec b prog",
	"exit a",
	"kill b",
	NULL,
};
static const char *const files[] = {
	"spawn a",
	"mkfile /data 8M",
	"read a /data 0 4M",
	"write a /out 0 3M",
	"mmap a f 2M file=/data",
	"touch a f read",
	"mmap a s 2M file=/out shared",
	"touch a s write",
	"fsync a /out",
	"mkfiles a /dir 50 4K",
	"statfiles a /dir 60 negative",
	"drop_caches 3",
	"rm /data",
	"sync",
	NULL,
};
static const char *const pressure[] = {
	"swapon /swap 32M", "spawn a",	      "mmap a m 48M",
	"touch a m write",  "spawn b",	      "mmap b m 24M noreserve",
	"touch b m write",  "touch a m read", "madvise b m pageout",
	"advance 2s",	    "spawn c",	      "mmap c m 200M noreserve",
	"touch c m write",  "swapoff /swap",  NULL,
};
static const char *const kernel[] = {
	"kmalloc k 100",
	"slab s dentry 300",
	"slabfree s 2",
	"vmalloc v 1M",
	"alloc_pages p 3 40",
	"free_pages p 2",
	"spawn a",
	"shmget a key 2M",
	"shmat a r key",
	"touch a r write",
	"cgroup a one",
	"mmap a g 2M",
	"touch a g write",
	"inject list 0/inactive_file 2M",
	"inject zone 0/DMA32 20M",
	"set /proc/sys/vm/nr_hugepages 2",
	"mmap a h 2M hugetlb",
	"touch a h write",
	"mmap a d 8M dev=mapdrv shared",
	"touch a d write",
	"mmap a e 8M dev=mapdrv remap",
	"mmap a n 3M dev=mapdrv remap=pfn shared",
	"fork a b",
	"workload a g random rate=1000/s",
	"leak a rate=1M/s",
	"advance 1s",
	"vfree v",
	"kfree k",
	"cgroup - two",
	"rmcgroup two",
	NULL,
};
static const char *const huge[] = {
	"set /sys/kernel/mm/transparent_hugepage/enabled always",
	"set /sys/kernel/mm/transparent_hugepage/shmem_enabled always",
	"set /sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled always",
	"spawn a",
	"mmap a m 8M",
	"touch a m write",
	"munmap a m 64K 64K",
	"fork a b",
	"touch b m write 2M 2M",
	"madvise b m pageout",
	"mmap a s 4M shared",
	"touch a s write",
	"madvise a m nohugepage",
	"mmap a n 4M",
	"touch a n write 0 1M",
	"madvise a n collapse",
	"advance 11s",
	"mremap a n 8M",
	"exit b",
	NULL,
};
static const char *const groups[] = {
	"swapon /swap 16M",
	"cgroup - g",
	"cgroup - g/h",
	"set /sys/fs/cgroup/g/memory.max 6M",
	"set /sys/fs/cgroup/g/h/memory.high 3M",
	"spawn a",
	"cgroup a g/h",
	"mmap a m 12M",
	"touch a m write",
	"write a /f 0 4M",
	"set /sys/fs/cgroup/g/memory.reclaim 1M",
	"set /sys/kernel/mm/lru_gen/enabled y",
	"touch a m read",
	"spawn b",
	"cgroup b g",
	"mmap b m 30M noreserve",
	"set /sys/fs/cgroup/g/memory.swap.max 0",
	"touch b m write",
	"show /sys/fs/cgroup/g/memory.stat",
	"set /sys/fs/cgroup/g/cgroup.kill 1",
	NULL,
};
static const char *const disks[] = {
	"ondisk /d 0 folder",
	"ondisk /d/file 4M",
	"client c",
	"stat c /d/file",
	"list c /d",
	"read c /d/file 0 4M",
	"create c /d/new",
	"write c /d/new 0 2M",
	"read c /dev/vda 0 1M",
	"fsync c /d/new",
	"write c /d/new 0 64K direct",
	"move c /d/new /d/other",
	"truncate c /d/other 10K",
	"close c /d/other",
	"rm /d/other",
	"mmap c f 1M file=/d/file",
	"exit c",
	"sync",
	NULL,
};
static const char *const looks[] = {
	"spawn a",
	"mmap a m 1M",
	"touch a m write",
	"show /proc/meminfo",
	"show /proc/a/smaps",
	"show /proc/slabinfo",
	"show /proc/zoneinfo",
	"show model/journal",
	"show model/config",
	"show model/events",
	"expect /proc/meminfo MemFree > 0",
	"until /proc/meminfo MemFree > 0 max=1s",
	"async touch a m read",
	"wait all",
	"snap x",
	"set /proc/sys/vm/swappiness 10",
	"set /sys/kernel/mm/ksm/run 1",
	"advance 100ms",
	NULL,
};

/* One line. True if it said that it failed. */
static bool line(struct session *s, const char *text)
{
	return session_write(s, text, strlen(text)) || session_finish(s);
}

/* With the @n-th allocation failing. Was there one? */
static bool one(const char *const *lines, uint64_t n)
{
	int64_t live = host.live;
	struct whole *b = boot(MACHINE);
	struct session *s = calloc(1, sizeof(*s));

	session_init(s, &b->world);
	host.fail_at = n;
	host.happened = false;
	for (; *lines; lines++) {
		bool before = host.happened, told;

		host.armed = true;
		told = line(s, *lines);
		host.armed = false;
		if (host.happened == before)
			continue;
		/* Only a line of journal or events may be lost. */
		if (!told)
			quiet++;
		b->faults = 0;
		machine_check(&b->world.m, report, b);
		if (b->faults)
			fail_msg("allocation %llu in '%s'",
				 (unsigned long long)n, *lines);
	}
	assert_sound(b);
	session_fini(s);
	free(s);
	world_fini(&b->world);
	assert_int_equal(b->world.m.host.used_bytes, 0);
	whole_free(b);
	assert_int_equal(host.live, live);
	return host.happened;
}

struct script {
	const char *name;
	const char *const *lines;
};

static void every(void **state)
{
	const struct script *script = *state;
	uint64_t n = 1;

	quiet = 0;
	while (one(script->lines, n))
		n = n < 300 ? n + 1 : n * 2;
	assert_true(n > 10);
	assert_true(quiet < n / 2 + 2);
}

int main(void)
{
	struct script scripts[] = {
		{ "processes", processes }, { "files", files },
		{ "pressure", pressure },   { "kernel", kernel },
		{ "huge", huge },	    { "groups", groups },
		{ "disks", disks },	    { "looks", looks },
	};
	struct CMUnitTest tests[sizeof(scripts) / sizeof(*scripts)];

	for (unsigned i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		tests[i] = (struct CMUnitTest){ .name = scripts[i].name,
						.test_func = every,
						.initial_state = &scripts[i] };
	return cmocka_run_group_tests_name("alloc-fail", tests, NULL, NULL);
}
