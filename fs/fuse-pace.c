// SPDX-License-Identifier: Apache-2.0
/*
 * How the simulated clock moves: by operations alone, or with the wall's.
 */
#include "fs/fuse-disk.h"

#include <time.h>

#define SLICE_NS    2000000ull /* longest time without a look at requests */
#define CHUNK_NS    100000ull /* about, between two looks at the wall's clock */
#define CALLS	    16 /* of the machine in a chunk, at most */
#define STEPS	    64u /* of a call before it is known how long they take */
#define STEPS_MAX   (1u << 20)
#define PATIENCE_NS 50000000ull /* between looks whether a client is killed */
#define LAG_NS	    100000000ull /* of the wall's time, the most to make up for */
#define ABSENT_NS   NS_PER_S /* so late is who was stopped, not who is slow */

uint64_t wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static vtime_t scaled(uint64_t wall_ns, uint64_t speed_ppm)
{
	return wall_ns / 1000000 * speed_ppm +
	       wall_ns % 1000000 * speed_ppm / 1000000;
}

/* The wall's time from which on scaled() reaches @sim_ns, UINT64_MAX: never. */
static uint64_t unscaled(vtime_t sim_ns, uint64_t speed_ppm)
{
	uint64_t whole = sim_ns / speed_ppm, rest = sim_ns % speed_ppm;

	if (whole > UINT64_MAX / 2000000 || rest > UINT64_MAX / 2000000)
		return UINT64_MAX;
	return whole * 1000000 + (rest * 1000000 + speed_ppm - 1) / speed_ppm;
}

/* Another speed, another machine: the clocks are tied together anew. */
static void anchor(struct daemon *d, uint64_t wall)
{
	d->pace.speed = d->world->speed_ppm;
	d->pace.generation = d->world->generation;
	d->pace.wall = wall;
	d->pace.base = machine_now(&d->world->m);
}

/* The time the model should show now. */
static vtime_t due_at(struct daemon *d, uint64_t wall)
{
	struct pace *p = &d->pace;
	uint64_t past;

	if (p->speed != d->world->speed_ppm ||
	    p->generation != d->world->generation)
		anchor(d, wall);
	past = (wall - p->wall) / NS_PER_MS;
	p->base += past * p->speed; /* a millisecond holds speed_ppm ns */
	p->wall += past * NS_PER_MS;
	return p->base + scaled(wall - p->wall, p->speed);
}

/*
 * After a slice: `advance` took the model ahead, or the host is too slow and
 * the model behind. The base follows.
 */
static void settle(struct daemon *d, uint64_t wall)
{
	vtime_t due = due_at(d, wall), now = machine_now(&d->world->m);
	uint64_t lag = due > now ? due - now : 0;

	if (now > due) {
		d->pace.base += now - due;
	} else if (lag > scaled(LAG_NS, d->pace.speed)) {
		d->pace.base -= lag;
		d->world->slipped_ns += lag;
	}
}

/*
 * The daemon did not run when it wanted to: the host slept, or somebody
 * stopped it. The machine slept, too.
 */
static void absent(struct daemon *d, uint64_t wall)
{
	uint64_t wake = d->pace.wake, lag;
	vtime_t due, now = machine_now(&d->world->m);

	if (!wake || wall < wake || wall - wake < ABSENT_NS)
		return;
	due = due_at(d, wall);
	lag = scaled(wall - wake, d->pace.speed);
	if (due < now + lag)
		lag = due > now ? due - now : 0;
	d->pace.base -= lag;
	d->world->slipped_ns += lag;
}

/* Somebody waits for what the machine does. */
static bool busy(const struct daemon *d)
{
	return d->running || disk_busy(d);
}

/* What one of them does may end what another waits for. */
static void step_all(struct daemon *d)
{
	struct tasks *t = &d->world->m.tasks;

	do {
		t->told = 0;
		ctl_step(d);
		disk_step(d);
	} while (t->told);
}

/* How far to run, at a time of the wall's when @due should show. Return: is
 * anything to be done there? */
static bool run_to(const struct daemon *d, vtime_t due, struct awaited *a)
{
	const struct machine *m = &d->world->m;

	ctl_awaited(d, a);
	if (!d->world->speed_ppm)
		return busy(d);
	if (!a->advances && a->until > due)
		a->until = due;
	return machine_now(m) < a->until || machine_next(m) <= a->until;
}

/*
 * Simulate for about CHUNK_NS. `wait` and `until` want to be asked after each
 * event, so a chunk is several calls; a call that nobody interrupts is given
 * @steps. Return: 0 or a host errno; *@ret_more: there is more to do.
 */
static int run_chunk(struct daemon *d, vtime_t due, uint64_t steps,
		     bool *ret_more)
{
	struct awaited a;
	int err = 0;

	*ret_more = run_to(d, due, &a);
	for (int i = 0; !err && i < CALLS && *ret_more; i++) {
		err = machine_run(&d->world->m, a.until, 0, steps);
		step_all(d);
		*ret_more = run_to(d, due, &a);
	}
	return err;
}

/*
 * Simulate for a slice at most. What goes on for long is given more steps each
 * time; what begins after it starts small again. Return: 0, with *@ret_more
 * when the slice was too short, or a host errno.
 */
static int run_slice(struct daemon *d, bool *ret_more)
{
	uint64_t wall = wall_now(), end = wall + SLICE_NS, begin;
	uint64_t steps = STEPS, begun;
	vtime_t due;
	int err;

	if (d->world->speed_ppm)
		absent(d, wall);
	due = d->world->speed_ppm ? due_at(d, wall) : 0;
	step_all(d);
	do {
		begin = wall;
		begun = d->world->journal_ticket;
		err = run_chunk(d, due, steps, ret_more);
		wall = wall_now();
		if (begun != d->world->journal_ticket)
			steps = STEPS;
		else if (wall - begin < CHUNK_NS && steps < STEPS_MAX)
			steps *= 2;
	} while (!err && *ret_more && wall < end);
	if (d->world->speed_ppm)
		settle(d, wall);
	return err;
}

/* The wall's time at which the clock has to move on without being asked. */
static uint64_t next_wall(struct daemon *d)
{
	vtime_t next = machine_next(&d->world->m);
	struct pace *p = &d->pace;
	struct awaited a;
	uint64_t ns;

	if (!d->world->speed_ppm)
		return UINT64_MAX;
	ctl_awaited(d, &a);
	if (a.until < next)
		next = a.until;
	if (next == UINT64_MAX)
		return UINT64_MAX;
	if (next <= p->base)
		return p->wall;
	ns = unscaled(next - p->base, p->speed);
	return ns > UINT64_MAX - p->wall ? UINT64_MAX : p->wall + ns;
}

int pace_run(struct daemon *d, uint64_t *ret_wake)
{
	bool more = false;
	uint64_t wake;
	int err = 0;

	if (busy(d) || d->world->speed_ppm)
		err = run_slice(d, &more);
	if (err)
		return err;
	wake = more ? 0 : next_wall(d);
	if (disk_patience(d) && wake > wall_now() + PATIENCE_NS)
		wake = wall_now() + PATIENCE_NS;
	*ret_wake = wake;
	d->pace.wake = wake == UINT64_MAX ? 0 : wake;
	return 0;
}
