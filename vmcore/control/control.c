// SPDX-License-Identifier: Apache-2.0
#include "vmcore/control/lru-gen.h"

#include <string.h>

#define ROW(field) .off = offsetof(struct control, field)

const struct knob control_knobs[] = {
	{ .name = "admin_reserve_kbytes",
	  ROW(admin_reserve_kbytes),
	  .type = KNOB_ULONG,
	  .mode = 0644,
	  .len = 1,
	  .max = -1,
	  .unit = "kB",
	  .doc = "overcommit 2: kept for processes with CAP_SYS_ADMIN",
	  .source = "mm/mmap.c" },
	{ .name = "overcommit_kbytes",
	  ROW(overcommit_kbytes),
	  .type = KNOB_ULONG,
	  .mode = 0644,
	  .len = 1,
	  .max = -1,
	  .hook = CONTROL_HOOK_OVERCOMMIT_KBYTES,
	  .unit = "kB",
	  .doc = "CommitLimit without swap, in place of the ratio",
	  .source = "mm/util.c" },
	{ .name = "overcommit_memory",
	  ROW(overcommit_memory),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = 2,
	  .unit = "mode",
	  .doc = "0 guess, 1 always, 2 never more than CommitLimit",
	  .source = "mm/util.c" },
	{ .name = "overcommit_ratio",
	  ROW(overcommit_ratio),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .min = INT32_MIN,
	  .max = INT32_MAX,
	  .def = 50,
	  .hook = CONTROL_HOOK_OVERCOMMIT_RATIO,
	  .unit = "%",
	  .doc = "share of RAM that CommitLimit counts",
	  .source = "mm/util.c" },
	{ .name = "swappiness",
	  ROW(swappiness),
	  .type = KNOB_INT,
	  .mode = 0644,
	  .len = 1,
	  .max = 200,
	  .def = 60,
	  .unit = "weight",
	  .doc = "how readily anonymous pages are scanned; file gets the rest "
		 "of 200",
	  .source = "mm/vmscan.c" },
	{ .name = "user_reserve_kbytes",
	  ROW(user_reserve_kbytes),
	  .type = KNOB_ULONG,
	  .mode = 0644,
	  .len = 1,
	  .max = -1,
	  .unit = "kB",
	  .doc = "overcommit 2: what one process may not take, at most",
	  .source = "mm/mmap.c" },
};
const unsigned nr_control_knobs =
	sizeof(control_knobs) / sizeof(control_knobs[0]);

/* Writing one of the pair, even its old value, switches the other off
 * (overcommit_ratio_handler(), overcommit_kbytes_handler()). */
void control_changed(struct control *c, enum control_hook hook)
{
	switch (hook) {
	case CONTROL_HOOK_OVERCOMMIT_RATIO:
		c->overcommit_kbytes = 0;
		break;
	case CONTROL_HOOK_OVERCOMMIT_KBYTES:
		c->overcommit_ratio = 0;
		break;
	case CONTROL_HOOK_NONE:
		break;
	}
}

void control_boot_reserves(struct control *c, uint64_t free_pages)
{
	uint64_t kb = free_pages << (PAGE_SHIFT - 10);

	c->user_reserve_kbytes = kb / 32 < 131072 ? kb / 32 : 131072;
	c->admin_reserve_kbytes = kb / 32 < 8192 ? kb / 32 : 8192;
}

int control_init(struct control *c, struct host *host, struct phys *phys)
{
	uint32_t root;

	memset(c, 0, sizeof(*c));
	c->host = host;
	c->phys = phys;
	pool_init(&c->groups, host, sizeof(struct group));
	pool_init(&c->gens, host, sizeof(struct lru_gens));
	for (unsigned n = 0; n < MAX_NODES; n++)
		c->classic.prev_priority[n] = 12; /* DEF_PRIORITY */
	knob_defaults(control_knobs, nr_control_knobs, c);
	return group_new(c, ID_NONE, "", &root);
}

int control_set_policy(struct control *c, enum policy policy)
{
	c->gen_caps = policy == POLICY_MGLRU ? GEN_CAPS : 0;
	if (policy == POLICY_MGLRU)
		return gens_switch(c, true, 0);
	c->policy = policy;
	/* Linux 4.20 and before had no boost. */
	if (policy == POLICY_CLASSIC)
		c->phys->watermark_boost_factor = 0;
	return 0;
}

void control_fini(struct control *c)
{
	pool_fini(&c->gens);
	pool_fini(&c->groups);
}

int control_archive(struct control *c, struct archive *a)
{
	struct {
		void *mem;
		size_t len;
	} part[] = {
		{ &c->groups_born, sizeof(c->groups_born) },
		{ &c->committed, sizeof(c->committed) },
		{ &c->total_swap_pages, sizeof(c->total_swap_pages) },
		{ &c->free_swap_pages, sizeof(c->free_swap_pages) },
		{ &c->hugetlb_pages, sizeof(c->hugetlb_pages) },
		{ &c->overcommit_memory, sizeof(c->overcommit_memory) },
		{ &c->overcommit_ratio, sizeof(c->overcommit_ratio) },
		{ &c->overcommit_kbytes, sizeof(c->overcommit_kbytes) },
		{ &c->user_reserve_kbytes, sizeof(c->user_reserve_kbytes) },
		{ &c->admin_reserve_kbytes, sizeof(c->admin_reserve_kbytes) },
		{ &c->swappiness, sizeof(c->swappiness) },
		{ &c->v1, sizeof(c->v1) },
		{ &c->policy, sizeof(c->policy) },
		{ &c->classic, sizeof(c->classic) },
		{ &c->told, sizeof(c->told) },
		{ &c->min_ttl_ns, sizeof(c->min_ttl_ns) },
		{ &c->gen_caps, sizeof(c->gen_caps) },
	};
	int r = pool_archive(&c->groups, a);

	if (!r)
		r = pool_archive(&c->gens, a);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]) && !r; i++)
		r = archive_bytes(a, part[i].mem, part[i].len);
	return r;
}
