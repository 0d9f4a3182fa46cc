// SPDX-License-Identifier: Apache-2.0
#define _XOPEN_SOURCE 700 /* S_IFMT */
/* Every file of whole machines: printed, written with good and bad text. */
#include "tests/unit/sample.h"
#include "tests/unit/whole-world.h"
#include "vmcore/base/rng.h"

#include <errno.h>

static const char *const machines[] = {
	"[machine]\n",
	"[machine]\nmemory = 4G\nnodes = 2\ncpus = 8\n",
	"[machine]\nmemory = 1T\ncpus = 64\nnodes = 4\nmax_host_memory = 256M\n",
	"[machine]\nmemory = 64M\ncpus = 1\nthp = never\nspawn = bare\n",
	"[machine]\nmemory = 1G\narch = i386\ncpus = 2\n",
	"[machine]\nmemory = 6G\narch = i386-pae\ncpus = 2\n",
};

/* Something of everything. */
static const char *const life = "spawn db\n"
				"mmap db heap1 8M\n"
				"touch db heap1 write 0 6M\n"
				"mmap db lib 256K file=/lib/big shared\n"
				"touch db lib read\n"
				"mmap db own 256K file=/lib/big\n"
				"touch db own write 0 64K\n"
				"mlock db heap1 0 64K\n"
				"shmget db 77 300000\n"
				"shmat db seg 77\n"
				"touch db seg write\n"
				"fork db child\n"
				"touch child heap1 write 0 1M\n"
				"write child /data 0 1M\n"
				"cgroup child web\n"
				"brk child +256K\n"
				"advance 3s\n";

static struct whole *lively(const char *profile)
{
	struct whole *b = boot(profile);

	run(b, "mkfile /lib/big 1M\nmkfile /data 2M\n");
	run(b, life);
	return b;
}

/* --- reading ----------------------------------------------------------- */

/* Names whose files are not lines of text. */
static bool is_binary(const char *path)
{
	static const char *const names[] = { "/auxv",	  "/cmdline",
					     "/environ",  "/children",
					     "/loginuid", "/sessionid",
					     "/wchan",	  "/stat_refresh" };
	const char *name = strrchr(path, '/');

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Go on: one run tells of all. */
static void fault(struct whole *b, const char *path, const char *what,
		  long number)
{
	b->faults++;
	print_message("# %s: %s %ld\n", path, what, number);
}

static void check_text(struct whole *b, const char *path,
		       const struct outbuf *out)
{
	if (!out->len || is_binary(path))
		return;
	if (memchr(out->text, '\0', out->len))
		fault(b, path, "NUL in", (long)out->len);
	if (out->text[out->len - 1] != '\n')
		fault(b, path, "last line does not end after", (long)out->len);
}

static void look_anywhere(struct whole *b, const char *path,
			  const struct place *at)
{
	static const uint64_t offsets[] = { 0,
					    8,
					    4088,
					    1ull << 20,
					    0x7fffffff000 / 512,
					    UINT64_MAX / 2 & ~7ull,
					    UINT64_MAX & ~7ull };
	struct outbuf out;

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		int err;

		out_init(&out);
		err = tree_read_at(&b->world, at, offsets[i], 4096, &out);
		if ((err && err != -EINVAL) || out.len > 4096)
			fault(b, path, "offset", (long)offsets[i]);
		out_free(&out);
	}
}

static void look(struct whole *b, const char *path, const struct place *at)
{
	struct world *w = &b->world;
	const struct fsnode *row = tree_row(w, at);
	bool link = row->flags & FSNODE_LINK;
	struct outbuf out;
	int err = tree_attr(w, at, &b->attr);

	if (err)
		fault(b, path, "stat", err);
	if (row->flags & FSNODE_OFFSET) {
		look_anywhere(b, path, at);
		return;
	}
	if (!link && !(b->attr.mode & 0444))
		return;
	out_init(&out);
	err = tree_show_at(w, at, &out);
	/* proc/self asks who looks: nobody does */
	if (err && !at->pid && !(link && err == -ENOENT))
		fault(b, path, "read", err);
	if (!link && !err)
		check_text(b, path, &out);
	out_free(&out);
}

static void every_file_prints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct whole *b = lively(machines[i]);
		uint64_t before = machine_digest(&b->world.m);

		walk(b, look);
		assert_int_equal(b->faults, 0);
		assert_true(b->files > 1000);
		assert_true(machine_digest(&b->world.m) == before);
		assert_sound(b);
		whole_free(b);
	}
}

/* The next allocations of text that succeed; negative: all. */
static int reallocs_left = -1;
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_realloc(void *old, size_t size)
{
	if (!reallocs_left)
		return NULL;
	if (reallocs_left > 0)
		reallocs_left--;
	return __real_realloc(old, size);
}

static void look_without_memory(struct whole *b, const char *path,
				const struct place *at)
{
	if (!(tree_mode(&b->world, at) & 0444) ||
	    tree_row(&b->world, at)->flags & FSNODE_OFFSET)
		return;
	for (int left = 0; left < 3; left++) {
		struct outbuf out;
		int err;

		out_init(&out);
		reallocs_left = left;
		err = tree_show_at(&b->world, at, &out);
		reallocs_left = -1;
		if (!err && !left && out.len)
			fault(b, path, "text without memory", (long)out.len);
		if (err && err != -ENOMEM && !at->pid && err != -ENOENT)
			fault(b, path, "without memory", err);
		out_free(&out);
	}
}

static void no_file_needs_memory(void **state)
{
	struct whole *b = lively("[machine]\nmemory = 256M\ncpus = 2\n");

	(void)state;
	walk(b, look_without_memory);
	assert_int_equal(b->faults, 0);
	walk(b, look);
	assert_int_equal(b->faults, 0);
	whole_free(b);
}

