// SPDX-License-Identifier: Apache-2.0
/*
 * The binary files of pages, walked page by page, add up to what the texts
 * say: pagemap, kpagecount and kpageflags against smaps, numa_maps and
 * smaps_rollup of every process, and the Pss of all against the memory that
 * anybody maps.
 */
#define _XOPEN_SOURCE 700
#include "tests/unit/whole-world.h"

#include <errno.h>
#include <inttypes.h>

#define PM_PRESENT   (1ull << 63)
#define PM_SWAP	     (1ull << 62)
#define PM_FILE	     (1ull << 61)
#define PM_EXCLUSIVE (1ull << 56)
#define PM_PFN	     ((1ull << 55) - 1)
#define KPF_ANON     12
#define KPF_ZERO     24
#define CHUNK	     512u /* entries read at once */

/* What the pages of a VMA, a process, or all of them add up to. */
struct sums {
	uint64_t rss, pss, anon, shared, swap; /* pss: pages << 12 */
	uint64_t mapmax;
};

struct walker {
	struct whole *b;
	struct sums vma, process, all;
	uint32_t pid;
	unsigned faults, vmas;
	uint8_t *seen; /* by pfn */
	uint64_t distinct; /* pages that somebody maps */
};

static void same(struct walker *w, const char *what, uint64_t walked,
		 uint64_t told)
{
	if (walked == told || w->faults++ > 20)
		return;
	print_message("# %u: %s: walked %" PRIu64 ", told %" PRIu64 "\n",
		      w->pid, what, walked, told);
}

/* --- the walk --------------------------------------------------------------
 */
static uint64_t entry(const struct outbuf *o, unsigned i)
{
	uint64_t v = 0;

	for (unsigned k = 8; k--;)
		v = v << 8 | (unsigned char)o->text[i * 8 + k];
	return v;
}

/* @n words of a binary file from word @first on. */
static void words(struct walker *w, const char *path, uint64_t first,
		  uint32_t n, struct outbuf *out)
{
	struct place at;

	out_clear(out);
	assert_int_equal(tree_find(&w->b->world, path, &at), 0);
	assert_int_equal(tree_read_at(&w->b->world, &at, first * 8, n * 8, out),
			 0);
	assert_int_equal(out->len, n * 8);
}

static uint64_t word(struct walker *w, const char *path, uint64_t i)
{
	struct outbuf out;
	uint64_t v;

	out_init(&out);
	words(w, path, i, 1, &out);
	v = entry(&out, 0);
	out_free(&out);
	return v;
}

static void see(struct walker *w, uint64_t pfn)
{
	if (!w->seen[pfn])
		w->distinct++;
	w->seen[pfn] = 1;
}

static void page(struct walker *w, uint64_t e)
{
	uint64_t pfn = e & PM_PFN, count, flags;
	struct sums *s = &w->vma;

	if (e & PM_SWAP)
		s->swap++;
	if (!(e & PM_PRESENT))
		return;
	flags = word(w, "proc/kpageflags", pfn);
	if (flags >> KPF_ZERO & 1)
		return;
	count = word(w, "proc/kpagecount", pfn);
	see(w, pfn);
	same(w, "exclusive", !!(e & PM_EXCLUSIVE), count == 1);
	same(w, "file", !!(e & PM_FILE), !(flags >> KPF_ANON & 1));
	s->rss++;
	s->pss += (1u << 12) / (count ? count : 1);
	s->anon += flags >> KPF_ANON & 1;
	s->shared += count > 1;
	if (count > s->mapmax)
		s->mapmax = count;
}

static void walk_vma(struct walker *w, uint64_t start, uint64_t end)
{
	char path[64];
	struct outbuf out;

	memset(&w->vma, 0, sizeof(w->vma));
	snprintf(path, sizeof(path), "proc/%u/pagemap", w->pid);
	out_init(&out);
	for (uint64_t at = start; at < end;) {
		uint64_t n = (end - at) / PAGE_SIZE;

		if (n > CHUNK)
			n = CHUNK;
		words(w, path, at / PAGE_SIZE, (uint32_t)n, &out);
		for (unsigned i = 0; i < n; i++)
			page(w, entry(&out, i));
		at += n * PAGE_SIZE;
	}
	out_free(&out);
}

