// SPDX-License-Identifier: Apache-2.0
#include "vmcore/base/eventq.h"

#include <string.h>

static bool before(const struct event_entry *a, const struct event_entry *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	if (a->class != b->class)
		return a->class < b->class;
	return a->seq < b->seq;
}

void eventq_init(struct eventq *q, struct host *host)
{
	memset(q, 0, sizeof(*q));
	q->host = host;
}

void eventq_fini(struct eventq *q)
{
	if (q->heap)
		host_free(q->host, q->heap, q->cap * sizeof(*q->heap));
	memset(q, 0, sizeof(*q));
}

static int reserve(struct eventq *q, uint32_t cap)
{
	void *mem;
	int r;

	if (cap <= q->cap)
		return 0;
	r = host_alloc_vital(q->host, cap * sizeof(*q->heap), &mem);
	if (r)
		return r;
	if (q->heap) {
		memcpy(mem, q->heap, q->nr * sizeof(*q->heap));
		host_free(q->host, q->heap, q->cap * sizeof(*q->heap));
	}
	q->heap = mem;
	q->cap = cap;
	return 0;
}

int eventq_room(struct eventq *q)
{
	return q->nr < q->cap ? 0 : reserve(q, q->cap ? 2 * q->cap : 64);
}

int eventq_add(struct eventq *q, vtime_t at, uint32_t class, uint32_t kind,
	       uint32_t arg)
{
	struct event_entry e = { .at = at,
				 .seq = q->seq,
				 .class = class,
				 .kind = kind,
				 .arg = arg };
	uint32_t i;

	int r = eventq_room(q);

	if (r)
		return r;
	q->seq++;
	for (i = q->nr++; i; i = (i - 1) / 2) {
		if (!before(&e, &q->heap[(i - 1) / 2]))
			break;
		q->heap[i] = q->heap[(i - 1) / 2];
	}
	q->heap[i] = e;
	return 0;
}

struct event_entry eventq_pop(struct eventq *q)
{
	struct event_entry top = q->heap[0];
	struct event_entry last = q->heap[--q->nr];
	uint32_t i = 0, child;

	while ((child = 2 * i + 1) < q->nr) {
		if (child + 1 < q->nr &&
		    before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (before(&last, &q->heap[child]))
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
	return top;
}

int eventq_archive(struct eventq *q, struct archive *a)
{
	uint32_t nr = q->nr;
	int r = archive_bytes(a, &nr, sizeof(nr));

	if (!r)
		r = archive_bytes(a, &q->seq, sizeof(q->seq));
	if (!r && archive_loading(a))
		r = reserve(q, nr);
	if (r)
		return r;
	q->nr = nr;
	return nr ? archive_bytes(a, q->heap, nr * sizeof(*q->heap)) : 0;
}
