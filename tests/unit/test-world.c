// SPDX-License-Identifier: Apache-2.0
#define _XOPEN_SOURCE 700 /* openat() and its like */
#include "tests/unit/world-fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- boot ------------------------------------------------------------------
 */
static void refused(const char *profile, const char *want)
{
	struct fixture x;

	assert_int_equal(fixture_open(&x, profile), -EINVAL);
	if (!x.why.text || !strstr(x.why.text, want))
		fail_msg("'%s' says %s, not %s", profile, x.why.text, want);
	fixture_close(&x);
}

static void test_settings(void **state)
{
	struct fixture x;

	(void)state;
	assert_int_equal(
		fixture_open(&x, SMALL
			     "[sysctl]\nvm.swappiness = 7\n"
			     "vm.lowmem_reserve_ratio = 256 256 16\n"
			     "[set]\n/sys/kernel/mm/ksm/sleep_millisecs = 33\n"
			     "[process db]\ncount = 2\nheap = 1M\n"),
		0);
	assert_string_equal(shown(&x, "proc/sys/vm/swappiness"), "7\n");
	assert_string_equal(shown(&x, "sys/kernel/mm/ksm/sleep_millisecs"),
			    "33\n");
	assert_string_equal(shown(&x, "proc/301/comm"), "db\n");
	/* what the profile says is no part of the history */
	assert_string_equal(shown(&x, "model/journal"), "");
	assert_string_equal(shown(&x, "model/check"), "ok\n");
	fixture_close(&x);
	refused(SMALL "[sysctl]\nvm.swappiness = 201\n", "t.ini:11: ");
	refused(SMALL "[sysctl]\nvm.swappines = 20\n", "no such file");
	refused(SMALL "[set]\n/proc/meminfo = 20\n", "t.ini:11: ");
}

static void test_host_limit(void **state)
{
	struct fixture x;

	(void)state;
	assert_int_equal(fixture_open(&x, "[machine]\nmemory = 1G\n"
					  "max_host_memory = 1M\n"),
			 -ENOBUFS);
	assert_non_null(strstr(x.why.text, "max_host_memory"));
	fixture_close(&x);
}

/* --- journal ---------------------------------------------------------------
 */
static void test_journal_lines(void **state)
{
	struct fixture *x = *state;
	const char *text;

	run(x, "  spawn a   # the first\nadvance 1s\nadvance 500ms\n"
	       "mmap a m 1M\nasync touch a m write\nwait all\n"
	       "set /proc/sys/vm/swappiness 4\nshow /proc/stat\nsnap s\n");
	text = shown(x, "model/journal");
	assert_ptr_equal(strstr(text, "spawn a\nadvance 1s\nadvance 500ms\n"
				      "mmap a m 1M\nasync touch a m write\n"
				      "advance "),
			 text);
	assert_non_null(strstr(text, "\nset /proc/sys/vm/swappiness 4\n"));
	assert_null(strstr(text, "snap"));
	assert_null(strstr(text, "show"));
}

/* Two sessions by turns, lines that fail, a killed process: the journal
 * alone leads to the same machine. */
static void history(struct fixture *x)
{
	const char *slow = "touch a m write for=3ms\nread b /f 0 2M\n";
	struct session other;

	run(x, "spawn a\nspawn b\nmmap a m 2M\nmkfile /f 2M\n");
	session_init(&other, &x->w);
	session_write(&other, slow, strlen(slow));
	for (int i = 0; session_step(&other) == SESSION_RUNNING; i++) {
		machine_run(&x->w.m, other.waits_until, 0, 50);
		if (i == 1)
			run(x, "mmap b q 64K\ntouch b q write\n");
		if (i == 3)
			run(x, "spawn c\ntouch c nothing read\n");
		if (i == 5)
			run(x, "set /proc/sys/vm/swappiness 9\n"
			       "advance 20us\n");
	}
	session_fini(&other);
	run(x, "mmap a n 0\n");
	run(x, "munmap a m 100 4K\n");
	run(x, "spawn d\ntouch d @7000 write\n");
	run(x, "fork a e\nexit a\nadvance 1ms\n");
}

struct pair {
	struct fixture *x, *y;
	const char *path; /* of the folder */
};

static int same_file(void *arg, const char *name, const struct place *at)
{
	const struct pair *p = arg;
	const struct fsnode *row = tree_row(&p->x->w, at);
	char path[512];
	struct pair below = { p->x, p->y, path };

	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	if (S_ISDIR(tree_mode(&p->x->w, at)))
		return tree_list(&p->x->w, at, same_file, &below);
	/* Failures are not journalled; and numbers of records that nobody
	 * uses any more may differ. */
	if ((row && row->flags & FSNODE_OFFSET) ||
	    !strcmp(path, "/model/events") || !strcmp(path, "/model/digest"))
		return 0;
	out_clear(&p->x->said);
	out_clear(&p->y->said);
	assert_int_equal(tree_show(&p->x->w, path, &p->x->said),
			 tree_show(&p->y->w, path, &p->y->said));
	if (strcmp(said(p->x), said(p->y)) != 0)
		fail_msg("%s differs:\n%s\n%s", path, said(p->x), said(p->y));
	return 0;
}

static void same_tree(struct fixture *x, struct fixture *y)
{
	struct pair p = { x, y, "" };
	struct place root = { 0 };

	assert_int_equal(tree_list(&x->w, &root, same_file, &p), 0);
}

