/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMCORE_EVENTQ_H
#define VMCORE_EVENTQ_H

#include "vmcore/base/archive.h"
#include "vmcore/base/host.h"

/*
 * DOC: what is due when.
 *
 * Models:  the kernel's timers and completions, in one queue.
 * Owns:    pending events.
 * Units:   ns of simulated time.
 * Order:   (time, class, sequence); never the address or the hash of one.
 * Omits:   cancelling: who receives a stale event ignores it.
 */
struct event_entry {
	vtime_t at;
	uint64_t seq;
	uint32_t class;
	uint32_t kind;
	uint32_t arg;
	uint32_t spare;
};

struct eventq {
	struct host *host;
	struct event_entry *heap;
	uint32_t nr, cap;
	uint64_t seq;
};

void eventq_init(struct eventq *q, struct host *host);
void eventq_fini(struct eventq *q);
int eventq_archive(struct eventq *q, struct archive *a);
/* The next eventq_add() cannot fail. 0 or a host errno. */
int eventq_room(struct eventq *q);
/* Return: 0 or a host errno. */
int eventq_add(struct eventq *q, vtime_t at, uint32_t class, uint32_t kind,
	       uint32_t arg);
/* The earliest, NULL when empty. */
static inline const struct event_entry *eventq_peek(const struct eventq *q)
{
	return q->nr ? &q->heap[0] : NULL;
}
/* Remove the earliest; the queue must not be empty. */
struct event_entry eventq_pop(struct eventq *q);

#endif
