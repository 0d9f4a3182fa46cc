// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/pattern.h"

#include <errno.h>
#include <string.h>

#include "vmcore/base/rng.h"

/* A decimal number with up to three digits after the point, times 1000. */
static int thousandths(const char *s, const char *end, uint32_t *ret)
{
	uint64_t value = 0;
	unsigned scale = 1000;
	bool point = false;

	if (s == end)
		return EINVAL;
	for (; s < end; s++) {
		if (*s == '.' && !point) {
			point = true;
			continue;
		}
		if (*s < '0' || *s > '9' || value > UINT32_MAX / 10)
			return EINVAL;
		if (!point) {
			value = value * 10 + (uint64_t)(*s - '0') * 1000;
		} else if (scale >= 10) {
			scale /= 10;
			value += (uint64_t)(*s - '0') * scale;
		}
	}
	*ret = (uint32_t)value;
	return 0;
}

int pattern_parse(const char *text, uint64_t seed, struct pattern *ret)
{
	struct pattern p = { .seed = seed };
	const char *end = text + strlen(text);
	int r = 0;

	if (!strcmp(text, "seq")) {
		p.kind = PATTERN_SEQ;
	} else if (!strcmp(text, "random")) {
		p.kind = PATTERN_RANDOM;
	} else if (!strncmp(text, "zipf:", 5)) {
		p.kind = PATTERN_ZIPF;
		r = thousandths(text + 5, end, &p.param);
	} else if (!strncmp(text, "hot:", 4)) {
		p.kind = PATTERN_HOT;
		if (end[-1] == '%')
			end--;
		r = thousandths(text + 4, end, &p.param);
		p.param /= 1000;
		if (!p.param || p.param > 100)
			r = EINVAL;
	} else {
		r = EINVAL;
	}
	if (!r)
		*ret = p;
	return r;
}

/* --- fixed-point logarithms, 32 bits of fraction ---------------------------
 */
#define ONE (1ull << 32)

/* log2 of @x / 2^32, @x > 0, by repeated squaring. */
static int64_t log2_fixed(uint64_t x)
{
	int64_t result = 0;
	uint64_t bit = ONE >> 1;

	while (x >= 2 * ONE) {
		x >>= 1;
		result += (int64_t)ONE;
	}
	while (x < ONE) {
		x <<= 1;
		result -= (int64_t)ONE;
	}
	for (unsigned i = 0; i < 24; i++, bit >>= 1) {
		uint64_t y = x >> 1;

		x = y * y >> 30;
		if (x >= 2 * ONE) {
			x >>= 1;
			result += (int64_t)bit;
		}
	}
	return result;
}

/* log2 of a whole number. */
static int64_t log2_whole(uint64_t n)
{
	int64_t shift = 0;

	for (; n >= ONE; n >>= 1)
		shift += (int64_t)ONE;
	return log2_fixed(n << 32) + shift;
}

/* Roots of two, 2^(2^-k) with 30 bits of fraction, for exp2: the products of
 * the first six, by which of them are in it; then each. */
#define FIRST 6u
static const uint32_t products[1u << FIRST] = {
	1073741824, 1085434106, 1097253708, 1109202017, 1121280436, 1133490379,
	1145833280, 1158310586, 1170923762, 1183674285, 1196563653, 1209593377,
	1222764985, 1236080022, 1249540051, 1263146650, 1276901417, 1290805961,
	1304861916, 1319070930, 1333434672, 1347954823, 1362633088, 1377471189,
	1392470869, 1407633882, 1422962010, 1438457050, 1454120821, 1469955158,
	1485961920, 1502142984, 1518500250, 1535035633, 1551751075, 1568648536,
	1585729999, 1602997466, 1620452964, 1638098540, 1655936264, 1673968227,
	1692196546, 1710623358, 1729250826, 1748081133, 1767116487, 1786359124,
	1805811301, 1825475297, 1845353418, 1865447999, 1885761397, 1906295992,
	1927054194, 1948038438, 1969251187, 1990694926, 2012372172, 2034285468,
	2056437385, 2078830520, 2101467499, 2124350979,
};
static const uint32_t roots[] = {
	1079572136, 1076653033, 1075196443, 1074468888, 1074105294, 1073923544,
	1073832680, 1073787251, 1073764537, 1073753181, 1073747502, 1073744663,
	1073743244, 1073742534, 1073742179, 1073742001, 1073741913, 1073741868
};

/* 2^(@x / 2^32 + @bits), whole part; the exponent is below 63. */
static uint64_t exp2_fixed(int64_t x, unsigned bits)
{
	uint64_t part = (uint64_t)x & (ONE - 1);
	uint64_t y = products[part >> (32 - FIRST)];
	uint64_t bit = ONE >> (FIRST + 1);
	int64_t shift = (x - (int64_t)part) / (int64_t)ONE + bits - 30;

	for (unsigned i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		if (part & bit >> i)
			y = y * roots[i] >> 30;
	}
	if (shift >= 0)
		return y << shift;
	return shift > -64 ? y >> -shift : 0;
}

