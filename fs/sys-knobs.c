// SPDX-License-Identifier: Apache-2.0
#include "fs/sys-knobs.h"
#include "fs/knob-text.h"
#include "fs/tree-index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows over struct machine itself. */
static const struct knob machine_knobs[] = {
	{ .name = "kernel/hostname",
	  .type = KNOB_STRING,
	  .mode = 0644,
	  .len = sizeof(((struct machine *)0)->hostname),
	  .off = offsetof(struct machine, hostname),
	  .unit = "text",
	  .doc = "name of the machine",
	  .source = "kernel/utsname_sysctl.c" },
};
static const unsigned nr_machine_knobs = ARRAY_SIZE(machine_knobs);

static const struct knob_set {
	const struct knob *rows;
	const unsigned *count;
	size_t base; /* of the floor's struct in struct machine */
	bool folder; /* names start with a folder below proc/sys */
} knob_sets[NR_FLOORS] = {
	[FLOOR_PHYS] = { phys_knobs, &nr_phys_knobs,
			 offsetof(struct machine, phys), false },
	[FLOOR_CONTROL] = { control_knobs, &nr_control_knobs,
			    offsetof(struct machine, control), false },
	[FLOOR_CACHE] = { cache_knobs, &nr_cache_knobs,
			  offsetof(struct machine, cache), false },
	[FLOOR_SPACE] = { space_knobs, &nr_space_knobs,
			  offsetof(struct machine, space), false },
	[FLOOR_TASK] = { task_knobs, &nr_task_knobs,
			 offsetof(struct machine, tasks), false },
	[FLOOR_LATER] = { later_knobs, &nr_later_knobs,
			  offsetof(struct machine, sysctl), true },
	[FLOOR_MACHINE] = { machine_knobs, &nr_machine_knobs, 0, true },
};

/* Knobs of the floors that do not stand in proc/sys/vm. */
static const char *const kernel_names[] = {
	"numa_balancing",  "numa_balancing_promote_rate_limit_MBps",
	"pid_max",	   "randomize_va_space",
	"shm_rmid_forced", "shmall",
	"shmmax",	   "shmmni",
	"threads-max",
};

static const char *knob_folder(const struct knob *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(kernel_names); i++)
		if (!strcmp(k->name, kernel_names[i]))
			return "kernel/";
	return "vm/";
}

/* --- rules beyond type and range ---------------------------------------- */
static bool on_i386(const struct view *v)
{
	return v->m->phys.i386;
}

static bool on_x86_64(const struct view *v)
{
	return !v->m->phys.i386;
}

/* CONFIG_ARCH_MMAP_RND_BITS_MIN and _MAX of X86_32 */
static const struct knob rnd_bits_i386 = {
	.name = "mmap_rnd_bits",
	.type = KNOB_INT,
	.mode = 0600,
	.off = offsetof(struct space, mmap_rnd_bits),
	.min = 8,
	.max = 16,
	.def = 8,
	.unit = "bits",
	.doc = "randomness of the mmap base",
	.source = "mm/mmap.c",
};

/* percpu_pagelist_high_fraction_sysctl_handler(): 1..7 are refused. */
static int check_fraction(const struct knob_value *value)
{
	return value->number[0] && value->number[0] < 8 ? -EINVAL : 0;
}

static const struct knob_rule {
	const char *name;
	uint32_t flags; /* FSNODE_*; KNOB_* below */
	int (*check)(const struct knob_value *value);
	bool (*exists)(const struct view *v);
	const struct knob *i386; /* the row of a 32-bit machine */
} knob_rules[] = {
#define KNOB_LENIENT	0x10000u /* the handler's error is dropped */
#define KNOB_IF_CHANGED 0x20000u /* the same value again does nothing */
#define KNOB_RAWIO	0x40000u /* CAP_SYS_RAWIO, else EPERM */
	/* lowmem_reserve_ratio_sysctl_handler(): drops the result of its
	 * parser and recomputes the reserves on reads too */
	{ "lowmem_reserve_ratio", FSNODE_READ_HOOK | KNOB_LENIENT, NULL, NULL,
	  NULL },
	{ "percpu_pagelist_high_fraction", 0, check_fraction, NULL, NULL },
	/* dirty_ratio_handler(), dirty_bytes_handler() */
	{ "dirty_ratio", KNOB_IF_CHANGED, NULL, NULL, NULL },
	{ "dirty_bytes", KNOB_IF_CHANGED, NULL, NULL, NULL },
	/* dirty_writeback_centisecs_handler() */
	{ "dirty_writeback_centisecs", KNOB_IF_CHANGED, NULL, NULL, NULL },
	{ "mmap_min_addr", KNOB_RAWIO, NULL, NULL, NULL },
	{ "mmap_rnd_bits", 0, NULL, NULL, &rnd_bits_i386 },
	{ "mmap_rnd_compat_bits", 0, NULL, on_x86_64, NULL },
	{ "vm/highmem_is_dirtyable", 0, NULL, on_i386, NULL },
};