static void add(struct sums *to, const struct sums *s)
{
	to->rss += s->rss;
	to->pss += s->pss;
	to->anon += s->anon;
	to->shared += s->shared;
	to->swap += s->swap;
}

/* --- what the texts say ----------------------------------------------------
 */
static char *text(struct walker *w, const char *name)
{
	char path[64], *copy;
	struct outbuf out;

	snprintf(path, sizeof(path), "proc/%u/%s", w->pid, name);
	out_init(&out);
	assert_int_equal(tree_show(&w->b->world, path, &out), 0);
	copy = strdup(out.text ? out.text : "");
	assert_non_null(copy);
	out_free(&out);
	return copy;
}

/* kB behind `NAME:` in the paragraph that begins at @p. */
static uint64_t field(const char *p, const char *name)
{
	char line[40];
	const char *at;

	snprintf(line, sizeof(line), "\n%s:", name);
	at = strstr(p, line);
	return at ? strtoull(at + strlen(line), NULL, 10) : 0;
}

static void check_smaps(struct walker *w, const char *p, const struct sums *s)
{
	same(w, "Rss", s->rss * 4, field(p, "Rss"));
	same(w, "Pss", s->pss >> 10, field(p, "Pss"));
	same(w, "Anonymous", s->anon * 4, field(p, "Anonymous"));
	same(w, "Shared", s->shared * 4,
	     field(p, "Shared_Clean") + field(p, "Shared_Dirty"));
	same(w, "Private", (s->rss - s->shared) * 4,
	     field(p, "Private_Clean") + field(p, "Private_Dirty"));
	same(w, "Swap", s->swap * 4, field(p, "Swap"));
}

/* N0=... of the line of numa_maps that begins with @start. */
static void check_numa(struct walker *w, const char *numa, uint64_t start)
{
	uint64_t pages = 0, mapmax = 0, anon = 0;
	char want[24], line[512];
	const char *at;

	snprintf(want, sizeof(want), "%08" PRIx64 " ", start);
	at = !strncmp(numa, want, strlen(want)) ? numa : strstr(numa, want);
	assert_non_null(at);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	for (char *p = strtok(line, " "); p; p = strtok(NULL, " ")) {
		char *value = strchr(p, '=');

		if (!value)
			continue;
		if (p[0] == 'N')
			pages += strtoull(value + 1, NULL, 10);
		else if (!strncmp(p, "anon=", 5))
			anon = strtoull(value + 1, NULL, 10);
		else if (!strncmp(p, "mapmax=", 7))
			mapmax = strtoull(value + 1, NULL, 10);
	}
	same(w, "numa_maps", w->vma.rss, pages);
	same(w, "numa_maps anon", w->vma.anon, anon);
	same(w, "numa_maps mapmax", w->vma.mapmax > 1 ? w->vma.mapmax : 0,
	     mapmax);
}

static void walk_process(struct walker *w, uint32_t pid)
{
	char *smaps, *numa, *rollup, *p;

	w->pid = pid;
	memset(&w->process, 0, sizeof(w->process));
	smaps = text(w, "smaps");
	numa = text(w, "numa_maps");
	rollup = text(w, "smaps_rollup");
	for (p = smaps; *p; p = strstr(p, "VmFlags"), p = strchr(p, '\n') + 1) {
		uint64_t start = strtoull(p, &p, 16);
		uint64_t end = strtoull(p + 1, NULL, 16);

		if (start >= w->b->world.m.space.paging.task_size)
			continue; /* [vsyscall] */
		walk_vma(w, start, end);
		check_smaps(w, p, &w->vma);
		check_numa(w, numa, start);
		add(&w->process, &w->vma);
		w->vmas++;
	}
	if (*rollup)
		check_smaps(w, rollup, &w->process);
	add(&w->all, &w->process);
	free(smaps);
	free(numa);
	free(rollup);
}

