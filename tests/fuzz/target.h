/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/*
 * DOC: what a fuzz target is.
 *
 * Models:  nothing of the kernel.
 * Owns:    nothing.
 * Units:   bytes.
 * Order:   does not apply.
 * Omits:   the driver: libFuzzer's, or tests/fuzz/smoke.c.
 */

/* Words that are worth trying, ends with NULL. */
extern const char *const fuzz_words[];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