static const struct knob_rule *knob_rule(const struct knob *k)
{
	static const struct knob_rule none;

	for (size_t i = 0; i < ARRAY_SIZE(knob_rules); i++)
		if (!strcmp(k->name, knob_rules[i].name))
			return &knob_rules[i];
	return &none;
}

static void *knob_base(struct machine *m, uint32_t floor)
{
	return (char *)m + knob_sets[floor].base;
}

void knob_expected(const struct machine *m, const struct knob *k,
		   struct outbuf *out)
{
	const struct knob_rule *rule = knob_rule(k);
	uint64_t most;

	if (m->phys.i386 && rule->i386)
		k = rule->i386;
	if (k->type == KNOB_STRING)
		return;
	if (k->type == KNOB_INTVEC)
		out_printf(out, ", expected %u numbers", k->len);
	else
		out_str(out, ", expected a number");
	most = k->type == KNOB_ULONG  ? UINT64_MAX
	       : k->type == KNOB_UINT ? UINT32_MAX
				      : INT32_MAX;
	if (k->type == KNOB_BOOL || k->min == INT32_MIN)
		return;
	if ((uint64_t)k->max >= most)
		out_printf(out, " from %lld on", (long long)k->min);
	else
		out_printf(out, " from %lld to %lld", (long long)k->min,
			   (long long)k->max);
}

int knob_show(const struct view *v, const struct knob *k, struct outbuf *out)
{
	knob_print(k, (const char *)v->m + knob_sets[v->arg].base, out);
	return 0;
}

void knob_changed(struct world *w, uint32_t floor, const struct knob *k,
		  bool changed)
{
	if (!k->hook || (!changed && knob_rule(k)->flags & KNOB_IF_CHANGED))
		return;
	if (floor == FLOOR_PHYS)
		phys_changed(&w->m.phys, (enum phys_hook)k->hook);
	else if (floor == FLOOR_CONTROL)
		control_changed(&w->m.control, (enum control_hook)k->hook);
	else if (floor == FLOOR_CACHE)
		cache_changed(&w->m.cache, (enum cache_hook)k->hook);
}

/* Values below 1 mean no reserve. */
static void no_reserve(struct knob_value *value)
{
	for (unsigned i = 0; i < value->nr; i++)
		if ((int64_t)value->number[i] < 1)
			value->number[i] = 0;
}

long knob_store(const struct view *v, const struct knob *k, const char *text,
		size_t len)
{
	const struct knob_rule *rule = knob_rule(k);
	struct knob_value value;
	int err;

	if (v->m->phys.i386 && rule->i386)
		k = rule->i386;

	if (rule->flags & KNOB_RAWIO && !v->privileged)
		return -EPERM;
	err = knob_parse(k, text, len, &value);
	if (rule->flags & KNOB_LENIENT) {
		no_reserve(&value);
		/* nothing understood: the whole write counts as taken */
		if (err && !value.nr)
			value.used = len;
		err = 0;
	}
	if (!err && value.nr && rule->check)
		err = rule->check(&value);
	if (err)
		return err;
	if (len)
		knob_changed(v->w, v->arg, k,
			     knob_put(k, knob_base(&v->w->m, v->arg), &value));
	return (long)value.used;
}

/* --- rows ---------------------------------------------------------------- */
static int add_knob(struct tree *t, uint32_t floor, const struct knob *k)
{
	static const char root[] = "proc/sys/";
	const struct knob_rule *rule = knob_rule(k);
	const char *folder = knob_sets[floor].folder ? "" : knob_folder(k);
	size_t size = sizeof(root) + strlen(folder) + strlen(k->name);
	char *path = malloc(size);

	if (!path)
		return -ENOMEM;
	snprintf(path, size, "%s%s%s", root, folder, k->name);
	t->knob_paths[t->nr_knob_rows] = path;
	t->knob_rows[t->nr_knob_rows] = (struct fsnode){
		.path = path,
		.mode = k->mode,
		.flags = (uint16_t)(FSNODE_KNOB | (rule->flags & 0xffff)),
		.knob = k,
		.arg = floor,
		.exists = rule->exists,
	};
	return tree_add(t, &t->knob_rows[t->nr_knob_rows++]);
}

int tree_add_knobs(struct tree *t)
{
	unsigned nr = 0;
	int err = 0;

	for (uint32_t floor = 0; floor < NR_FLOORS; floor++)
		nr += *knob_sets[floor].count;
	t->knob_rows = calloc(nr, sizeof(*t->knob_rows));
	t->knob_paths = calloc(nr, sizeof(*t->knob_paths));
	if (!t->knob_rows || !t->knob_paths)
		return -ENOMEM;
	for (uint32_t floor = 0; floor < NR_FLOORS; floor++)
		for (unsigned i = 0; !err && i < *knob_sets[floor].count; i++)
			err = add_knob(t, floor, &knob_sets[floor].rows[i]);
	return err;
}
