// SPDX-License-Identifier: Apache-2.0
/*
 * Triggers of pressure: psi_write(), psi_poll() of kernel/sched/psi.c. One
 * belongs to the open file it was written to and ends with it.
 */
#include "fs/fuse-daemon.h"
#include "fs/proc/pressure.h"

#include <errno.h>
#include <poll.h>

#define ALWAYS (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM)

/* NULL: none, or of a machine that was reset or loaded since. */
static struct psi_trigger *trigger_of(const struct daemon *d,
				      const struct handle *h)
{
	if (!h->trigger || h->trigger_generation != d->world->generation)
		return NULL;
	return &d->world->m.tasks.triggers.row[h->trigger - 1];
}

long trigger_write(struct daemon *d, struct handle *h, const char *text,
		   size_t len, bool privileged)
{
	struct machine *m = &d->world->m;
	struct tasks *t = &m->tasks;
	const struct psi *psi =
		group_psi(&m->control, &t->psi, h->at.group, h->at.born);
	enum psi_state state = (enum psi_state)tree_row(d->world, &h->at)->arg;
	struct pressure_trigger want;
	int r;

	if (h->trigger)
		return -EBUSY;
	/* who mounted is root of the machine */
	r = pressure_parse(text, len, privileged, &want);
	if (r)
		return r;
	if (want.full)
		state = (enum psi_state)(state + 1);
	if (!psi)
		return -ENODEV;
	r = psi_trigger_new(&t->triggers, psi, state, want.stall_ns,
			    want.window_ns, t->now, &h->trigger);
	if (r)
		return -r;
	psi_trigger_of(&t->triggers, h->trigger, h->at.group, h->at.born);
	h->trigger_generation = d->world->generation;
	return (long)len;
}

unsigned trigger_mask(const struct daemon *d, const struct handle *h)
{
	const struct psi_trigger *t = trigger_of(d, h);

	if (!t)
		return ALWAYS | POLLERR | POLLPRI;
	return ALWAYS | (t->fired ? POLLPRI : 0u);
}

void trigger_told(const struct daemon *d, const struct handle *h)
{
	struct psi_trigger *t = trigger_of(d, h);

	if (t)
		t->fired = 0;
}

void trigger_close(struct daemon *d, struct handle *h)
{
	if (trigger_of(d, h))
		psi_trigger_free(&d->world->m.tasks.triggers, h->trigger);
	h->trigger = 0;
}
