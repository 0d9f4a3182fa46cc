// SPDX-License-Identifier: Apache-2.0
/*
 * What several files say of one page must agree: pagemap, kpagecount,
 * model/page, model/PID/walk and pagetable of a machine with two processes
 * that share memory.
 */
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc/proc-nodes.h"
#include "tests/unit/machine-fixture.h"

#define PAGES 16u

struct seen {
	struct fixture x;
	struct world w; /* only what files of model/ remember */
};

static int setup(void **state)
{
	struct seen *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	fixture_boot(&s->x, 64u << 20, false);
	assert_int_equal(fixture_run(&s->x, "spawn p"), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct seen *s = *state;

	assert_int_equal(fixture_check(&s->x.m), 0);
	machine_fini(&s->x.m);
	free(s);
	return 0;
}

static const struct fsnode *row_of(const char *path)
{
	static const struct fsnode_table tables[] = {
#define ENTRY(name) { name##_nodes, &nr_##name##_nodes },
		MODEL_TABLES(ENTRY) PID_TABLES(ENTRY) PROC_TABLES(ENTRY)
#undef ENTRY
	};

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (unsigned i = 0; i < *tables[t].count; i++)
			if (!strcmp(tables[t].rows[i].path, path))
				return &tables[t].rows[i];
	fail_msg("no row for %s", path);
	return NULL;
}

static struct view view_of(struct seen *s, const char *who)
{
	struct view v = { .m = &s->x.m, .w = &s->w };

	if (who) {
		v.task = task_named(&s->x.m.tasks, who);
		v.pid = task_at(&s->x.m.tasks, v.task)->pid;
	}
	return v;
}

/* Prints @path, of process @who if it is one's; the caller frees it. */
static char *show(struct seen *s, const char *path, const char *who)
{
	struct view v = view_of(s, who);
	struct outbuf out;

	out_init(&out);
	out_str(&out, "");
	assert_int_equal(row_of(path)->show(&v, &out), 0);
	return out.text;
}

static void store(struct seen *s, const char *path, const char *who,
		  const char *text, long want)
{
	struct view v = view_of(s, who);

	assert_int_equal(row_of(path)->store(&v, text, strlen(text)), want);
}

/* Eight bytes at entry @at of a binary file. */
static uint64_t entry_of(struct seen *s, const char *path, const char *who,
			 uint64_t at)
{
	struct view v = view_of(s, who);
	struct outbuf out;
	uint64_t value = 0;

	v.off = at * 8;
	v.len = 8;
	out_init(&out);
	assert_int_equal(row_of(path)->show(&v, &out), 0);
	assert_int_equal(out.len, 8);
	for (unsigned i = 8; i--;)
		value = value << 8 | (unsigned char)out.text[i];
	out_free(&out);
	return value;
}

/* What stands behind @name in a file of lines NAME VALUE...; @room bytes. */
static const char *value_of(const char *text, const char *name, char *room,
			    size_t size)
{
	size_t len = strlen(name);

	for (; *text; text = strchr(text, '\n') + 1)
		if (!strncmp(text, name, len) && text[len] == ' ') {
			snprintf(room, size, "%.*s",
				 (int)(strcspn(text, "\n") - len - 1),
				 text + len + 1);
			return room;
		}
	fail_msg("no line %s", name);
	return NULL;
}

static uint64_t number_of(const char *text, const char *name)
{
	char room[256];

	return strtoull(value_of(text, name, room, sizeof(room)), NULL, 10);
}

static unsigned words_of(const char *text)
{
	unsigned n = *text != '\0' && *text != '-';

	for (; *text; text++)
		n += *text == ' ';
	return n;
}

/* One page that is there, seen by every file. */
static void check_page(struct seen *s, const char *who, uint64_t addr,
		       unsigned users)
{
	char room[256], number[24], other[64], *walk, *page;
	uint64_t pfn;

	snprintf(number, sizeof(number), "%llx\n", (unsigned long long)addr);
	store(s, "model/$pid/walk", who, number, (long)strlen(number));
	walk = show(s, "model/$pid/walk", who);
	pfn = number_of(walk, "frame");
	assert_int_equal(entry_of(s, "proc/$pid/pagemap", who, addr >> 12) &
				 ((1ull << 55) - 1),
			 pfn);
	assert_int_equal(words_of(value_of(walk, "users", room, sizeof(room))),
			 users - 1);
	snprintf(number, sizeof(number), "%llu\n", (unsigned long long)pfn);
	store(s, "model/page", NULL, number, (long)strlen(number));
	page = show(s, "model/page", NULL);
	assert_int_equal(number_of(page, "pfn"), pfn);
	assert_int_equal(number_of(page, "mapcount"), users);
	assert_int_equal(entry_of(s, "proc/kpagecount", NULL, pfn), users);
	value_of(page, "users", room, sizeof(room));
	assert_int_equal(words_of(room), users);
	snprintf(other, sizeof(other), "%u:%llx",
		 task_at(&s->x.m.tasks, task_named(&s->x.m.tasks, who))->pid,
		 (unsigned long long)addr);
	assert_non_null(strstr(room, other));
	free(page);
	free(walk);
}

static void check_pages(struct seen *s, const char *who, uint64_t start,
			unsigned users)
{
	for (unsigned i = 0; i < PAGES; i++)
		check_page(s, who, start + i * PAGE_SIZE, users);
}

static void private_pages(void **state)
{
	struct seen *s = *state;
	uint64_t at;

	assert_int_equal(fixture_run(&s->x, "mmap p r 64K"), 0);
	at = s->x.result.ret[0];
	assert_int_equal(fixture_run(&s->x, "touch p r write"), 0);
	check_pages(s, "p", at, 1);
	assert_int_equal(fixture_run(&s->x, "fork p c"), 0);
	check_pages(s, "p", at, 2);
	check_pages(s, "c", at, 2);
	assert_int_equal(fixture_run(&s->x, "touch c r write"), 0);
	check_pages(s, "p", at, 1);
	check_pages(s, "c", at, 1);
}

static void shared_pages(void **state)
{
	struct seen *s = *state;
	uint64_t first, second;
	char *page, room[256];

	assert_int_equal(fixture_run(&s->x, "mkfile /f 64K"), 0);
	assert_int_equal(fixture_run(&s->x, "spawn q"), 0);
	assert_int_equal(fixture_run(&s->x, "mmap p r 64K shared file=/f"), 0);
	first = s->x.result.ret[0];
	assert_int_equal(fixture_run(&s->x, "mmap q pad 1M"), 0);
	assert_int_equal(fixture_run(&s->x, "mmap q r 64K shared file=/f"), 0);
	second = s->x.result.ret[0];
	assert_int_equal(fixture_run(&s->x, "touch p r read"), 0);
	assert_int_equal(fixture_run(&s->x, "touch q r read"), 0);
	check_pages(s, "p", first, 2);
	check_pages(s, "q", second, 2);
	page = show(s, "model/page", NULL);
	assert_string_equal(value_of(page, "mapping", room, sizeof(room)),
			    "/f");
	assert_int_equal(number_of(page, "index"), PAGES - 1);
	free(page);
}

static void nothing_is_there(void **state)
{
	struct seen *s = *state;
	char *walk, room[64];

	store(s, "model/$pid/walk", "p", "zz", -EINVAL);
	store(s, "model/$pid/walk", "p", "0x123456789000\n", 15);
	walk = show(s, "model/$pid/walk", "p");
	assert_string_equal(value_of(walk, "frame", room, sizeof(room)), "-");
	assert_string_equal(value_of(walk, "vma", room, sizeof(room)), "-");
	free(walk);
	store(s, "model/page", NULL, "999999999", -EINVAL);
	/* the address of each process is its own, the kernel's too */
	store(s, "model/walk", NULL, "ffff888000400000", 16);
	walk = show(s, "model/walk", NULL);
	assert_int_equal(number_of(walk, "frame"), 1024);
	free(walk);
	walk = show(s, "model/$pid/walk", "p");
	assert_string_equal(value_of(walk, "linear", room, sizeof(room)),
			    "0000123456789000");
	free(walk);
}

static uint64_t pages_of(const char *entry)
{
	const char *more = strstr(entry, " +");
	const char *end = strchr(entry, '\n');

	return 1 + (more && more < end ? strtoull(more + 2, NULL, 10) : 0);
}

static void the_table_has_every_page(void **state)
{
	struct seen *s = *state;
	char *text, *line;
	uint64_t pages = 0;

	assert_int_equal(fixture_run(&s->x, "mmap p r 3M"), 0);
	assert_int_equal(fixture_run(&s->x, "touch p r write"), 0);
	text = show(s, "model/$pid/pagetable", "p");
	for (line = text; *line; line = strchr(line, '\n') + 1)
		if (!strncmp(line + 12, " pte ", 5))
			pages += pages_of(line);
	assert_int_equal(pages, 768);
	free(text);
}

/* A letter a pageblock; who fills one shows by its letter. */
static void the_map_has_every_block(void **state)
{
	struct seen *s = *state;
	char *text, *line;
	uint32_t letters = 0, full = 0;

	assert_int_equal(fixture_run(&s->x, "mmap p r 16M"), 0);
	assert_int_equal(fixture_run(&s->x, "touch p r write"), 0);
	text = show(s, "model/frames", NULL);
	line = strstr(text, "its pfn\n");
	assert_non_null(line);
	for (line = strchr(line, '\n') + 1; *line; line++) {
		if (*line == '\n' || *line == ' ' ||
		    (*line >= '0' && *line <= '9'))
			continue;
		letters++;
		full += *line == 'A';
	}
	assert_int_equal(letters, (s->x.m.phys.max_pfn + PAGEBLOCK_PAGES - 1) /
					  PAGEBLOCK_PAGES);
	assert_in_range(full, 5, 8);
	free(text);
	text = show(s, "model/frames.svg", NULL);
	assert_non_null(strstr(text, "<svg "));
	assert_non_null(strstr(text, ">node 0 "));
	assert_non_null(strstr(text, ">anonymous<"));
	assert_non_null(strstr(text, "</svg>\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_map_has_every_block, setup,
						teardown),
		cmocka_unit_test_setup_teardown(private_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(shared_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_there, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_table_has_every_page, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
