// SPDX-License-Identifier: Apache-2.0
/*
 * Writes to the files of the tree. A line is two bytes that choose the file
 * among all that may be written, then what is written there: a number below
 * 16 in the first byte's upper half writes without a newline at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "fs/tree.h"
#include "tests/fuzz/small.h"
#include "tests/fuzz/target.h"

const char *const fuzz_words[] = {
	"0",
	"1",
	"2",
	"3",
	"-1",
	"100",
	"200",
	"1000",
	"max",
	"4096",
	"1048576",
	"2147483647",
	"4294967296",
	"9223372036854775807",
	"18446744073709551615",
	"99999999999999999999",
	"256 256 32 0 0",
	"always",
	"madvise",
	"never",
	"inherit",
	"default",
	"+memory",
	"-memory",
	"threaded",
	"1M",
	"10M swappiness=max",
	"301",
	"some 150000 1000000",
	"+ 0 0 1",
	"- 1 0 2 200 10",
	"0x10",
	"\n",
	"\\0",
	NULL,
};

static const char before[] = "spawn a\nmmap a m 4M\ntouch a m write\n"
			     "mkfile /f 2M\nread a /f 0 2M\ncgroup a g\n"
			     "swapon /s 1M\n";
static const char after[] = "advance 200ms\ntouch a m read\nmmap a n 8M\n"
			    "touch a n write\nwrite a /f 0 1M\nfork a b\n"
			    "advance 100ms\n";

#define FILES_MAX 2048u

struct files {
	struct world *w;
	struct place at[FILES_MAX];
	size_t nr;
};

static int collect(void *arg, const char *name, const struct place *at)
{
	struct files *f = arg;
	uint32_t mode = tree_mode(f->w, at);

	(void)name;
	if ((mode & 0170000) == 0040000)
		return tree_list(f->w, at, collect, f);
	if ((mode & 0170000) == 0100000 && mode & 0222 && f->nr < FILES_MAX)
		f->at[f->nr++] = *at;
	return 0;
}

static void find_files(struct files *f, struct world *w)
{
	static const char *const folders[] = { "proc", "sys" };
	struct place at;

	f->w = w;
	f->nr = 0;
	for (unsigned i = 0; i < 2; i++)
		if (tree_find(w, folders[i], &at) ||
		    tree_list(w, &at, collect, f))
			abort();
	if (!f->nr)
		abort();
}

static void write_line(struct files *f, const uint8_t *line, size_t len)
{
	static const struct caller root = { .owner = true, .privileged = true };
	const struct place *at;
	struct outbuf text;

	if (len < 2)
		return;
	at = &f->at[(line[0] * 256u + line[1]) % f->nr];
	out_init(&text);
	out_bytes(&text, line + 2, len - 2);
	if (line[0] >> 4)
		out_char(&text, '\n');
	if (tree_alive(f->w, at) && !tree_open(f->w, at, &root, false, true) &&
	    tree_store_at(f->w, at, text.text ? text.text : "", text.len,
			  &root) > (long)text.len)
		abort();
	out_clear(&text);
	if (tree_alive(f->w, at) && !tree_open(f->w, at, &root, true, false))
		tree_show_at(f->w, at, &text);
	out_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct small *m = small_boot();
	struct files *f = malloc(sizeof(*f));

	if (!f)
		abort();
	small_play(m, before, sizeof(before) - 1);
	find_files(f, &m->w);
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t n = end ? (size_t)(end - data) : size;

		write_line(f, data, n);
		n += end != NULL;
		data += n;
		size -= n;
	}
	small_play(m, after, sizeof(after) - 1);
	small_check(m);
	small_end(m);
	free(f);
	return 0;
}
