// SPDX-License-Identifier: Apache-2.0
/*
 * A saved machine that was damaged: refused with a reason, and the machine
 * that should have loaded it is as before. An input is a list of edits of six
 * bytes; one that begins with `raw` is the whole file. Some edits make the sum
 * right again: of the head and of the profile behind it, which is compared.
 * What follows is the machine's memory as it was, and held to the sum alone.
 */
#define _GNU_SOURCE /* syscall(): <sys/mman.h> and the model disagree */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xxhash.h>

#include "tests/fuzz/small.h"
#include "tests/fuzz/target.h"

/* magic, layout, length, sum */
#define HEAD	 48u
#define LEN_AT	 32u
#define SUM_AT	 40u
#define FILE_MAX (64u << 20)

const char *const fuzz_words[] = {
	"raw",
	"fauxproc world 2\n",
	"fauxproc world 1\n",
	"[machine]",
	"\x01\x01\x01\x01\x01\x01",
	"\x02\xff\xff\xff\xff",
	"\x03",
	"\x04",
	"\x05\x01\x01\x01\x31",
	"\x06",
	NULL,
};

static const char history[] =
	"spawn a\nmmap a m 2M\ntouch a m write\nmkfile /f 1M\n"
	"read a /f 0 1M\nfork a b\nswapon /s 2M\nasync touch b m write\n"
	"advance 10ms\n";

struct state {
	uint8_t *bytes;
	size_t len;
};

static const char *memory_file(int *ret_fd, char room[32])
{
	*ret_fd = (int)syscall(SYS_memfd_create, "state", 0);
	if (*ret_fd < 0)
		abort();
	snprintf(room, 32, "/proc/self/fd/%d", *ret_fd);
	return room;
}

/* The whole file, once. */
static struct state save(uint64_t *ret_digest)
{
	struct small *m = small_boot();
	struct state s = { NULL, 0 };
	struct outbuf why;
	char path[32];
	ssize_t n;
	int fd;

	out_init(&why);
	small_play(m, history, sizeof(history) - 1);
	if (world_save(&m->w, memory_file(&fd, path), &why))
		abort();
	s.len = (size_t)lseek(fd, 0, SEEK_END);
	s.bytes = malloc(s.len);
	for (size_t at = 0; s.bytes && at < s.len; at += (size_t)n) {
		n = pread(fd, s.bytes + at, s.len - at, (off_t)at);
		if (n <= 0)
			abort();
	}
	close(fd);
	*ret_digest = machine_digest(&m->w.m);
	small_end(m);
	out_free(&why);
	return s;
}

static void right_sum(struct state *s)
{
	uint64_t len = s->len - HEAD, sum;

	sum = XXH64(s->bytes + HEAD, s->len - HEAD, 0);
	memcpy(s->bytes + LEN_AT, &len, sizeof(len));
	memcpy(s->bytes + SUM_AT, &sum, sizeof(sum));
}

/* The body begins with the length of the profile. */
static size_t profile_end(const struct state *whole)
{
	uint64_t len;

	memcpy(&len, whole->bytes + HEAD, sizeof(len));
	return HEAD + sizeof(len) + (size_t)len;
}

/* A sum may only be made right over a body that was saved: no check could tell
 * another machine's from it. */
static void restore(struct state *s, const struct state *whole)
{
	memcpy(s->bytes, whole->bytes, whole->len);
	s->len = whole->len;
}

static void edit(struct state *s, const struct state *whole, const uint8_t e[6])
{
	size_t at = e[1] | (size_t)e[2] << 8 | (size_t)e[3] << 16;
	size_t near = profile_end(whole);

	switch (e[0] % 7) {
	case 0:
	case 1: /* a byte anywhere */
		if (s->len)
			s->bytes[at % s->len] ^= e[4];
		break;
	case 2: /* the end is missing */
		s->len = at % (s->len + 1);
		break;
	case 3: /* something at its end */
		memset(s->bytes + s->len, e[5], e[4]);
		s->len += e[4];
		break;
	case 4: /* a byte of the head */
		if (s->len > HEAD)
			s->bytes[at % HEAD] = e[4];
		break;
	case 5: /* of the profile or its length, with its sum */
		restore(s, whole);
		s->bytes[HEAD + at % (near - HEAD)] = e[4];
		right_sum(s);
		break;
	default: /* cut within the profile, with its sum */
		restore(s, whole);
		s->len = HEAD + at % (near - HEAD);
		right_sum(s);
	}
}

static void put_file(int fd, const struct state *s)
{
	for (size_t at = 0; at < s->len;) {
		ssize_t n = write(fd, s->bytes + at, s->len - at);

		if (n <= 0)
			abort();
		at += (size_t)n;
	}
}

/* Load it into a machine of another history. */
static void load(const struct state *s, const struct state *whole,
		 uint64_t digest)
{
	bool same = s->len == whole->len &&
		    !memcmp(s->bytes, whole->bytes, s->len);
	struct small *m = small_boot();
	struct outbuf why;
	uint64_t before;
	char path[32];
	int fd, r;

	out_init(&why);
	memory_file(&fd, path);
	put_file(fd, s);
	small_play(m, "spawn z\nadvance 3ms\n", 20);
	before = machine_digest(&m->w.m);
	r = world_load(&m->w, path, &why);
	if (same != !r || !r == (why.len != 0) ||
	    machine_digest(&m->w.m) != (same ? digest : before)) {
		fprintf(stderr, "load: %d %s\n", r, why.text ? why.text : "");
		abort();
	}
	small_play(m, "advance 1ms\n", 12);
	small_check(m);
	close(fd);
	out_free(&why);
	small_end(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t digest;
	struct state whole = save(&digest), s;

	s.len = whole.len;
	s.bytes = malloc(whole.len + size * 256 + 1);
	if (!s.bytes || !whole.bytes || whole.len > FILE_MAX)
		abort();
	memcpy(s.bytes, whole.bytes, whole.len);
	if (size >= 3 && !memcmp(data, "raw", 3)) {
		memcpy(s.bytes, data + 3, size - 3);
		s.len = size - 3;
	} else {
		for (; size >= 6; size -= 6, data += 6)
			edit(&s, &whole, data);
	}
	load(&s, &whole, digest);
	free(s.bytes);
	free(whole.bytes);
	return 0;
}
