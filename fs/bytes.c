// SPDX-License-Identifier: Apache-2.0
#include "fs/bytes.h"

#include <string.h>

#define LINE	64u
#define LETTERS 54u

/* splitmix64 of number and line. */
static uint64_t drawn(uint32_t number, size_t line, size_t turn)
{
	uint64_t h = ((uint64_t)number << 32 | line << 8 | turn) *
		     0x9e3779b97f4a7c15u;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	return h ^ h >> 31;
}

static void put_line(uint32_t number, size_t line, char text[LINE])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
	uint64_t h = 0;

	for (unsigned i = 0; i < 8; i++)
		text[i] = digits[number >> (28 - 4 * i) & 15];
	text[8] = ' ';
	for (unsigned i = 0; i < LETTERS; i++, h >>= 6) {
		if (i % 10 == 0)
			h = drawn(number, line, i / 10);
		text[9 + i] = digits[h & 63];
	}
	text[LINE - 1] = '\n';
}

void bytes_of(uint32_t number, size_t off, size_t len, char *ret)
{
	char text[LINE];

	if (!number) {
		memset(ret, 0, len);
		return;
	}
	while (len) {
		size_t in = off % LINE, n = LINE - in < len ? LINE - in : len;

		put_line(number, off / LINE, text);
		memcpy(ret, text + in, n);
		ret += n;
		off += n;
		len -= n;
	}
}
