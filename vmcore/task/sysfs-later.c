// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/sysfs-later.h"

#include <string.h>

void sysfs_later_defaults(struct later_sysfs *s)
{
	memset(s, 0, sizeof(*s));
	s->zswap.max_pool_percent = 20;
	s->zswap.accept_threshold_percent = 90;
}
