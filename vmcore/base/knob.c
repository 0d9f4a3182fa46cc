// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/knob.h"

#include <string.h>

void knob_defaults(const struct knob *rows, unsigned nr, void *owner)
{
	for (unsigned i = 0; i < nr; i++) {
		char *at = (char *)owner + rows[i].off;
		int32_t narrow = (int32_t)rows[i].def;

		if (rows[i].type == KNOB_ULONG)
			memcpy(at, &rows[i].def, sizeof(rows[i].def));
		else if (rows[i].type != KNOB_INTVEC &&
			 rows[i].type != KNOB_STRING)
			memcpy(at, &narrow, sizeof(narrow));
	}
}
