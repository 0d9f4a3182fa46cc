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
		uint64_t y = x >> 16;

		x = y * y;
		if (x >= 2 * ONE) {
			x >>= 1;
			result += (int64_t)bit;
		}
	}
	return result;
}

/* Roots of two, 2^(2^-k) with 30 bits of fraction, for exp2. */
static const uint32_t roots[] = {
	1518500250, 1276901417, 1170923762, 1121280436, 1097253708, 1085434106,
	1079572136, 1076653011, 1075196434, 1074468887, 1074105294, 1073923544,
	1073832680, 1073787251, 1073764537, 1073753181,
};

/* 2^(@x / 2^32), whole part; 0 <= @x < 63 * 2^32. */
static uint64_t exp2_whole(uint64_t x)
{
	uint64_t y = 1ull << 30;
	unsigned shift = (unsigned)(x >> 32);

	for (unsigned i = 0; i < sizeof(roots) / sizeof(*roots); i++)
		if (x & (ONE >> (i + 1)))
			y = (y * roots[i]) >> 30;
	return shift >= 30 ? y << (shift - 30) : y >> (30 - shift);
}

/*
 * A rank in 0..n-1 with P(rank) near 1 / (rank + 1)^s: the inverse of the
 * continuous distribution on [1, n + 1].
 */
static uint64_t zipf_rank(uint64_t u, uint64_t n, uint32_t s_milli)
{
	int64_t log_n = log2_fixed((n + 1) << 32 ? (n + 1) << 32 : ONE);
	uint64_t frac = u >> 32, rank;
	int64_t one_minus = 1000 - (int64_t)s_milli;

	if (one_minus > -20 && one_minus < 20) {
		/* s = 1: x = (n + 1)^u */
		rank = exp2_whole(
			(uint64_t)(((log_n >> 16) * (int64_t)(frac >> 16))));
	} else {
		/* x = (1 + u ((n+1)^(1-s) - 1))^(1/(1-s)) */
		int64_t e = log_n / 1000 * one_minus;
		uint64_t p =
			e >= 0 ? exp2_whole((uint64_t)e) << 16
			       : (1ull
				  << 32) / (exp2_whole((uint64_t)-e)
						    ? exp2_whole((uint64_t)-e)
						    : 1) >>
					 16;
		int64_t y = (1 << 16) + (((int64_t)p - (1 << 16)) >> 8) *
						(int64_t)(frac >> 16) /
						(1 << 8);
		int64_t l;

		if (y < 1)
			y = 1;
		l = log2_fixed((uint64_t)y << 16) / one_minus * 1000;
		rank = l > 0 ? exp2_whole((uint64_t)l) : 1;
	}
	rank = rank ? rank - 1 : 0;
	return rank < n ? rank : n - 1;
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
static uint64_t shuffled(const struct pattern *p, uint64_t rank, uint64_t n)
{
	uint64_t state = p->seed ^ n;
	uint64_t factor = rng_next(&state) % n | 1, add = rng_next(&state) % n;

	if (n < 3)
		return rank;
	while (gcd(factor, n) != 1)
		factor = factor + 2 < n ? factor + 2 : 1;
	return (uint64_t)((rank * (factor & UINT32_MAX) + add) % n);
}

uint64_t pattern_next(const struct pattern *p, uint64_t *rng, uint64_t n,
		      uint64_t pages)
{
	uint64_t hot;

	switch (p->kind) {
	case PATTERN_SEQ:
		return n % pages;
	case PATTERN_RANDOM:
		return rng_below(rng, pages);
	case PATTERN_ZIPF:
		return shuffled(p, zipf_rank(rng_next(rng), pages, p->param),
				pages);
	default:
		hot = pages * p->param / 100;
		if (!hot)
			hot = 1;
		if (rng_below(rng, 100) < 90 || hot == pages)
			return rng_below(rng, hot);
		return hot + rng_below(rng, pages - hot);
	}
}
