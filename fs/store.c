// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* O_PATH, SEEK_DATA */
#include "fs/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define PREFIX	     "fauxproc-disk-"

/* --- folders ----------------------------------------------------------------
 */
/* Called for each name of a folder; @at is its descriptor. */
typedef void each_entry(int at, const char *name, void *arg);

static void each(int at, const char *name, each_entry *entry, void *arg)
{
	int fd = openat(at, name, FOLDER_FLAGS | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			entry(dirfd(dir), e->d_name, arg);
	if (dir)
		closedir(dir);
}

static void remove_entry(int at, const char *name, void *arg)
{
	int fd;

	(void)arg;
	if (!unlinkat(at, name, 0) || (errno != EISDIR && errno != EPERM))
		return;
	/* a folder its owner may not write still goes */
	fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		fchmodat(at, name, 0700, 0);
		close(fd);
	}
	each(at, name, remove_entry, NULL);
	unlinkat(at, name, AT_REMOVEDIR);
}

static void count_entry(int at, const char *name, void *arg)
{
	uint64_t *sum = arg;
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	*sum += store_room(&st) / (S_ISREG(st.st_mode) ? st.st_nlink : 1);
	if (S_ISDIR(st.st_mode))
		each(at, name, count_entry, arg);
}

/* --- the private one --------------------------------------------------------
 */
/* One that a daemon left that was killed: nobody holds its lock. */
static void sweep_entry(int at, const char *name, void *arg)
{
	struct stat st;
	int fd;

	(void)arg;
	if (strncmp(name, PREFIX, sizeof(PREFIX) - 1) != 0)
		return;
	fd = openat(at, name, FOLDER_FLAGS | O_NOFOLLOW);
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_uid == geteuid() &&
	    !flock(fd, LOCK_EX | LOCK_NB))
		remove_entry(at, name, NULL);
	close(fd);
}

/* Ours from here on, unless a daemon that started swept it away before it was
 * locked: then -EAGAIN. */
