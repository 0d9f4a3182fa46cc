// SPDX-License-Identifier: Apache-2.0
/*
 * A saved world: magic, layout, length and checksum (XXH64), then profile,
 * journal, events and the machine's own archive. The sum is checked before
 * anything of the running machine is given up.
 */
#define _GNU_SOURCE /* syscall(): openat2() has no wrapper */
#include "fs/older.h"
#include "fs/profile.h"
#include "fs/world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define XXH_STATIC_LINKING_ONLY /* the state stands in struct body */
#include <xxhash.h>

#define MAGIC	  "fauxproc world 3\n"
#define MAGIC_LEN (sizeof(MAGIC) - 1)
#define KIND_LEN  (MAGIC_LEN - 2) /* without the version */

/* The body of a file while it is written or read. */
struct body {
	FILE *file;
	uint64_t len; /* so far */
	XXH64_state_t sum;
	uint64_t left; /* loading: bytes not yet read */
	int error; /* the first */
};

/* @layout: of the records behind it, which are written as they are. */
struct file_head {
	char magic[24]; /* filled up with zeroes: no byte is free */
	uint64_t layout;
	uint64_t len, sum; /* of what follows */
};

/* What another build would lay out otherwise. */
static uint64_t layout_sum(void)
{
	static const uint64_t sizes[] = {
		sizeof(struct machine),
		sizeof(struct frame),
		sizeof(struct zone),
		sizeof(struct group),
		sizeof(struct inode),
		sizeof(struct file),
		sizeof(struct disk),
		sizeof(struct vma),
		sizeof(struct vma_node),
		sizeof(struct mm),
		sizeof(struct task),
		sizeof(struct actor),
		sizeof(struct klog_line),
		NR_ZONE_STATS,
		NR_NODE_STATS,
		NR_EVENTS,
		NR_OPS,
		NR_COSTS,
		KERNEL_NEWEST,
	};

	return XXH64(sizes, sizeof(sizes), 0);
}

static int put_bytes(void *arg, void *mem, size_t len)
{
	struct body *b = arg;

	if (!b->error && fwrite(mem, 1, len, b->file) != len)
		b->error = errno ? -errno : -EIO;
	b->len += len;
	XXH64_update(&b->sum, mem, len);
	return b->error;
}

static int get_bytes(void *arg, void *mem, size_t len)
{
	struct body *b = arg;

	if (!b->error && (len > b->left || fread(mem, 1, len, b->file) != len))
		b->error = -EIO;
	if (!b->error)
		b->left -= len;
	return b->error;
}

/* A file below the folder of @w, or any. A descriptor or -errno. */
static int open_file(const struct world *w, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC | O_NOCTTY),
		.mode = flags & O_CREAT ? 0600 : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV |
			   RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	if (w->files)
		fd = syscall(SYS_openat2, w->files - 1, path, &how,
			     sizeof(how));
	else
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);
	return fd < 0 ? -errno : (int)fd;
}

static int open_stream(const struct world *w, const char *path, bool saving,
		       FILE **ret)
{
	/* Without O_NONBLOCK a named pipe would hold the daemon up. */
	int flags = (saving ? O_RDWR | O_CREAT : O_RDONLY) | O_NONBLOCK;
	int fd = open_file(w, path, flags), r = 0;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = -EINVAL;
	else if (saving && ftruncate(fd, 0))
		r = -errno;
	if (!r) {
		*ret = fdopen(fd, saving ? "w+" : "r");
		if (!*ret)
			r = -errno;
	}
	if (r)
		close(fd);
	return r;
}

static int tell(struct outbuf *why, const char *path, int error)
{
	if (error == -EXDEV)
		out_printf(why,
			   "%s: files are saved and loaded below the folder "
			   "where the machine was started",
			   path);
	else
		out_printf(why, "%s: %s", path, strerror(-error));
	return error;
}

/* --- save ------------------------------------------------------------------
 */
static int put_text(struct body *b, const struct outbuf *text)
{
	uint64_t len = text->len;
	int r = text->error ? text->error : put_bytes(b, &len, sizeof(len));

	return r || !len ? r : put_bytes(b, text->text, text->len);
}

static int save_body(struct world *w, struct body *b)
{
	struct archive a = {
		.mode = ARCHIVE_SAVE,
		.transfer = put_bytes,
		.arg = b,
	};
	struct outbuf profile;
	int r;

	out_init(&profile);
	profile_print(w->profile, &profile);
	r = put_text(b, &profile);
	out_free(&profile);
	if (!r)
		r = put_text(b, &w->journal);
	if (!r)
		r = put_bytes(b, &w->journal_at, sizeof(w->journal_at));
	if (!r)
		r = klog_archive(&w->events, &a);
	return r ? r : machine_archive(&w->m, &a);
}