static void test_replay(void **state)
{
	struct fixture *x = *state, again;
	struct outbuf journal;

	history(x);
	out_init(&journal);
	out_str(&journal, shown(x, "model/journal"));
	assert_int_equal(fixture_open(&again, SMALL), 0);
	if (run(&again, journal.text))
		fail_msg("the journal fails: %s in\n%s", said(&again),
			 journal.text);
	assert_true(machine_now(&again.w.m) == machine_now(&x->w.m));
	same_tree(x, &again);
	fixture_close(&again);
	out_free(&journal);
}

/* --- save, load, reset ------------------------------------------------------
 */
static void test_reset(void **state)
{
	struct fixture *x = *state;
	uint64_t digest = machine_digest(&x->w.m);
	const char *slow = "touch a m write for=3s\n";
	struct session other;

	run(x, "spawn a\nmmap a m 2M\n");
	session_init(&other, &x->w);
	session_write(&other, slow, strlen(slow));
	assert_int_equal(session_step(&other), SESSION_RUNNING);
	says(x, "reset\nsnap on\n", "ok\non\n");
	assert_true(machine_digest(&x->w.m) == digest);
	assert_string_equal(shown(x, "model/journal"), "");
	assert_int_equal(session_step(&other), SESSION_FAILED);
	assert_int_equal(other.error, EINTR);
	session_fini(&other);
	says(x, "spawn a", "a pid 300\n");
}

struct folder {
	char path[64];
	int fd;
};

static void folder_open(struct folder *f)
{
	snprintf(f->path, sizeof(f->path), "/tmp/fauxproc-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->fd >= 0);
}

static void folder_close(struct folder *f)
{
	unlinkat(f->fd, "world", 0);
	unlinkat(f->fd, "link", 0);
	close(f->fd);
	rmdir(f->path);
}

static void test_save(void **state)
{
	struct fixture *x = *state, other;
	struct outbuf journal;
	struct folder f;
	uint64_t digest;

	out_init(&journal);
	folder_open(&f);
	x->w.files = f.fd + 1;
	history(x);
	says(x, "async read b /f 0 1M\nadvance 10us\nsave world\n", said(x));
	digest = machine_digest(&x->w.m);
	out_str(&journal, shown(x, "model/journal"));
	says(x, "spawn more\nload world\nsnap on\n", "more pid 305\nok\non\n");
	assert_true(machine_digest(&x->w.m) == digest);
	assert_string_equal(shown(x, "model/journal"), journal.text);
	assert_string_equal(shown(x, "model/check"), "ok\n");
	/* and into another process's world */
	assert_int_equal(fixture_open(&other, SMALL), 0);
	other.w.files = f.fd + 1;
	says(&other, "load world\nwait all\n", "ok\nok\n");
	run(x, "wait all\n");
	assert_true(machine_digest(&other.w.m) == machine_digest(&x->w.m));
	fixture_close(&other);
	folder_close(&f);
	out_free(&journal);
}

/* A bit here and there: each is noticed, and the machine stays. */
static void every_part(struct fixture *x, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint64_t digest = machine_digest(&x->w.m);

	for (off_t at = 17; at < size; at += size / 40) {
		char byte, other;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		other = (char)(byte ^ 16);
		assert_int_equal(pwrite(fd, &other, 1, at), 1);
		fails(x, "load world", EINVAL, "error: line 1: load: world: ");
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	assert_true(machine_digest(&x->w.m) == digest);
}

static void test_bad_files(void **state)
{
	char version;
	struct fixture *x = *state, other;
	struct folder f;
	uint64_t digest;
	int fd;

	folder_open(&f);
	x->w.files = f.fd + 1;
	run(x, "spawn a\nsave world\n");
	digest = machine_digest(&x->w.m);
	fails(x, "load nothing", ENOENT, "error: line 1: load: nothing: ");
	fails(x, "load /etc/passwd", EXDEV, "error: line 1: load: /etc/pass");
	fails(x, "save ../world", EXDEV, "error: line 1: save: ../world: ");
	fails(x, "save .", EISDIR, "error: line 1: save: .: ");
	symlinkat("/etc/passwd", f.fd, "link");
	fails(x, "load link", EXDEV, "error: line 1: load: link: ");
	assert_int_equal(fixture_open(&other, SMALL "[sysctl]\n"
						    "vm.swappiness = 1\n"),
			 0);
	other.w.files = f.fd + 1;
	fails(&other, "load world", EINVAL,
	      "error: line 1: load: world: saved with another profile");
	fixture_close(&other);
	fd = openat(f.fd, "world", O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &version, 1, 15), 1);
	assert_int_equal(pwrite(fd, "1", 1, 15), 1);
	fails(x, "load world", EINVAL,
	      "error: line 1: load: world: saved by another version");
	assert_int_equal(pwrite(fd, &version, 1, 15), 1);
	every_part(x, fd);
	assert_int_equal(pwrite(fd, "X", 1, 5000), 1);
	fails(x, "load world", EINVAL,
	      "error: line 1: load: world: the file is damaged");
	assert_int_equal(ftruncate(fd, 4000), 0);
	fails(x, "load world", EINVAL,
	      "error: line 1: load: world: the file is damaged");
	assert_int_equal(ftruncate(fd, 3), 0);
	fails(x, "load world", EINVAL,
	      "error: line 1: load: world: not a saved machine");
	close(fd);
	assert_true(machine_digest(&x->w.m) == digest);
	folder_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_host_limit),
		WORLD_TEST(test_journal_lines),
		WORLD_TEST(test_replay),
		WORLD_TEST(test_reset),
		WORLD_TEST(test_save),
		WORLD_TEST(test_bad_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
