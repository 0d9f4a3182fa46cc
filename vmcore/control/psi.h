/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_PSI_H
#define VMCORE_PSI_H

#include "vmcore/base/types.h"

/*
 * DOC: pressure: how long tasks stand still for want of memory, disk, CPU.
 *
 * Models:  kernel/sched/psi.c of 6.18: psi_group_change(), get_recent_times(),
 *          update_averages(), update_triggers().
 * Owns:    who stalls on which CPU, totals, averages.
 * Units:   ns; averages in per cent with 11 bits of fraction.
 * Order:   changes come in the order of time.
 * Omits:   the kernel weighs its CPUs anew whenever somebody looks or 2 s are
 *          over; here they are weighed at every change, so that a look
 *          changes nothing.
 */
#define PSI_PERIOD_NS 2004000000u /* 2 * HZ + 1 ticks of 4 ms */

/* What a task is at: bits of struct actor.psi. */
#define PSI_IOWAIT	     1u
#define PSI_MEMSTALL	     2u
#define PSI_RUNNING	     4u /* or wants to */
#define PSI_MEMSTALL_RUNNING 8u /* both: reclaims */
#define NR_PSI_TASK_BITS     4

enum psi_state {
	PSI_IO_SOME,
	PSI_IO_FULL,
	PSI_MEM_SOME,
	PSI_MEM_FULL,
	PSI_CPU_SOME,
	PSI_CPU_FULL, /* of a group only: never of the whole machine */
	NR_PSI_SHOWN,
	PSI_NONIDLE = NR_PSI_SHOWN,
	NR_PSI_STATES
};

struct psi_cpu {
	uint32_t nr[NR_PSI_TASK_BITS]; /* tasks, by bit */
	uint32_t mask; /* bit an enum psi_state that holds */
	uint32_t on_stalled; /* who runs there reclaims */
	uint32_t on; /* of a group: one of it runs there */
	vtime_t since; /* last change */
	uint64_t io_idle_ns; /* had nothing to run but waited for I/O */
};

struct psi {
	vtime_t since; /* last change of any CPU */
	uint32_t cpus[NR_PSI_STATES]; /* on how many it holds */
	uint32_t held; /* bit a shown state that holds on some CPU */
	uint32_t group; /* a memory group's: others run beside it */
	uint32_t spare;
	uint64_t total[NR_PSI_SHOWN]; /* ns until @since */
	uint64_t avg_total[NR_PSI_SHOWN]; /* when averages were made last */
	uint64_t avg[NR_PSI_SHOWN][3]; /* 10 s, 60 s, 300 s */
	vtime_t avg_at;
	struct psi_cpu cpu[MAX_CPUS];
};

/* A task of @cpu is no longer at @clear, but at @set: PSI_* bits. */
void psi_change(struct psi *p, uint32_t cpu, uint32_t clear, uint32_t set,
		vtime_t now);
/* Who runs on @cpu from now on: one of the group (@on), one that reclaims? */
void psi_run(struct psi *p, uint32_t cpu, bool on, bool stalled, vtime_t now);
/* Nobody is at anything any more. */
void psi_stop(struct psi *p, vtime_t now);
/* psi_avgs_work(): every PSI_PERIOD_NS. */
void psi_average(struct psi *p, vtime_t now);
/* Stalled for so long until @now, which is not before the last change. */
uint64_t psi_total(const struct psi *p, enum psi_state state, vtime_t now);
/* Idle time of @cpu until @now that was waiting for I/O. */
uint64_t psi_iowait(const struct psi *p, uint32_t cpu, vtime_t now);

/* --- triggers: psi-trigger.c -------------------------------------------------
 * They belong to who waits, not to the machine: never saved or digested.
 */
struct psi_trigger {
	uint32_t used;
	uint32_t state; /* enum psi_state */
	uint32_t group; /* whose pressure; the root's is the machine's */
	uint64_t born; /* of the group */
	uint64_t threshold, window; /* ns */
	vtime_t start; /* of the window under way */
	uint64_t start_total, last_growth;
	uint64_t seen; /* the total at the last look */
	vtime_t last_event, next; /* look again then */
	uint32_t fired; /* since then nobody was told */
	uint32_t pending; /* enough stall, but told lately */
};
#define PSI_TRIGGERS 64
struct psi_triggers {
	uint32_t nr; /* in use */
	vtime_t next; /* of the earliest; UINT64_MAX none */
	struct psi_trigger row[PSI_TRIGGERS];
};

/* Return: 0 and *@ret_id (1..), or ENOSPC. */
int psi_trigger_new(struct psi_triggers *ts, const struct psi *p,
		    enum psi_state state, uint64_t threshold, uint64_t window,
		    vtime_t now, uint32_t *ret_id);
/* It is the pressure of a group that it is about. */
void psi_trigger_of(struct psi_triggers *ts, uint32_t id, uint32_t group,
		    uint64_t born);
void psi_trigger_free(struct psi_triggers *ts, uint32_t id);
/* Look at those that are due at @now (ts->next): of the machine's pressure @p
 * and of that of the groups of @c. */
struct control;
void psi_triggers_run(struct psi_triggers *ts, const struct psi *p,
		      const struct control *c, vtime_t now);

#endif
