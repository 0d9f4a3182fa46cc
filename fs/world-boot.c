// SPDX-License-Identifier: Apache-2.0
/* What a profile writes to a machine that has just booted. */
#include "fs/profile-table.h"
#include "fs/script.h"
#include "fs/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int refused(struct world *w, const struct profile_head *head,
		   struct outbuf *why, const char *what, int error)
{
	const struct profile_where at = { w->profile->path[0] ? w->profile->path
							      : "--set",
					  head->line };
	const char *name = script_errno_name(error);

	return profile_bad(why, &at, "%s (%s)", what, name ? name : "refused");
}

/* One value to one file of the tree. */
static int write_file(struct world *w, const struct profile_pair *pair,
		      const char *path, struct outbuf *why)
{
	char what[PROFILE_TEXT * 3];
	int r = tree_store(w, path, pair->value, strlen(pair->value), true);

	if (!r || r == -ENOMEM || r == -ENOBUFS)
		return r;
	snprintf(
		what, sizeof(what), "%s = %s: %s", pair->name, pair->value,
		r == -ENOENT
			? "this machine has no such file, expected one that the tree has"
			: "the machine refuses it, expected what the file takes");
	return refused(w, &pair->head, why, what, -r);
}

/* vm.swappiness is /proc/sys/vm/swappiness, as sysctl(8) has it. */
static int write_sysctl(struct world *w, const struct profile_pair *pair,
			struct outbuf *why)
{
	char path[PROFILE_TEXT + 16];
	int n = snprintf(path, sizeof(path), "/proc/sys/%s", pair->name);

	for (int i = 10; i < n; i++)
		if (path[i] == '.')
			path[i] = '/';
	return write_file(w, pair, path, why);
}

static int write_group(struct world *w, const struct profile_pair *pair,
		       struct outbuf *why)
{
	char path[PROFILE_TEXT + PROFILE_ID + 40];

	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s%s/%s",
		 w->m.control.v1 ? "memory/" : "", pair->head.id, pair->name);
	return write_file(w, pair, path, why);
}

static int write_set(struct world *w, const struct profile_pair *pair,
		     struct outbuf *why)
{
	return write_file(w, pair, pair->name, why);
}

static int write_all(struct world *w, const struct profile_list *list,
		     int (*one)(struct world *, const struct profile_pair *,
				struct outbuf *),
		     struct outbuf *why)
{
	int r = 0;

	for (uint32_t i = 0; i < list->nr && !r; i++)
		r = one(w, &profile_pairs(list)[i], why);
	return r;
}

/* An operation that the profile asks for, done before anybody looks. */
static int run_op(struct world *w, const struct op *op)
{
	struct op_result result;
	uint32_t actor;
	int r = machine_begin(&w->m, op, false, &actor);

	if (!r)
		r = machine_run(&w->m, UINT64_MAX, actor, UINT64_MAX);
	if (r)
		return r;
	return machine_take(&w->m, actor, &result) ? result.error : EDEADLK;
}

static int profile_swap_on(struct world *w, const struct profile_swap *swap,
			   struct outbuf *why)
{
	struct op op = {
		.code = OP_SWAPON,
		.size = swap->size_bytes,
	};
	char what[PROFILE_ID + 64];
	int r;

	if (swap->prio >= 0) {
		op.flags = OPX_PRIO;
		op.prio = (int32_t)swap->prio;
	}
	snprintf(op.text, sizeof(op.text), "%s", swap->head.id);
	r = run_op(w, &op);
	if (r <= 0)
		return r;
	snprintf(what, sizeof(what), "[swap %s]: swapon: %s", swap->head.id,
		 r == ENOSYS ? "this machine has no swap" : strerror(r));
	return refused(w, &swap->head, why, what, r);
}

int world_settle(struct world *w, struct outbuf *why)
{
	const struct profile *p = w->profile;
	const struct profile_swap *swaps = p->swap.items;
	int r = write_all(w, &p->group_set, write_group, why);

	for (uint32_t i = 0; i < p->swap.nr && !r; i++)
		r = profile_swap_on(w, &swaps[i], why);
	if (!r)
		r = write_all(w, &p->sysctl, write_sysctl, why);
	if (!r)
		r = write_all(w, &p->set, write_set, why);
	if (r == -ENOMEM || r == -ENOBUFS)
		out_printf(why, "%s: %s\n", p->path, strerror(-r));
	return r;
}