/*
 * The whole part of 2^(@x / 2^32), @x not below 0. Behind the first six bits
 * e^t - 1 = t + t^2 / 2 + t^3 / 6 stands for the roots: never more than 3 below
 * exp2_fixed()'s part nor 13 above it, which matters where a whole number lies
 * between (of 2^24 parts there are each was looked at).
 */
#define LN2	  (46516320u) /* ln 2 * 2^26 */
#define PART_BITS 30u
static uint64_t exp2_whole(int64_t x)
{
	uint64_t part = (uint64_t)x & (ONE - 1), whole = (uint64_t)x >> 32;
	uint64_t y = products[part >> (32 - FIRST)];
	/* 36 bits of fraction */
	uint64_t t = (part >> 8 & 0x3ffff) * LN2 >> 14;
	uint64_t more = t + (t * (t + (t * t >> 36) / 3) >> 37);

	y += y * more >> 36;
	if (whole < PART_BITS && !(((y - 13) ^ (y + 3)) >> (PART_BITS - whole)))
		return y >> (PART_BITS - whole);
	return exp2_fixed(x, 0);
}

/* @a * @b / 2^32, @a and the result below 2^63. */
static uint64_t times_fixed(uint64_t a, uint32_t b)
{
	return (a >> 32) * b + (((a & (ONE - 1)) * b) >> 32);
}

/*
 * A rank in 0..n-1 with P(rank) near 1 / (rank + 1)^s: the inverse of the
 * continuous distribution on [1, n + 1] at @u / 2^32.
 */
static uint64_t zipf_rank(const struct pattern *p, uint32_t u)
{
	int64_t left = 1000 - (int64_t)p->param, l;
	uint64_t rank;

	if (left > -20 && left < 20) {
		/* s = 1: x = (n + 1)^u */
		l = (int64_t)times_fixed((uint64_t)p->log_n, u);
	} else if (left > 0) {
		/* x = (1 + u ((n + 1)^(1 - s) - 1))^(1 / (1 - s)) */
		uint64_t one = 1ull << p->bits;
		uint64_t y = one + times_fixed(p->power - one, u);

		l = log2_fixed(y) + (32 - (int64_t)p->bits) * (int64_t)ONE;
		l = l / left * 1000;
	} else {
		uint64_t y = ONE - times_fixed(ONE - p->power, u);

		l = log2_fixed(y ? y : 1) / left * 1000;
	}
	rank = l > 0 ? exp2_whole(l) : 1;
	rank = rank ? rank - 1 : 0;
	return rank < p->pages ? rank : p->pages - 1;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t c = a % b;

		a = b;
		b = c;
	}
	return a;
}

/* Which page has popularity @rank: an affine shuffle drawn from the seed. */
static uint64_t shuffled(const struct pattern *p, uint64_t rank)
{
	if (p->pages < 3)
		return rank;
	return (rank * p->factor + p->add) % p->pages;
}

void pattern_begin(struct pattern *p, uint64_t pages)
{
	uint64_t state = p->seed ^ pages;
	int64_t left = 1000 - (int64_t)p->param;

	p->pages = pages;
	if (p->kind != PATTERN_ZIPF)
		return;
	p->factor = (rng_next(&state) % pages | 1) & UINT32_MAX;
	p->add = rng_next(&state) % pages;
	while (gcd(p->factor, pages) != 1)
		p->factor = p->factor + 2 < pages ? p->factor + 2 : 1;
	/* No range has more than 2^35 pages (TASK_SIZE). */
	p->log_n = log2_whole(pages + 1);
	p->bits = left > 0 ? 60 - (unsigned)((p->log_n / 1000 * left) >> 32)
			   : 32;
	p->power = exp2_fixed(p->log_n / 1000 * left, p->bits);
}

bool pattern_ready(const struct pattern *p, const struct pattern *as,
		   uint64_t pages)
{
	return p->pages == pages && p->kind == as->kind &&
	       p->param == as->param && p->seed == as->seed;
}

uint64_t pattern_next(const struct pattern *p, uint64_t *rng, uint64_t n)
{
	uint64_t hot;

	switch (p->kind) {
	case PATTERN_SEQ:
		return n % p->pages;
	case PATTERN_RANDOM:
		return rng_below(rng, p->pages);
	case PATTERN_ZIPF:
		return shuffled(p,
				zipf_rank(p, (uint32_t)(rng_next(rng) >> 32)));
	default:
		hot = p->pages * p->param / 100;
		if (!hot)
			hot = 1;
		if (rng_below(rng, 100) < 90 || hot == p->pages)
			return rng_below(rng, hot);
		return hot + rng_below(rng, p->pages - hot);
	}
}
