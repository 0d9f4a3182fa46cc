/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_PROC_IRQ_H
#define FS_PROC_IRQ_H

#include "vmcore/machine.h"

/*
 * DOC: interrupts the machine must have taken for what it did.
 *
 * Models:  arch/x86/kernel/irq.c, kernel/irq/proc.c, kernel/softirq.c.
 * Owns:    nothing: the disks' requests and the CPUs' times say it.
 * Units:   interrupts since boot.
 * Order:   disk N interrupts CPU N mod the number of CPUs.
 * Omits:   devices that the model has not; inter-processor interrupts.
 */
#define IRQ_HZ	       250u /* ticks of a busy CPU; an idle one has none */
#define IRQ_FIRST_DISK 24u /* below: the I/O APIC's lines */

/* How many numbers the kernel reserves (arch_probe_nr_irqs()). */
uint32_t irq_count(const struct machine *m);
/* Requests that disk @id (pool id) has completed. */
uint64_t irq_disk(const struct machine *m, uint32_t id);
/* The CPU that the requests of disk @id interrupt. */
uint32_t irq_disk_cpu(const struct machine *m, uint32_t id);
/* Timer ticks of @cpu; the same and the timers of who slept there. */
uint64_t irq_ticks(const struct machine *m, uint32_t cpu);
uint64_t irq_timers(const struct machine *m, uint32_t cpu);

/* Kinds of softirq, and how often @cpu ran one. */
unsigned softirq_kinds(void);
uint64_t softirq_count(const struct machine *m, unsigned kind, uint32_t cpu);

#endif
