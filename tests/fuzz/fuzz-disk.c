// SPDX-License-Identifier: Apache-2.0
/*
 * Requests for files below MNT/disk, as a kernel may send them: only names
 * that were looked up, files that are open. An input is a list of eight bytes
 * a request. Each must be answered; nothing may be left over.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/kernel.h"
#include "tests/fuzz/target.h"

const char *const fuzz_words[] = {
	"\x01\x01\x01\x01\x01\x01\x01\x01", "\x09\x01\x01\x02\x01\x01\x01\x01",
	"\x0a\x02\x01\x01\x01\x01\x01\x01", "\x0b\x01\x01\x01\x10\x01\x01\x01",
	"\x0c\x01\x01\x01\x10\x01\x01\x01", "\x10\x01\x01\x02\x01\x03\x01\x01",
	"\x11\x01\x01\x01\x01\x01\x01\x01", "\x18\x01\x01\x01\x01\x01\x01\x01",
	"\x19\x05\x01\x01\x01\x01\x01\x01", NULL,
};

static const char *const names[] = {
	"a",
	"b",
	"dir",
	"x y",
	"n#1",
	"\xc3\xa4",
	"%41",
	".gone",
	"f",
	"tmp",
	("a-name-that-is-longer-than-what-a-record-of-the-machine-has-room-for-"
	 "and-so-becomes-a-name-made-of-it-which-must-be-found-again-by-all"),
	"\x01\x02",
};

static const char *const lines[] = {
	"mkfile /a 100K\n",
	"rm /a\n",
	"mkfile /made 1M\n",
	"rm /made\n",
	"mkfiles p /dir 3 4K\n",
	"spawn p\n",
	"read p /a 0 10K\n",
	"write p /b 0 30K\n",
	"advance 40ms\n",
	"exit p\n",
	"reset\n",
	"sync\n",
	"async write p /f 0 1M\n",
	"set /proc/sys/vm/drop_caches 3\n",
};

static const char *name_of(uint8_t pick)
{
	return names[pick % (sizeof(names) / sizeof(names[0]))];
}

/* Names change one by one: their folders are locked. */
static void change_name(struct kernel *k, const uint8_t *e)
{
	struct fuse_mkdir_in mkdir = { .mode = 0755 };
	struct fuse_mknod_in mknod = { .mode = e[4] % 2 ? S_IFREG | 0644
							: S_IFIFO | 0600 };
	struct fuse_rename2_in rename = { .flags = e[4] % 8 };
	uint64_t dir = node(k, e[1], S_IFDIR), to = node(k, e[2], S_IFDIR);
	struct fuse_link_in link = { .oldnodeid = node(k, e[2], S_IFREG) };
	enum want want = WANT_ENTRY;

	drain(k);
	rename.newdir = to;
	switch (e[0] % 7) {
	case 0:
		begin(k, FUSE_MKDIR, dir);
		add(k, &mkdir, sizeof(mkdir));
		break;
	case 1:
		begin(k, FUSE_MKNOD, dir);
		add(k, &mknod, sizeof(mknod));
		break;
	case 2:
		begin(k, FUSE_SYMLINK, dir);
		break;
	case 3:
		if (!link.oldnodeid)
			return;
		begin(k, FUSE_LINK, dir);
		add(k, &link, sizeof(link));
		break;
	case 4:
	case 5:
		begin(k, e[0] % 7 == 4 ? FUSE_UNLINK : FUSE_RMDIR, dir);
		want = WANT_NOTHING;
		break;
	default:
		begin(k, FUSE_RENAME2, dir);
		add(k, &rename, sizeof(rename));
		want = WANT_NOTHING;
	}
	add_name(k, name_of(e[3]));
	if (e[0] % 7 == 2 || e[0] % 7 == 6)
		add_name(k, name_of(e[5]));
	ask_for(k, want, 0);
	drain(k);
}

static void create(struct kernel *k, const uint8_t *e)
{
	static const uint32_t flags[] = { O_RDWR, O_WRONLY, O_RDWR | O_EXCL,
					  O_RDWR | O_TRUNC };
	struct fuse_create_in in = { .flags = flags[e[4] % 4], .mode = 0640 };

	drain(k);
	if (k->nr_handles == HANDLES)
		return;
	begin(k, FUSE_CREATE, node(k, e[1], S_IFDIR));
	add(k, &in, sizeof(in));
	add_name(k, name_of(e[3]));
	ask_for(k, WANT_CREATE, in.flags);
	drain(k);
}