static int claim(struct store *s)
{
	struct stat st;

	s->folder = openat(s->tmp, s->name, FOLDER_FLAGS | O_NOFOLLOW);
	if (s->folder < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	if (!flock(s->folder, LOCK_EX | LOCK_NB) && !fstat(s->folder, &st) &&
	    st.st_nlink)
		return 0;
	close(s->folder);
	s->folder = -1;
	return -EAGAIN;
}

static int make_private(struct store *s)
{
	int err = -EAGAIN;

	for (unsigned i = 0; i < 1000 && err == -EAGAIN; i++) {
		snprintf(s->name, sizeof(s->name), PREFIX "%u-%u",
			 (unsigned)getpid(), i);
		if (!mkdirat(s->tmp, s->name, 0700))
			err = claim(s);
		else if (errno != EEXIST)
			err = -errno;
		if (err)
			s->name[0] = '\0';
	}
	return err;
}

int store_root_fd(struct store *s, unsigned root)
{
	struct store_root *r = &s->roots[root];
	char name[16];
	int err = 0;

	if (r->fd >= 0)
		return r->fd;
	if (s->folder < 0)
		err = make_private(s);
	if (err)
		return err;
	snprintf(name, sizeof(name), "%u", root);
	if (mkdirat(s->folder, name, 0755) && errno != EEXIST)
		return -errno;
	r->fd = openat(s->folder, name, FOLDER_FLAGS | O_NOFOLLOW);
	return r->fd < 0 ? -errno : r->fd;
}

int store_block_fd(struct store *s, const char *disk)
{
	struct store_block *b = s->blocks;
	char name[48];
	int err = 0;

	while (b < s->blocks + s->nr_blocks && strcmp(b->name, disk) != 0)
		b++;
	if (b == s->blocks + s->nr_blocks)
		return -ENXIO;
	if (b->fd >= 0)
		return b->fd;
	if (s->folder < 0)
		err = make_private(s);
	if (err)
		return err;
	snprintf(name, sizeof(name), "dev-%s", disk);
	b->fd = openat(s->folder, name,
		       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return b->fd < 0 ? -errno : b->fd;
}

/* --- begin and end ----------------------------------------------------------
 */
static int open_backing(struct store_root *r, const struct profile_disk *d,
			struct outbuf *why)
{
	if (!d->backing[0])
		return 0;
	r->own = false;
	r->fd = open(d->backing, FOLDER_FLAGS);
	if (r->fd >= 0)
		return 0;
	out_printf(why, "[disk %s] backing = %s: %s, expected a folder\n",
		   d->head.id, d->backing, strerror(errno));
	return -errno;
}

/* A disk without a file system: a file of the host backs it. */
static int add_block(struct store *s, const struct profile_disk *d,
		     struct outbuf *why)
{
	struct store_block *b = &s->blocks[s->nr_blocks++];

	snprintf(b->name, sizeof(b->name), "%.31s", d->head.id);
	b->fd = d->backing[0] ? open(d->backing, O_RDWR | O_CLOEXEC) : -1;
	if (b->fd >= 0 || !d->backing[0])
		return 0;
	out_printf(why, "[disk %s] backing = %s: %s, expected a file\n",
		   d->head.id, d->backing, strerror(errno));
	return -errno;
}

static void add_root(struct store *s, const struct profile_disk *d)
{
	struct store_root *r = &s->roots[s->nr++];
	size_t len;

	*r = (struct store_root){ .fd = -1, .own = true };
	if (!d)
		return;
	snprintf(r->mount, sizeof(r->mount), "%s", d->filesystem);
	for (len = strlen(r->mount); len && r->mount[len - 1] == '/';)
		r->mount[--len] = '\0';
	snprintf(r->name, sizeof(r->name), "%.31s", d->head.id);
	r->size = d->size_bytes;
}

int store_init(struct store *s, const struct profile *p, struct outbuf *why)
{
	const struct profile_disk *disks = p->disk.items;
	const char *tmp = getenv("TMPDIR");
	bool root = false;
	int err = 0;

	*s = (struct store){ .folder = -1 };
	s->tmp = open(tmp && *tmp ? tmp : "/tmp", FOLDER_FLAGS);
	if (s->tmp >= 0)
		each(s->tmp, ".", sweep_entry, NULL);
	for (uint32_t i = 0; i < p->disk.nr && !err; i++) {
		if (!disks[i].filesystem[0]) {
			err = add_block(s, &disks[i], why);
			continue;
		}
		root |= !strcmp(disks[i].filesystem, "/");
		add_root(s, &disks[i]);
		err = open_backing(&s->roots[s->nr - 1], &disks[i], why);
	}
	if (!root)
		add_root(s, NULL);
	return err;
}

void store_fini(struct store *s)
{
	for (unsigned i = 0; i < s->nr; i++)
		if (s->roots[i].fd >= 0)
			close(s->roots[i].fd);
	for (unsigned i = 0; i < s->nr_blocks; i++)
		if (s->blocks[i].fd >= 0)
			close(s->blocks[i].fd);
	if (s->folder >= 0) {
		remove_entry(s->tmp, s->name, NULL);
		close(s->folder);
	}
	if (s->nr && s->tmp >= 0)
		close(s->tmp);
	s->nr = 0;
}

int store_mount_at(const struct store *s, const char *path)
{
	if (!strcmp(path, "/"))
		path = "";
	for (unsigned i = 0; i < s->nr; i++)
		if (!strcmp(s->roots[i].mount, path))
			return (int)i;
	return -1;
}

uint64_t store_count(struct store *s, unsigned root)
{
	struct store_root *r = &s->roots[root];

	r->used = 0;
	if (r->fd >= 0)
		each(r->fd, ".", count_entry, &r->used);
	r->counted = true;
	return r->used;
}

/* --- names ------------------------------------------------------------------
 */
#define LONG_FOLDER "/.long/"

static bool is_plain(unsigned char c)
{
	return c > ' ' && c < 127 && c != '%' && c != '#';
}

/* A name that takes no more than fits: the hash of all of it. */
static void long_key(const char *path, char key[STORE_KEY])
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 0x100000001b3u;
	snprintf(key, STORE_KEY, LONG_FOLDER "%016llx", (unsigned long long)h);
}

void store_key(const char *path, char key[STORE_KEY])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (const char *s = path; *s; s++) {
		unsigned char c = (unsigned char)*s;
		/* a script's /mnt is the root of all */
		bool mnt = s == path + 1 && !strncmp(s, "mnt", 3) &&
			   (!s[3] || s[3] == '/');

		if (n + 4 > STORE_KEY) {
			long_key(path, key);
			return;
		}
		if (is_plain(c) && !mnt) {
			key[n++] = (char)c;
		} else {
			key[n++] = '%';
			key[n++] = digits[c >> 4];
			key[n++] = digits[c & 15];
		}
	}
	key[n] = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool store_path(const char *key, char *path, size_t room)
{
	size_t n = 0;

	if (key[0] != '/' || !strncmp(key, LONG_FOLDER, 7) ||
	    !strncmp(key, "/.gone/", 7) || strstr(key, "/../") ||
	    strstr(key, "/./") || strstr(key, "//"))
		return false;
	for (; *key && n + 1 < room; key++) {
		int high = *key == '%' ? hex_digit(key[1]) : -1;
		int low = high >= 0 ? hex_digit(key[2]) : -1;

		if (low >= 0) {
			path[n++] = (char)(high << 4 | low);
			key += 2;
		} else {
			path[n++] = *key;
		}
	}
	path[n] = '\0';
	return !*key && n > 1 && path[n - 1] != '/';
}

/* --- room -------------------------------------------------------------------
 */
uint64_t store_holes(int fd, uint64_t off, uint64_t len)
{
	uint64_t at = off, end = off + len, holes = 0;

	while (at < end) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA), hole;

		if (data < 0 || (uint64_t)data >= end)
			return holes + (end - at);
		holes += (uint64_t)data - at;
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole <= data)
			return holes;
		at = (uint64_t)hole;
	}
	return holes;
}
