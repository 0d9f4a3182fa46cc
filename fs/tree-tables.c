// SPDX-License-Identifier: Apache-2.0
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc/proc-nodes.h"
#include "fs/sys/sys-nodes.h"
#include "fs/tree.h"

/* One block a renderer: extern array, extern count, and a line below. */
#define TABLES(X)       \
	MODEL_TABLES(X) \
	PID_TABLES(X)   \
	PROC_TABLES(X) SYS_TABLES(X) X(sys_kernel) X(sys_vm) X(tree_rows)

#define DECLARE(name)                              \
	extern const struct fsnode name##_nodes[]; \
	extern const unsigned nr_##name##_nodes;
TABLES(DECLARE)

#define LIST(name) { name##_nodes, &nr_##name##_nodes },
const struct fsnode_table fsnode_tables[] = { TABLES(LIST){ NULL, NULL } };
const unsigned nr_fsnode_tables = ARRAY_SIZE(fsnode_tables) - 1;
