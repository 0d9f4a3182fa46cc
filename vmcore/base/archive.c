// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/archive.h"

#include <string.h>

#define MIX 0x9e3779b97f4a7c15u

static uint64_t mix(uint64_t h, uint64_t word)
{
	h ^= word;
	h *= MIX;
	return h ^ (h >> 29);
}

int archive_bytes(struct archive *a, void *mem, size_t len)
{
	const unsigned char *p = mem;
	uint64_t word;

	if (a->mode != ARCHIVE_DIGEST)
		return a->transfer(a->arg, mem, len);
	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		a->digest = mix(a->digest, word);
	}
	word = len;
	for (size_t i = 0; i < len; i++)
		word = word << 8 | p[i];
	a->digest = mix(a->digest, word);
	return 0;
}
