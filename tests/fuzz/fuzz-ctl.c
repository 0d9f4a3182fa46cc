// SPDX-License-Identifier: Apache-2.0
/* Lines of a script on a small machine, which must recount right after. */
#include <string.h>

#include "tests/fuzz/small.h"
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
	"mmap a d 64K dev=mapdrv\n",
	"mmap a d 64K dev=mapdrv remap\n",
	"touch a d write\n",
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
	struct small *m;

	if (has_word(text, size, "save") || has_word(text, size, "load"))
		return 0;
	m = small_boot();
	small_play(m, text, size);
	small_check(m);
	small_end(m);
	return 0;
}