int world_save(struct world *w, const char *path, struct outbuf *why)
{
	struct file_head head = { .magic = "" };
	struct body b = { .file = NULL };
	int r;

	XXH64_reset(&b.sum, 0);
	world_journal_clock(w);
	r = open_stream(w, path, true, &b.file);
	if (r)
		return tell(why, path, r);
	/* The head comes last: half a file is none. */
	if (fwrite(&head, sizeof(head), 1, b.file) != 1)
		r = -EIO;
	if (!r)
		r = save_body(w, &b);
	memcpy(head.magic, MAGIC, MAGIC_LEN);
	head.len = b.len;
	head.layout = layout_sum();
	head.sum = XXH64_digest(&b.sum);
	if (!r && (fseek(b.file, 0, SEEK_SET) ||
		   fwrite(&head, sizeof(head), 1, b.file) != 1))
		r = -errno;
	if (fclose(b.file) && !r)
		r = -errno;
	return r ? tell(why, path, r) : 0;
}

/* --- load ------------------------------------------------------------------
 */
static int check_head(struct body *b, struct file_head *head,
		      struct outbuf *why, const char *path)
{
	static const char whole[sizeof(head->magic)] = MAGIC;

	if (fread(head, sizeof(*head), 1, b->file) != 1 ||
	    memcmp(head->magic, MAGIC, KIND_LEN) != 0)
		out_printf(why, "%s: not a saved machine", path);
	else if (memcmp(head->magic, whole, sizeof(whole)) != 0 ||
		 head->layout != layout_sum())
		out_printf(why, "%s: saved by another version of fauxproc",
			   path);
	else
		return 0;
	return -EINVAL;
}

/* Is it whole? Leaves the stream at the body. */
static int check_file(struct body *b, struct outbuf *why, const char *path)
{
	static const size_t room = 1 << 16;
	struct file_head head;
	XXH64_state_t sum;
	uint64_t left;
	char *buf = malloc(room);
	int r = buf ? 0 : -ENOMEM;

	XXH64_reset(&sum, 0);
	if (!r)
		r = check_head(b, &head, why, path);
	for (left = r ? 0 : head.len; left && !r;) {
		size_t n = left < room ? (size_t)left : room;

		if (fread(buf, 1, n, b->file) != n)
			break;
		XXH64_update(&sum, buf, n);
		left -= n;
	}
	free(buf);
	if (r)
		return r == -ENOMEM ? tell(why, path, r) : r;
	if (left || XXH64_digest(&sum) != head.sum || getc(b->file) != EOF) {
		out_printf(why, "%s: the file is damaged", path);
		return -EINVAL;
	}
	b->left = head.len;
	return fseek(b->file, sizeof(head), SEEK_SET) ? -errno : 0;
}

static int get_text(struct body *b, struct outbuf *ret)
{
	uint64_t len = 0;
	char *text;
	int r = get_bytes(b, &len, sizeof(len));

	if (r || !len)
		return r;
	if (len > b->left)
		return b->error = -EIO;
	text = malloc((size_t)len);
	if (!text)
		return -ENOMEM;
	r = get_bytes(b, text, (size_t)len);
	if (!r)
		out_bytes(ret, text, (size_t)len);
	free(text);
	return r ? r : ret->error;
}

static int check_profile(struct world *w, struct body *b, struct outbuf *why,
			 const char *path)
{
	struct outbuf mine, saved;
	int r;

	out_init(&mine);
	out_init(&saved);
	profile_print(w->profile, &mine);
	r = get_text(b, &saved);
	if (!r && (mine.error || mine.len != saved.len ||
		   memcmp(mine.text, saved.text, mine.len) != 0)) {
		out_printf(why,
			   "%s: saved with another profile, start that one",
			   path);
		r = -EINVAL;
	} else if (r) {
		tell(why, path, r);
	}
	out_free(&mine);
	out_free(&saved);
	return r;
}

/* Whoever waited for them is not there any more: results are dropped. */
static void orphan_actors(struct machine *m)
{
	struct pool *actors = &m->tasks.actors;
	struct op_result result;

	for (uint32_t id = 1; id <= actors->top; id++) {
		struct actor *a = actor_at(&m->tasks, id);

		if (a->async || a->daemon || !a->self)
			continue;
		if (!machine_take(m, id, &result))
			a->async = 1;
	}
}

static int load_machine(struct world *w, struct body *b, struct outbuf *journal)
{
	struct archive a = {
		.mode = ARCHIVE_LOAD,
		.transfer = get_bytes,
		.arg = b,
	};
	vtime_t at;
	int r = get_text(b, journal);

	if (!r)
		r = get_bytes(b, &at, sizeof(at));
	if (!r)
		r = klog_archive(&w->events, &a);
	if (!r)
		r = machine_archive(&w->m, &a);
	if (!r && b->left)
		r = -EIO;
	if (r)
		return r;
	orphan_actors(&w->m);
	out_free(&w->journal);
	w->journal = *journal;
	w->journal_at = at;
	out_init(journal);
	return 0;
}

int world_load(struct world *w, const char *path, struct outbuf *why)
{
	struct body b = { .left = 0 };
	struct outbuf journal;
	int r = open_stream(w, path, false, &b.file);

	if (r)
		return tell(why, path, r);
	out_init(&journal);
	r = check_file(&b, why, path);
	if (!r)
		r = check_profile(w, &b, why, path);
	if (!r) {
		r = world_reset(w, why);
		if (!r && (r = load_machine(w, &b, &journal))) {
			tell(why, path, r);
			world_reset(w, why);
		}
	}
	out_free(&journal);
	fclose(b.file);
	return r;
}
