// SPDX-License-Identifier: Apache-2.0
/*
 * A driver for fuzz targets where libFuzzer is not to be had:
 *
 *	smoke COUNT|long [FILE...]
 *
 * runs every FILE and then COUNT inputs that are made of them and of the
 * target's words, in the same order each time; `long`: as many as there is
 * time for in $FUZZ_SECONDS (default 60). Who is killed by one finds it in
 * $FUZZ_CRASH, if that names a file.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/target.h"

#define INPUT_MAX 8192u

struct input {
	uint8_t bytes[INPUT_MAX];
	size_t len;
};

struct pool {
	struct input *items;
	size_t nr;
};

static uint64_t draw(uint64_t *state, uint64_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (*state >> 33) % below;
}

static bool read_input(const char *path, struct input *in)
{
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		return false;
	}
	in->len = fread(in->bytes, 1, sizeof(in->bytes), f);
	fclose(f);
	return true;
}

static void insert(struct input *in, size_t at, const void *bytes, size_t len)
{
	if (in->len + len > INPUT_MAX)
		return;
	memmove(in->bytes + at + len, in->bytes + at, in->len - at);
	memcpy(in->bytes + at, bytes, len);
	in->len += len;
}

static void insert_word(struct input *in, size_t at, uint64_t *state)
{
	static const char around[] = " \n=,";
	size_t nr = 0;
	const char *word;

	while (fuzz_words[nr])
		nr++;
	word = fuzz_words[draw(state, nr)];
	if (*word < ' ') {
		/* not of a text: as it is */
		insert(in, at, word, strlen(word));
		return;
	}
	insert(in, at, &around[draw(state, sizeof(around) - 1)], 1);
	insert(in, at, word, strlen(word));
	insert(in, at, " ", 1);
}

static void cut(struct input *in, size_t at, size_t len)
{
	if (len > in->len - at)
		len = in->len - at;
	memmove(in->bytes + at, in->bytes + at + len, in->len - at - len);
	in->len -= len;
}

static void change(struct input *in, const struct pool *p, uint64_t *state)
{
	size_t at = (size_t)draw(state, in->len + 1);
	const struct input *other = &p->items[draw(state, p->nr)];
	size_t from, len;
	uint8_t byte = (uint8_t)draw(state, 256);

	switch (draw(state, 6)) {
	case 0:
		insert(in, at, &byte, 1);
		break;
	case 1:
		if (at < in->len)
			in->bytes[at] ^= (uint8_t)(1u << draw(state, 8));
		break;
	case 2:
		cut(in, at, (size_t)draw(state, 40) + 1);
		break;
	case 3:
		from = (size_t)draw(state, other->len + 1);
		len = (size_t)draw(state, other->len - from + 1);
		insert(in, at, other->bytes + from, len > 200 ? 200 : len);
		break;
	default:
		insert_word(in, at, state);
	}
}

/* What runs now, for who looks after a crash. */
static void keep(const struct input *in)
{
	const char *path = getenv("FUZZ_CRASH");
	FILE *f = path ? fopen(path, "wb") : NULL;

	if (!f)
		return;
	fwrite(in->bytes, 1, in->len, f);
	fclose(f);
}

/* The target gets memory of exactly the size, so that checkers see more. */
static void run(const struct input *in)
{
	uint8_t *copy = malloc(in->len ? in->len : 1);

	if (!copy)
		return;
	keep(in);
	memcpy(copy, in->bytes, in->len);
	LLVMFuzzerTestOneInput(copy, in->len);
	free(copy);
}

static void run_made(const struct pool *p, struct input *in, uint64_t *state)
{
	*in = p->items[draw(state, p->nr)];
	/* Most of a long file would stay as it is. */
	if (in->len > 400)
		cut(in, (size_t)draw(state, in->len - 300), in->len);
	for (uint64_t n = draw(state, 8) + 1; n; n--)
		change(in, p, state);
	run(in);
}

/* Seconds to run for; 0: so many inputs. */
static time_t time_of(const char *word)
{
	const char *seconds = getenv("FUZZ_SECONDS");

	if (strcmp(word, "long") != 0)
		return 0;
	return seconds && atol(seconds) > 0 ? atol(seconds) : 60;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "0";
	time_t seconds = time_of(word), end = time(NULL) + seconds;
	unsigned long count = seconds ? ~0ul : strtoul(word, NULL, 10), n = 0;
	struct pool p = { .nr = argc > 2 ? (size_t)argc - 2 : 1 };
	struct input *in = malloc(sizeof(*in));
	uint64_t state = 1;

	p.items = calloc(p.nr, sizeof(*p.items));
	if (!in || !p.items)
		return 1;
	for (int i = 2; i < argc; i++) {
		if (!read_input(argv[i], &p.items[i - 2]))
			return 1;
		run(&p.items[i - 2]);
	}
	while (n < count && (!seconds || time(NULL) < end)) {
		run_made(&p, in, &state);
		n++;
	}
	printf("%lu inputs\n", n);
	free(p.items);
	free(in);
	return 0;
}
