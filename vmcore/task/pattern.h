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
};

/* "seq", "random", "zipf:S", "hot:F%". 0 or EINVAL. */
int pattern_parse(const char *text, uint64_t seed, struct pattern *ret);
/* The page of access number @n among @pages (> 0). */
uint64_t pattern_next(const struct pattern *p, uint64_t *rng, uint64_t n,
		      uint64_t pages);

#endif
