// SPDX-License-Identifier: Apache-2.0
#include "fs/xxh64.h"

#include <string.h>

#define PRIME1 0x9e3779b185ebca87u
#define PRIME2 0xc2b2ae3d27d4eb4fu
#define PRIME3 0x165667b19e3779f9u
#define PRIME4 0x85ebca77c2b2ae63u
#define PRIME5 0x27d4eb2f165667c5u

static uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

/* Little endian on every host. */
static uint64_t word(const unsigned char *p, unsigned bytes)
{
	uint64_t w = 0;

	for (unsigned i = bytes; i--;)
		w = w << 8 | p[i];
	return w;
}

static uint64_t mix(uint64_t acc, uint64_t lane)
{
	return rotate(acc + lane * PRIME2, 31) * PRIME1;
}

void xxh64_init(struct xxh64 *h)
{
	*h = (struct xxh64){
		.acc = { PRIME1 + PRIME2, PRIME2, 0, 0 - PRIME1 },
	};
}

static void stripe(struct xxh64 *h, const unsigned char *p)
{
	for (unsigned i = 0; i < 4; i++)
		h->acc[i] = mix(h->acc[i], word(p + 8 * i, 8));
}

void xxh64_add(struct xxh64 *h, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	h->total += len;
	while (len) {
		size_t n = sizeof(h->part) - h->nr;

		if (!h->nr && len >= sizeof(h->part)) {
			stripe(h, p);
			n = sizeof(h->part);
		} else {
			n = len < n ? len : n;
			memcpy(h->part + h->nr, p, n);
			h->nr += (unsigned)n;
			if (h->nr == sizeof(h->part)) {
				stripe(h, h->part);
				h->nr = 0;
			}
		}
		p += n;
		len -= n;
	}
}

static uint64_t whole_stripes(const struct xxh64 *h)
{
	static const unsigned by[] = { 1, 7, 12, 18 };
	uint64_t sum = 0;

	for (unsigned i = 0; i < 4; i++)
		sum += rotate(h->acc[i], by[i]);
	for (unsigned i = 0; i < 4; i++)
		sum = (sum ^ mix(0, h->acc[i])) * PRIME1 + PRIME4;
	return sum;
}

uint64_t xxh64_end(const struct xxh64 *h)
{
	const unsigned char *p = h->part, *end = p + h->nr;
	uint64_t sum = h->total < sizeof(h->part) ? PRIME5 : whole_stripes(h);

	sum += h->total;
	for (; end - p >= 8; p += 8)
		sum = rotate(sum ^ mix(0, word(p, 8)), 27) * PRIME1 + PRIME4;
	if (end - p >= 4) {
		sum = rotate(sum ^ word(p, 4) * PRIME1, 23) * PRIME2 + PRIME3;
		p += 4;
	}
	for (; p < end; p++)
		sum = rotate(sum ^ *p * PRIME5, 11) * PRIME1;
	sum = (sum ^ sum >> 33) * PRIME2;
	sum = (sum ^ sum >> 29) * PRIME3;
	return sum ^ sum >> 32;
}
