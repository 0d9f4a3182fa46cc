// SPDX-License-Identifier: Apache-2.0
#include "vmcore/control/psi.h"

#define FIXED_1 2048u

static bool nobody_works(const struct psi_cpu *c)
{
	/* All who run reclaim; or one who reclaims keeps others waiting. */
	return c->on_stalled || c->nr[2] == c->nr[3];
}

/* test_states() */
static uint32_t states_of(const struct psi *p, const struct psi_cpu *c)
{
	uint32_t io = c->nr[0], stalled = c->nr[1], running = c->nr[2];
	uint32_t mask = 0;

	if (io)
		mask |= 1u << PSI_IO_SOME;
	if (io && !running)
		mask |= 1u << PSI_IO_FULL;
	if (stalled)
		mask |= 1u << PSI_MEM_SOME;
	if (stalled && nobody_works(c))
		mask |= 1u << PSI_MEM_FULL;
	/* A CPU with somebody to run runs him, or one of another group. */
	if (running > (p->group ? c->on : 1))
		mask |= 1u << PSI_CPU_SOME;
	if (p->group && running && !c->on)
		mask |= 1u << PSI_CPU_FULL;
	if (io || stalled || running)
		mask |= 1u << PSI_NONIDLE;
	return mask;
}

/*
 * get_recent_times(), collect_percpu_times(): a CPU's stall counts by the
 * CPU's share in what all CPUs do.
 */
static uint64_t share(const struct psi *p, unsigned state, vtime_t now)
{
	uint32_t busy = p->cpus[PSI_NONIDLE];

	return busy ? (now - p->since) * p->cpus[state] / busy : 0;
}

uint64_t psi_total(const struct psi *p, enum psi_state state, vtime_t now)
{
	return p->total[state] + share(p, state, now);
}

uint64_t psi_iowait(const struct psi *p, uint32_t cpu, vtime_t now)
{
	const struct psi_cpu *c = &p->cpu[cpu];

	return c->io_idle_ns +
	       (c->mask & 1u << PSI_IO_FULL ? now - c->since : 0);
}

/* One CPU more is in state @s, or one less. */
static void hold(struct psi *p, unsigned s, uint32_t mask)
{
	const uint32_t shown = (1u << NR_PSI_SHOWN) - 1;

	if (mask >> s & 1)
		p->cpus[s]++;
	else
		p->cpus[s]--;
	if (p->cpus[s])
		p->held |= 1u << s & shown;
	else
		p->held &= ~(1u << s);
}

/* The states of @c are what its tasks make them from @now on. */
static void restate(struct psi *p, struct psi_cpu *c, vtime_t now)
{
	uint32_t mask = states_of(p, c), changed = mask ^ c->mask;

	if (!changed)
		return;
	for (uint32_t left = p->held; left; left &= left - 1) {
		unsigned s = (unsigned)__builtin_ctz(left);

		p->total[s] += share(p, s, now);
	}
	p->since = now;
	if (c->mask & 1u << PSI_IO_FULL)
		c->io_idle_ns += now - c->since;
	c->since = now;
	for (; changed; changed &= changed - 1)
		hold(p, (unsigned)__builtin_ctz(changed), mask);
	c->mask = mask;
}

void psi_change(struct psi *p, uint32_t cpu, uint32_t clear, uint32_t set,
		vtime_t now)
{
	struct psi_cpu *c = &p->cpu[cpu];

	for (; clear; clear &= clear - 1)
		c->nr[__builtin_ctz(clear)]--;
	for (; set; set &= set - 1)
		c->nr[__builtin_ctz(set)]++;
	restate(p, c, now);
}

void psi_run(struct psi *p, uint32_t cpu, bool on, bool stalled, vtime_t now)
{
	if (p->cpu[cpu].on_stalled == stalled && p->cpu[cpu].on == on)
		return;
	p->cpu[cpu].on = on;
	p->cpu[cpu].on_stalled = stalled;
	/* Who runs matters where others of it could, or reclaim. */
	if (p->group || p->cpu[cpu].nr[1])
		restate(p, &p->cpu[cpu], now);
}

void psi_stop(struct psi *p, vtime_t now)
{
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		struct psi_cpu *c = &p->cpu[cpu];

		for (unsigned b = 0; b < NR_PSI_TASK_BITS; b++)
			c->nr[b] = 0;
		c->on = c->on_stalled = 0;
		restate(p, c, now);
	}
}

/* calc_avgs(): whole per cents, as the kernel divides. */
static void average(uint64_t avg[3], uint64_t stalled, uint64_t period)
{
	static const uint64_t decay[3] = { 1677, 1981, 2034 };
	uint64_t active = stalled * 100 / period * FIXED_1;

	for (unsigned i = 0; i < 3; i++) {
		uint64_t load =
			avg[i] * decay[i] + active * (FIXED_1 - decay[i]);

		if (active >= avg[i])
			load += FIXED_1 - 1;
		avg[i] = load / FIXED_1;
	}
}

void psi_average(struct psi *p, vtime_t now)
{
	uint64_t period = now - p->avg_at;

	for (unsigned s = 0; s < NR_PSI_SHOWN && period; s++) {
		uint64_t total = psi_total(p, (enum psi_state)s, now);
		uint64_t stalled = total - p->avg_total[s];

		average(p->avg[s], stalled < period ? stalled : period, period);
		p->avg_total[s] = total;
	}
	p->avg_at = now;
}
