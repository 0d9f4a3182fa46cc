// SPDX-License-Identifier: Apache-2.0
#include "vmcore/task/heap.h"
#include "vmcore/task/kernel-alloc.h"
#include "vmcore/task/sched.h"

struct recount {
	const struct tasks *t;
	check_report *report;
	void *arg;
};

static void same(const struct recount *c, const char *what, uint64_t recounted,
		 uint64_t kept)
{
	if (recounted != kept)
		c->report(c->arg, what, (int64_t)recounted, (int64_t)kept);
}

/* Free records of the pool have no page directory. */
static void check_mms(const struct recount *c)
{
	const struct space *s = c->t->space;
	uint64_t maps = 0, tables = 0, marks = 0, chunks = 0, heaps = 0;

	for (uint32_t mm = 1; mm <= s->mms.top; mm++) {
		uint32_t users = 0;

		if (!mm_at(s, mm)->pgd)
			continue;
		task_for_each (c->t, id)
			users += task_at(c->t, id)->mm == mm;
		/* A fork under way holds an mm that no task has yet. */
		if (users || mm_at(s, mm)->users > 1)
			same(c, "users of an address space", users,
			     mm_at(s, mm)->users);
		region_check(c->t, mm, c->report, c->arg);
		heaps += mm_at(s, mm)->heap != 0;
		heap_check(c->t, mm, c->report, c->arg, &chunks);
		space_check_mm(s, mm, c->report, c->arg, &maps, &tables);
		marks += space_swap_marks(s, mm);
	}
	same(c, "heaps", heaps, c->t->heaps.used);
	same(c, "chunks of heaps", chunks, c->t->chunks.used);
	space_check_frames(s, c->report, c->arg, maps, tables);
	same(c, "references to slots of swap", marks, swap_marks(s->cache));
}

/* What calls of malloc and free under way have yet to touch. */
static void check_touches(const struct recount *c)
{
	const struct tasks *t = c->t;
	uint64_t n = 0;

	task_for_each (t, task) {
		for (uint32_t id = task_at(t, task)->actors; id;
		     id = actor_at(t, id)->sibling) {
			const struct actor *a = actor_at(t, id);
			uint32_t p = a->cursor[2];

			if (a->op.code != OP_MALLOC && a->op.code != OP_FREE)
				continue;
			for (; p; p = heap_touch_at(t, p)->next)
				n++;
		}
	}
	same(c, "touches of heaps", n, t->touches.used);
}

/* Pages held are held by somebody. */
static void check_holds(const struct recount *c)
{
	const struct tasks *t = c->t;
	const struct cache *cache = t->space->cache;
	uint64_t n = 0;

	/* An actor's record is in use if it has its own id in it. */
	for (uint32_t id = 1; id <= t->actors.top; id++)
		if (actor_at(t, id)->self == id)
			n += hold_count(cache, actor_at(t, id)->holds);
	same(c, "pages held", n, cache->holds.used);
}

static void check_lists(const struct recount *c)
{
	const struct tasks *t = c->t;
	uint64_t tasks = 0, named = 0, hashed = 0;

	task_for_each (t, id) {
		tasks++;
		hashed += task_find(t, task_at(t, id)->pid) == id;
		named += task_named(t, task_at(t, id)->name) != 0;
	}
	same(c, "processes", tasks, t->pool.used);
	same(c, "processes by pid", hashed, tasks);
	same(c, "processes by name", named, tasks);
}

static void check_groups(const struct recount *c)
{
	const struct control *control = c->t->space->control;

	for (uint32_t g = GROUP_ROOT; g;
	     g = group_next(control, GROUP_ROOT, g)) {
		uint64_t n = 0;

		task_for_each (c->t, id)
			n += task_at(c->t, id)->group == g;
		same(c, "processes of a group", n,
		     group_at(control, g)->nr_tasks);
	}
}

void tasks_check(const struct tasks *t, check_report *report, void *arg)
{
	struct recount c = { t, report, arg };

	check_lists(&c);
	check_groups(&c);
	check_touches(&c);
	check_holds(&c);
	kernel_check(t, report, arg);
	check_mms(&c);
}