static void open_one(struct kernel *k, const uint8_t *e)
{
	static const uint32_t flags[] = { O_RDONLY, O_RDWR, O_WRONLY | O_APPEND,
					  O_RDWR | O_DIRECT, O_RDWR | O_TRUNC };
	bool folder = e[2] % 4 == 0;
	struct fuse_open_in in = { .flags = folder ? O_DIRECTORY
						   : flags[e[4] % 5] };
	uint64_t ino = node(k, e[1], folder ? S_IFDIR : S_IFREG);

	drain(k);
	if (!ino || k->nr_handles == HANDLES)
		return;
	begin(k, folder ? FUSE_OPENDIR : FUSE_OPEN, ino);
	add(k, &in, sizeof(in));
	ask_for(k, WANT_OPEN, in.flags);
	drain(k);
}

static uint64_t offset_of(const uint8_t *e)
{
	static const uint64_t units[] = { 1, 512, 4096, 1 << 20, 1ull << 40 };

	return (e[3] | (uint64_t)e[4] << 8) * units[e[5] % 5];
}

static void transfer(struct kernel *k, const uint8_t *e, bool writes)
{
	static const uint8_t data[DATA];
	unsigned at = k->nr_handles ? e[1] % k->nr_handles : 0;
	uint32_t size = e[6] * 256u + e[7];
	struct fuse_read_in in = { .offset = offset_of(e), .size = size };
	uint32_t flags;

	if (!k->nr_handles)
		return;
	flags = k->handles[at].flags;
	in.fh = k->handles[at].fh;
	in.flags = flags;
	if (k->handles[at].folder) {
		begin(k, writes ? FUSE_READDIRPLUS : FUSE_READDIR,
		      k->handles[at].ino);
		add(k, &in, sizeof(in));
		ask(k);
		return;
	}
	if ((flags & O_ACCMODE) == (writes ? O_RDONLY : O_WRONLY))
		return;
	/* the VFS lets no offset pass that a file cannot have */
	in.offset &= INT64_MAX;
	begin(k, writes ? FUSE_WRITE : FUSE_READ, k->handles[at].ino);
	add(k, &in, sizeof(in)); /* struct fuse_write_in is laid out so, too */
	if (writes)
		add(k, data, size);
	ask(k);
}

static void release(struct kernel *k, const uint8_t *e)
{
	unsigned at = k->nr_handles ? e[1] % k->nr_handles : 0;
	struct fuse_release_in in = { .flags = 0 };

	drain(k);
	if (!k->nr_handles)
		return;
	in.fh = k->handles[at].fh;
	begin(k, k->handles[at].folder ? FUSE_RELEASEDIR : FUSE_RELEASE,
	      k->handles[at].ino);
	add(k, &in, sizeof(in));
	k->handles[at] = k->handles[--k->nr_handles];
	ask(k);
}

/* Of a file that is open; fallocate(2), lseek(2), fsync(2). */
static void of_file(struct kernel *k, const uint8_t *e)
{
	static const uint32_t modes[] = { 0, 1, 3, 0x10 };
	unsigned at = k->nr_handles ? e[1] % k->nr_handles : 0;
	struct fuse_fallocate_in room = { .offset = offset_of(e) & INT64_MAX,
					  .length = e[6] * 4096u + 1,
					  .mode = modes[e[7] % 4] };
	struct fuse_lseek_in seek = { .offset = room.offset,
				      .whence = 3 + e[7] % 2 };
	struct fuse_fsync_in sync = { .fsync_flags = e[7] % 2 };

	if (!k->nr_handles || k->handles[at].folder)
		return;
	room.fh = seek.fh = sync.fh = k->handles[at].fh;
	if (e[2] % 3 == 0 && (k->handles[at].flags & O_ACCMODE)) {
		begin(k, FUSE_FALLOCATE, k->handles[at].ino);
		add(k, &room, sizeof(room));
	} else if (e[2] % 3 == 1) {
		begin(k, FUSE_LSEEK, k->handles[at].ino);
		add(k, &seek, sizeof(seek));
	} else {
		begin(k, FUSE_FSYNC, k->handles[at].ino);
		add(k, &sync, sizeof(sync));
	}
	ask(k);
}