/* Processes that share an mm show the same pages: once is enough. */
static void walk_all(struct walker *w)
{
	const struct tasks *t = &w->b->world.m.tasks;
	uint64_t maps = 0;

	w->faults = w->vmas = 0;
	w->distinct = 0;
	memset(&w->all, 0, sizeof(w->all));
	memset(w->seen, 0, w->b->world.m.phys.max_pfn);
	task_for_each (t, id) {
		bool again = false;

		task_for_each (t, other) {
			if (other == id)
				break;
			again |= task_at(t, other)->mm == task_at(t, id)->mm;
		}
		if (task_at(t, id)->mm && !again)
			walk_process(w, task_at(t, id)->pid);
	}
	same(w, "pages of users", w->distinct,
	     machine_user_pages(&w->b->world.m));
	/* Each page of each process loses less than its last bit of Pss. */
	maps = w->all.rss;
	if (w->all.pss > w->distinct << 12 ||
	    (w->distinct << 12) - w->all.pss > maps)
		same(w, "sum of Pss", w->all.pss, w->distinct << 12);
	assert_int_equal(w->faults, 0);
	assert_sound(w->b);
}

/* --- clear_refs ------------------------------------------------------------
 */
static uint64_t total(struct walker *w, const char *name)
{
	char *rollup = text(w, "smaps_rollup");
	uint64_t kb = field(rollup, name);

	free(rollup);
	return kb;
}

static void clear(struct walker *w, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%u/clear_refs", w->pid);
	assert_int_equal(
		tree_store(&w->b->world, path, what, strlen(what), true), 0);
}

static void check_clear_refs(struct walker *w, const char *name)
{
	uint64_t rss, pss;

	w->pid = task_at(&w->b->world.m.tasks,
			 task_named(&w->b->world.m.tasks, name))
			 ->pid;
	rss = total(w, "Rss");
	pss = total(w, "Pss");
	assert_true(total(w, "Referenced") > 0);
	clear(w, "1\n");
	assert_int_equal(total(w, "Referenced"), 0);
	assert_int_equal(total(w, "Rss"), rss);
	assert_int_equal(total(w, "Pss"), pss);
	run(w->b, "touch db heap1 read 64K 128K\n");
	assert_int_equal(total(w, "Referenced"), 128);
	/* Only anonymous, only files. */
	clear(w, "3\n");
	assert_int_equal(total(w, "Referenced"), 128);
	clear(w, "2\n");
	assert_int_equal(total(w, "Referenced"), 0);
}

/* --- machines --------------------------------------------------------------
 */
static const char *const lives[] = {
	"mkfile /lib/big 1M\nmkfile /data 2M\nspawn db\nmmap db heap1 8M\n"
	"touch db heap1 write 0 6M\nmmap db lib 256K file=/lib/big shared\n"
	"touch db lib read\nmmap db own 256K file=/lib/big\n"
	"touch db own write 0 64K\nmlock db heap1 0 64K\n"
	"shmget db 77 300000\nshmat db seg 77\ntouch db seg write\n"
	"mmap db zero 256K\ntouch db zero read\n",
	"fork db child\ntouch child heap1 write 0 1M\nfork db third\n"
	"touch third seg write 0 64K\nclone third fourth\n"
	"malloc third m 100K\nmalloc third n 300K\ntouch fourth n write\n",
	"madvise db heap1 dontneed 1M 1M\nmprotect child heap1 r 2M 1M\n"
	"munmap third heap1 3M 1M\nmremap child zero 512K\n"
	"madvise third heap1 free 0 512K\nbrk db +300K\ntouch db heap write\n",
	"exec child other\nexit db\nset /proc/sys/vm/drop_caches 3\n",
	"spawn db\nmmap db heap1 1M\ntouch db heap1 write\n",
};

static void test_machine(void **state)
{
	struct walker w = { 0 };

	w.b = boot(*state);
	w.seen = calloc(w.b->world.m.phys.max_pfn, 1);
	assert_non_null(w.seen);
	for (unsigned i = 0; i < ARRAY_SIZE(lives); i++) {
		run(w.b, lives[i]);
		walk_all(&w);
	}
	assert_true(w.vmas > 5);
	check_clear_refs(&w, "db");
	walk_all(&w);
	free(w.seen);
	whole_free(w.b);
}

int main(void)
{
	static char bare[] = "[machine]\nmemory = 256M\nspawn = bare\n";
	static char full[] = "[machine]\nmemory = 1G\nthp = never\n";
	static char nodes[] = "[machine]\nmemory = 1G\nnodes = 2\ncpus = 4\n"
			      "thp = never\n";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_machine, bare),
		cmocka_unit_test_prestate(test_machine, full),
		cmocka_unit_test_prestate(test_machine, nodes),
	};

	return cmocka_run_group_tests_name("page-sums", tests, NULL, NULL);
}
