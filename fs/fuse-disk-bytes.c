// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes of what the machine alone has made: files of operations and of
 * profiles, and what simulated processes wrote. The host has none of them;
 * they follow from the number of each page. What a program then writes in part
 * goes to the host whole, with the bytes around it.
 */
#define _GNU_SOURCE /* FALLOC_FL_* */
#include "fs/bytes.h"
#include "fs/fuse-disk.h"
#include "vmcore/cache/content.h"
#include "vmcore/cache/extent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Is page @index the machine's own? Its number. */
static bool made(const struct daemon *d, uint32_t inode, uint64_t index,
		 uint32_t *ret_number)
{
	uint32_t n = cache_content(&d->world->m.cache, inode, index);

	*ret_number = n;
	return n && !content_outside(n);
}

/* A swap area has what mkswap(8) wrote, and slots that nobody can read. */
bool bytes_any(const struct daemon *d, uint32_t inode)
{
	const struct cache *c = &d->world->m.cache;

	return inode && cache_has_contents(c, inode) &&
	       !swap_area_find(c, inode);
}

void bytes_read(const struct daemon *d, uint32_t inode, uint64_t off,
		size_t size, char *data)
{
	uint64_t at = off, end = off + size;
	uint32_t number;

	if (!bytes_any(d, inode))
		return;
	while (at < end) {
		size_t in = at % PAGE_SIZE, n = PAGE_SIZE - in;

		if (n > end - at)
			n = (size_t)(end - at);
		if (made(d, inode, at / PAGE_SIZE, &number))
			bytes_of(number, in, n, data + (at - off));
		at += n;
	}
}

int bytes_settle(const struct daemon *d, uint32_t inode, int fd, uint64_t at)
{
	uint64_t start = at & PAGE_MASK;
	char page[PAGE_SIZE];
	uint32_t number;
	struct stat st;
	size_t n;

	if (!(at % PAGE_SIZE) || !bytes_any(d, inode) ||
	    !made(d, inode, at / PAGE_SIZE, &number))
		return 0;
	if (fstat(fd, &st))
		return errno;
	/* what backs a device may end before it */
	n = PAGE_SIZE;
	if (inode_at(&d->world->m.cache, inode)->kind != INODE_BLOCK) {
		if (start >= (uint64_t)st.st_size)
			return 0;
		if (n > (uint64_t)st.st_size - start)
			n = (size_t)((uint64_t)st.st_size - start);
	}
	bytes_of(number, 0, n, page);
	return pwrite(fd, page, n, (off_t)start) < 0 ? errno : 0;
}

int bytes_edge(struct daemon *d, struct disk_request *r, uint32_t node, int fd,
	       uint64_t at)
{
	uint32_t inode = model_inode(d, node), number;
	struct op *op;
	int err;

	if (!(at % PAGE_SIZE) || !bytes_any(d, inode) ||
	    !made(d, inode, at / PAGE_SIZE, &number))
		return 0;
	err = bytes_settle(d, inode, fd, at);
	if (err)
		return err;
	op = disk_op(r, OP_WRITE, disk_node(d, node)->path);
	op->off = at & PAGE_MASK;
	op->len = at % PAGE_SIZE;
	op->flags = OPX_RANGE;
	return 0;
}

/* --- a disk as a whole ------------------------------------------------------
 */
/* The file that was read last stays open for the next page. */
struct reader {
	struct daemon *d;
	uint32_t inode; /* 0 none */
	int fd;
};

static int file_of(struct reader *r, uint32_t inode)
{
	if (r->inode == inode)
		return r->fd;
	if (r->inode && r->fd >= 0)
		close(r->fd);
	r->inode = inode;
	r->fd = model_open(r->d, inode);
	return r->fd;
}

/* Part of a page that a program wrote, or that the host had; what is not there
 * is zeroes. */
static void host_bytes(struct reader *r, uint32_t inode, uint64_t at, size_t n,
		       char *data)
{
	int fd = inode ? file_of(r, inode) : -1;

	if (fd >= 0 && pread(fd, data, n, (off_t)at) < 0)
		memset(data, 0, n);
}

/* Within a page of the disk; @data is zeroes. */
static void disk_bytes(struct reader *r, uint32_t disk, uint64_t at, size_t n,
		       char *data)
{
	const struct cache *c = &r->d->world->m.cache;
	uint64_t page = 0;
	uint32_t number, inode = extent_find(c, disk, at / PAGE_SIZE, &page);
	bool own = made(r->d, disk_at(c, disk)->bdev, at / PAGE_SIZE, &number);

	if (own && !(inode && swap_area_find(c, inode)))
		bytes_of(number, at % PAGE_SIZE, n, data);
	else if (number)
		host_bytes(r, inode, page * PAGE_SIZE + at % PAGE_SIZE, n,
			   data);
}

void bytes_of_disk(struct daemon *d, uint32_t disk, uint64_t off, size_t size,
		   char *data)
{
	uint64_t at = off, end = off + size;
	struct reader r = { d, 0, -1 };

	memset(data, 0, size);
	while (at < end) {
		size_t n = PAGE_SIZE - at % PAGE_SIZE;

		if (n > end - at)
			n = (size_t)(end - at);
		disk_bytes(&r, disk, at, n, data + (at - off));
		at += n;
	}
	if (r.inode && r.fd >= 0)
		close(r.fd);
}
