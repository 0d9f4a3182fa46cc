/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PATTERN_H
#define VMCORE_PATTERN_H

#include "vmcore/base/types.h"

/*
 * DOC: in which order a workload goes over its pages.
 *
 * Models:  access patterns: sequential, random, Zipf, hot set.
 * Owns:    nothing.
 * Units:   pages.
 * Order:   drawn from a seed; integers only, so every host agrees.
 * Omits:   correlation between accesses.
 */
enum pattern_kind { PATTERN_SEQ, PATTERN_RANDOM, PATTERN_ZIPF, PATTERN_HOT };

struct pattern {
	enum pattern_kind kind;
	uint32_t param; /* zipf: exponent in thousandths; hot: per cent */
	uint64_t seed; /* zipf: which page is the most popular, and so on */
	uint64_t pages; /* of the range, and what follows from it: */
	uint64_t factor, add; /* zipf: rank times factor plus add is the page */
	int64_t log_n; /* log2(pages + 1), 32 bits of fraction */
	uint64_t power; /* (pages + 1)^(1 - s) */
	unsigned bits; /* of its fraction */
};

/* "seq", "random", "zipf:S", "hot:F%". 0 or EINVAL. */
int pattern_parse(const char *text, uint64_t seed, struct pattern *ret);
/* It is to go over @pages (> 0, below 2^36). */
void pattern_begin(struct pattern *p, uint64_t pages);
/* So it does already, and else is as @as. */
bool pattern_ready(const struct pattern *p, const struct pattern *as,
		   uint64_t pages);
/* The page of access number @n, after pattern_begin(). */
uint64_t pattern_next(const struct pattern *p, uint64_t *rng, uint64_t n);

#endif
