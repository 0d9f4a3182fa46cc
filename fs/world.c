// SPDX-License-Identifier: Apache-2.0
#include "fs/world.h"

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fs/profile.h"
#include "fs/tree.h"

/* What model/events keeps. */
#define EVENT_LINES 65536u
#define EVENT_BYTES (8u << 20)
/* Steps at one moment, on a machine where they cost nothing. */
#define CATCH_UP (1u << 16)

/* --- boot ----------------------------------------------------------------- */
static int tell_host(const struct world *w, int error, struct outbuf *why)
{
	const char *name = w->profile->path;

	out_printf(why, "%s: %s (%s)\n", name[0] ? name : "profile",
		   error == -ENOBUFS
			   ? "the machine needs more than max_host_memory"
			   : "the host has no memory for the machine",
		   strerror(-error));
	return error;
}

static int boot(struct world *w, struct outbuf *why)
{
	struct machine_config config;
	const char *text = NULL;
	int r = profile_config(w->profile, &config);

	if (!r) {
		r = machine_init(&w->m, &config, &text);
		profile_config_free(&config);
	}
	if (r < 0)
		return tell_host(w, r, why);
	w->m.tasks.story = &w->events;
	if (!r)
		return 0;
	out_printf(why, "%s: this machine cannot be: %s (%s)\n",
		   w->profile->path[0] ? w->profile->path : "profile",
		   text ? text : "it does not boot", strerror(r));
	return -EINVAL;
}

/* What was written at boot is in the profile, not in the journal. */
static void begin_history(struct world *w)
{
	out_clear(&w->journal);
	w->journal_at = machine_now(&w->m);
	w->journal_open = 0;
	klog_fini(&w->events);
	klog_init_sized(&w->events, &w->host, EVENT_LINES, EVENT_BYTES);
}

/* What is large comes from the host as zero pages that cost nothing until they
 * are written: frames of 256 MiB of memory are 2 MiB. By itself the C library
 * would clear and reuse such pieces once one of them was freed. */
static void ask_for_zero_pages(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
}

int world_init(struct world *w, struct profile *profile, struct outbuf *why)
{
	int r;

	ask_for_zero_pages();
	memset(w, 0, sizeof(*w));
	w->profile = profile;
	w->speed_ppm = profile->machine.speed_ppm;
	out_init(&w->journal);
	klog_init_sized(&w->events, &w->host, EVENT_LINES, EVENT_BYTES);
	r = boot(w, why);
	if (r) {
		w->profile = NULL;
		return r;
	}
	r = tree_init(w);
	if (r)
		tell_host(w, r, why);
	else
		r = world_settle(w, why);
	if (r < 0 && !why->len)
		tell_host(w, r, why);
	if (r) {
		world_fini(w);
		return r;
	}
	begin_history(w);
	return 0;
}

void world_fini(struct world *w)
{
	if (!w->profile)
		return;
	tree_fini(w);
	machine_fini(&w->m);
	klog_fini(&w->events);
	out_free(&w->journal);
	w->profile = NULL;
}

int world_reset(struct world *w, struct outbuf *why)
{
	int r;

	machine_fini(&w->m);
	w->generation++;
	r = boot(w, why);
	if (!r)
		r = world_settle(w, why);
	begin_history(w);
	return r;
}

int world_catch_up(struct world *w)
{
	struct machine *m = &w->m;
	uint32_t told = 0;
	int r;

	do {
		r = machine_run(m, machine_now(m), 0, CATCH_UP);
		told |= m->tasks.told;
	} while (!r && m->tasks.told);
	m->tasks.told = told;
	return r;
}

/* --- journal -------------------------------------------------------------- */
static void put_duration(struct outbuf *out, uint64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	unsigned i = 0;

	for (; i < 3 && ns % 1000 == 0; i++)
		ns /= 1000;
	out_printf(out, "%llu%s", (unsigned long long)ns, units[i]);
}

/* What is still running is not waited for: others acted meanwhile. */
static void make_async(struct world *w)
{
	static const char word[] = "async ";
	const size_t len = sizeof(word) - 1;
	size_t at = w->journal_open - 1, rest = w->journal.len - at;
	char *text;

	w->journal_open = 0;
	out_bytes(&w->journal, word, len);
	if (w->journal.error)
		return;
	text = w->journal.text + at;
	memmove(text + len, text, rest);
	memcpy(text, word, len);
}

static void clock_to(struct world *w, vtime_t now)
{
	if (w->journal_open)
		make_async(w);
	if (now > w->journal_at) {
		out_str(&w->journal, "advance ");
		put_duration(&w->journal, now - w->journal_at);
		out_char(&w->journal, '\n');
	}
	w->journal_at = now;
}

void world_journal_clock(struct world *w)
{
	clock_to(w, machine_now(&w->m));
}

void world_journal_did(struct world *w, vtime_t began, const char *line,
		       size_t len)
{
	clock_to(w, began);
	out_bytes(&w->journal, line, len);
	out_char(&w->journal, '\n');
	w->journal_ticket++;
	w->journal_at = machine_now(&w->m);
}

void world_journal(struct world *w, const char *fmt, ...)
{
	va_list ap;

	world_journal_clock(w);
	va_start(ap, fmt);
	out_vprintf(&w->journal, fmt, ap);
	va_end(ap);
	out_char(&w->journal, '\n');
	w->journal_ticket++;
}

uint64_t world_journal_begin(struct world *w, const char *line, size_t len)
{
	size_t start;

	world_journal_clock(w);
	start = w->journal.len;
	out_bytes(&w->journal, line, len);
	out_char(&w->journal, '\n');
	w->journal_open = start + 1;
	return ++w->journal_ticket;
}

static bool still_open(const struct world *w, uint64_t ticket)
{
	return w->journal_open && w->journal_ticket == ticket;
}

void world_journal_end(struct world *w, uint64_t ticket, vtime_t ended)
{
	if (!still_open(w, ticket))
		return;
	/* Others went on since: a script would not wait for that. */
	if (machine_now(&w->m) > ended) {
		make_async(w);
		return;
	}
	w->journal_open = 0;
	w->journal_at = machine_now(&w->m);
}

void world_journal_failed(struct world *w, uint64_t ticket)
{
	if (still_open(w, ticket))
		make_async(w);
}

/* --- events --------------------------------------------------------------- */
void world_event(struct world *w, uint32_t pid, const char *comm,
		 const char *fmt, ...)
{
	char text[KLOG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	klog_add(&w->events, machine_now(&w->m), 6, "%u %s %s", pid,
		 comm && *comm ? comm : "-", text);
}