static void of_node(struct kernel *k, const uint8_t *e)
{
	static const uint32_t valid[] = { FATTR_SIZE, FATTR_MODE,
					  FATTR_MTIME | FATTR_ATIME_NOW,
					  FATTR_SIZE | FATTR_MODE };
	struct fuse_setattr_in attr = { .valid = valid[e[4] % 4],
					.mode = e[7] * 2u };
	struct fuse_getattr_in none = { .getattr_flags = 0 };
	struct fuse_access_in may = { .mask = e[5] % 8 };
	bool sized = attr.valid & FATTR_SIZE;
	uint64_t ino = node(k, e[1], sized && e[2] % 4 == 0 ? S_IFREG : 0);

	if (!ino)
		return;
	attr.size = (e[5] | (uint64_t)e[6] << 8) * (e[7] % 2 ? 1 : 5000);
	switch (e[2] % 4) {
	case 0:
		begin(k, FUSE_SETATTR, ino);
		add(k, &attr, sizeof(attr));
		break;
	case 1:
		begin(k, FUSE_GETATTR, ino);
		add(k, &none, sizeof(none));
		break;
	case 2:
		begin(k, FUSE_STATFS, ino);
		break;
	default:
		begin(k, FUSE_ACCESS, ino);
		add(k, &may, sizeof(may));
	}
	ask(k);
}

static void look_up(struct kernel *k, const uint8_t *e)
{
	uint64_t link = node(k, e[1], S_IFLNK);

	if (e[2] % 5 == 0 && link) {
		begin(k, FUSE_READLINK, link);
		ask(k);
		return;
	}
	begin(k, FUSE_LOOKUP, node(k, e[1], S_IFDIR));
	add_name(k, name_of(e[3]));
	ask_for(k, WANT_ENTRY, 0);
}

/* Not the root of the disk, and nothing that is open. */
static void forget(struct kernel *k, const uint8_t *e)
{
	unsigned at = e[1] % k->nr_nodes;
	struct fuse_forget_in in = { .nlookup = k->nodes[at].lookups };

	drain(k);
	for (unsigned i = 0; i < k->nr_handles; i++)
		if (k->handles[i].ino == k->nodes[at].id)
			return;
	if (!at)
		return;
	begin(k, FUSE_FORGET, k->nodes[at].id);
	add(k, &in, sizeof(in));
	k->nodes[at] = k->nodes[--k->nr_nodes];
	hand_over(k);
}

static void interrupt(struct kernel *k, const uint8_t *e)
{
	struct fuse_interrupt_in in = {
		.unique = k->pending[e[1] % PENDING].unique,
	};

	if (!in.unique)
		return;
	begin(k, FUSE_INTERRUPT, 0);
	add(k, &in, sizeof(in));
	k->head->unique = in.unique | 1;
	hand_over(k);
}

static void play(struct kernel *k, const uint8_t *e)
{
	const char *line = lines[e[1] % (sizeof(lines) / sizeof(lines[0]))];

	small_play(k->m, line, strlen(line));
}

static void one(struct kernel *k, const uint8_t *e)
{
	switch (e[0] % 28) {
	case 0:
	case 1:
	case 2:
	case 3:
		look_up(k, e);
		break;
	case 4:
	case 5:
	case 6:
		of_node(k, e);
		break;
	case 7:
		forget(k, e);
		break;
	case 8:
	case 9:
		create(k, e);
		break;
	case 10:
		open_one(k, e);
		break;
	case 11:
	case 12:
	case 13:
	case 14:
	case 15:
		transfer(k, e, e[0] % 2);
		break;
	case 16:
		release(k, e);
		break;
	case 17:
		of_file(k, e);
		break;
	case 24:
		interrupt(k, e);
		break;
	case 25:
		play(k, e);
		break;
	case 26:
		drain(k);
		break;
	default:
		change_name(k, e);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	kernel_mount(k);
	for (; size >= 8; size -= 8, data += 8)
		one(k, data);
	kernel_unmount(k);
	free(k);
	return 0;
}
