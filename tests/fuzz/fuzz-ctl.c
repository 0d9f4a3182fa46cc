// SPDX-License-Identifier: Apache-2.0
/* Lines of a script on a small machine, which must recount right after. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/profile.h"
#include "fs/session.h"
#include "tests/fuzz/target.h"

const char *const fuzz_words[] = {
	"spawn a\n",
	"spawn b\n",
	"fork a c\n",
	"exit a\n",
	"kill b\n",
	"mmap a m 1M\n",
	"mmap b f 64K file=/f\n",
	"mmap a s 64K shared\n",
	"touch a m write\n",
	"touch b f read\n",
	"touch a m write 8K 4K\n",
	"munmap a m 16K 8K\n",
	"mremap a m 2M\n",
	"brk a +64K\n",
	"mprotect a m r 4K 8K\n",
	"madvise a m dontneed\n",
	"mlock a m\n",
	"mkfile /f 300K\n",
	"read a /f 0 300K\n",
	"write b /f 4K 64K\n",
	"fsync a /f\n",
	"rm /f\n",
	"shmget a K 64K\n",
	"shmat a q K\n",
	"advance 10ms\n",
	"async touch a m write\n",
	"wait all\n",
	"set /proc/sys/vm/drop_caches 3\n",
	"set /proc/a/clear_refs 1\n",
	"set /proc/sys/vm/overcommit_memory 2\n",
	"mmap a m 900M\n",
	"set /proc/sys/vm/min_free_kbytes 9000\n",
	"vfork a v\n",
	"exec c p\n",
	"show /proc/meminfo\n",
	"show /proc/a/smaps\n",
	"malloc a x 20K\n",
	"free a x\n",
	"workload a m random rate=1000/s\n",
	"leak b rate=1M/s\n",
	"access a m zipf:1 100\n",
	"stack a 64K\n",
	"mlockall a future\n",
	"fixed=m+8K",
	"shared",
	"populate",
	"locked",
	"async",
	"4K",
	"64K",
	"munlockall a\n",
	"cgroup a g\n",
	"cpu a 0\n",
	"reset\n",
	NULL,
};

static const char profile_text[] =
	"[machine]\nmemory = 48M\ncpus = 2\nspawn = bare\n"
	"[disk vda]\nsize = 16M\nfilesystem = /\n";

/* As far as that, then it is interrupted: time must end. */
#define STEPS 3000u

static void drive(struct session *s)
{
	struct machine *m = &s->world->m;

	while (session_step(s) == SESSION_RUNNING) {
		if (machine_run(m, s->waits_until, s->waits_actor, STEPS))
			return;
		/* What it waits for may be further away. */
		session_interrupt(s);
	}
}

static void report(void *arg, const char *what, int64_t recounted, int64_t kept)
{
	fprintf(stderr, "%s recounted=%lld kept=%lld\n", what,
		(long long)recounted, (long long)kept);
	*(unsigned *)arg += 1;
}

static void play(struct world *w, const char *text, size_t len)
{
	unsigned differences = 0;
	struct session s;

	session_init(&s, w);
	/* A line that fails ends a write; the others are tried all the same. */
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) + 1 : len;
		char drop[4096];

		if (!session_write(&s, text, n))
			drive(&s);
		while (session_read(&s, drop, sizeof(drop)))
			;
		text += n;
		len -= n;
	}
	session_fini(&s);
	machine_check(&w->m, report, &differences);
	if (differences)
		abort();
}

/* Files of the host are no business of a test. */
static bool has_word(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= len; i++)
		if (!memcmp(text + i, word, n))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct world *w = malloc(sizeof(*w));
	struct outbuf why;
	struct profile p;

	if (!w || has_word(text, size, "save") ||
	    has_word(text, size, "load")) {
		free(w);
		return 0;
	}
	out_init(&why);
	if (profile_init(&p) ||
	    profile_parse(&p, "fuzz", profile_text, sizeof(profile_text) - 1,
			  &why) ||
	    profile_finish(&p, &why) || world_init(w, &p, &why))
		abort();
	play(w, text, size);
	world_fini(w);
	profile_fini(&p);
	out_free(&why);
	free(w);
	return 0;
}