/* Lines, words and columns of the files that every machine has alike. */
static void a_booted_machine_is_laid_out_so(void **state)
{
	static const char *const files[] = {
		"proc/buddyinfo",
		"proc/meminfo",
		"proc/pagetypeinfo",
		"proc/pressure/memory",
		"proc/softirqs",
		"proc/stat",
		"proc/uptime",
		"proc/vmstat",
		"proc/zoneinfo",
		"sys/devices/system/node/node0/meminfo",
		"sys/devices/system/node/node0/numastat",
		"sys/devices/system/node/node0/vmstat",
	};
	struct whole *b = lively("[machine]\nmemory = 6G\ncpus = 2\n");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct outbuf out, name;
		char *theirs;

		out_init(&name);
		for (const char *p = files[i]; *p; p++)
			out_str(&name, *p == '/' ? "__" : (char[]){ *p, 0 });
		out_str(&name, ".txt");
		out_init(&out);
		assert_int_equal(tree_show(&b->world, files[i], &out), 0);
		theirs = sample_read(name.text);
		assert_int_equal(what_differs(out.text, theirs), 0);
		free(theirs);
		out_free(&out);
		out_free(&name);
	}
	whole_free(b);
}

/* --- writing ----------------------------------------------------------- */

static const struct {
	const char *text;
	size_t len; /* 0: strlen() */
} texts[] = {
	{ "", 0 },
	{ "\n", 0 },
	{ "0", 0 },
	{ "1\n", 0 },
	{ "-1", 0 },
	{ " 7 ", 0 },
	{ "0x10", 0 },
	{ "010", 0 },
	{ "2147483648", 0 },
	{ "4294967296", 0 },
	{ "18446744073709551615", 0 },
	{ "18446744073709551616", 0 },
	{ "99999999999999999999999999999999999999999999", 0 },
	{ "-9223372036854775809", 0 },
	{ "1 2 3 4 5 6 7 8 9 10 11 12", 0 },
	{ "1\t2\t3\t4\t5", 0 },
	{ "1,2-3,4-", 0 },
	{ "max", 0 },
	{ "always", 0 },
	{ "1M swappiness=max", 0 },
	{ "some 150000 1000000", 0 },
	{ "%s%n%d", 0 },
	{ "1\0002", 3 },
	{ "\0", 1 },
	{ "\377\376\200", 0 },
	{ "a b=c d=e f", 0 },
	{ "1 1 1\n1 1 1\n", 0 },
	{ "-", 0 },
	{ "1 ", 0 },
	{ "1 x", 0 },
};

/* What a file of the kernel answers to a write. */
static bool is_answer(long got, size_t len)
{
	static const int errors[] = { EINVAL, EPERM,	  EACCES, EIO,	  EBUSY,
				      ERANGE, EOPNOTSUPP, ENODEV, EAGAIN, ESRCH,
				      E2BIG,  ENOMEM,	  EFAULT, ENOENT, ENXIO,
				      ENOSPC, ENOBUFS };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (got == -errors[i])
			return true;
	return got >= 0 && (size_t)got <= len;
}

/* Numbers, units and words, run together; at most 7 x 20 bytes. */
static size_t random_text(uint64_t *seed, char *text)
{
	static const char *const parts[] = {
		"0",	      "1",  "-1",   "2147483647",
		"4294967295", " ",  "\n",   "18446744073709551615",
		"k",	      "M",  "G",    "max",
		"=",	      ",",  "-",    "always",
		":",	      "a",  ".",    "some",
		"%",	      "\\", "\377", "9223372036854775807",
	};
	size_t len = 0;

	for (uint64_t n = 1 + rng_below(seed, 7); n; n--) {
		const char *part = parts[rng_below(seed, ARRAY_SIZE(parts))];

		memcpy(text + len, part, strlen(part));
		len += strlen(part);
	}
	return len;
}

/* As its owner, then as root. */
static void scrawl(struct whole *b, const char *path, const struct place *at,
		   const char *text, size_t len)
{
	struct caller who = { .owner = true };

	for (unsigned root = 0; root < 2; root++) {
		long got;

		if (!tree_alive(&b->world, at))
			return;
		who.privileged = root;
		got = tree_store_at(&b->world, at, text, len, &who);
		if (!is_answer(got, len))
			fault(b, path, "write", got);
	}
}

static void scribble(struct whole *b, const char *path, const struct place *at)
{
	static const char page[4097] = "1";
	struct world *w = &b->world;
	uint64_t seed = b->files;
	char text[160];
	struct outbuf out;

	if (tree_row(w, at)->flags & FSNODE_LINK || !(tree_mode(w, at) & 0222))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		scrawl(b, path, at, texts[i].text,
		       texts[i].len ? texts[i].len : strlen(texts[i].text));
	scrawl(b, path, at, page, sizeof(page));
	for (unsigned i = 0; i < 100; i++)
		scrawl(b, path, at, text, random_text(&seed, text));
	if (!tree_alive(w, at) || !(tree_mode(w, at) & 0444) ||
	    tree_row(w, at)->flags & FSNODE_OFFSET)
		return;
	out_init(&out);
	tree_show_at(w, at, &out);
	check_text(b, path, &out);
	out_free(&out);
}

static void every_file_takes_anything(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct whole *b = lively(machines[i]);

		walk(b, scribble);
		walk(b, look);
		assert_int_equal(b->faults, 0);
		assert_sound(b);
		whole_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_prints),
		cmocka_unit_test(no_file_needs_memory),
		cmocka_unit_test(a_booted_machine_is_laid_out_so),
		cmocka_unit_test(every_file_takes_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
