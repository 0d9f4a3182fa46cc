/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_RNG_H
#define VMCORE_RNG_H

#include <stdint.h>

/*
 * DOC: the model's random numbers.
 *
 * Models:  ASLR's randomness and access patterns, from the profile's seed.
 * Owns:    nothing; state is a word the caller keeps.
 * Units:   none.
 * Order:   splitmix64 (public domain, Vigna): same seed, same numbers.
 * Omits:   cryptographic strength.
 */
static inline uint64_t rng_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* A number in 0..@n-1, @n > 0. */
static inline uint64_t rng_below(uint64_t *state, uint64_t n)
{
	return rng_next(state) % n;
}

#endif
