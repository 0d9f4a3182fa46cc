// SPDX-License-Identifier: Apache-2.0
/* Pressure of memory groups: kernel/cgroup/cgroup.c cgroup_psi_files[]. */
#include "fs/proc/pressure.h"
#include "fs/sys/cgroup.h"
#include "fs/sys/sys-nodes.h"

#define ROW(at, name, some)                                          \
	{                                                            \
		.path = at name ".pressure", .mode = 0644,           \
		.flags = FSNODE_TRIGGER | FSNODE_SIZE0, .arg = some, \
		.show = pressure_show, .store = pressure_store,      \
		.exists = group_v2,                                  \
	}
#define BOTH(name, some)                   \
	ROW("sys/fs/cgroup/", name, some), \
		ROW("sys/fs/cgroup/$group/", name, some)
const struct fsnode sys_cgroup_pressure_nodes[] = {
	BOTH("cpu", PSI_CPU_SOME),
	BOTH("io", PSI_IO_SOME),
	BOTH("memory", PSI_MEM_SOME),
};
NODES_COUNT(sys_cgroup_pressure);
