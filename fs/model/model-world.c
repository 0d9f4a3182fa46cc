// SPDX-License-Identifier: Apache-2.0
/* model/clock, config, journal, events, check, digest. */
#include "fs/model/model-nodes.h"
#include "fs/profile.h"

#define NS_PER_S    1000000000u
#define CHECK_LINES 100u

void out_time(vtime_t t, struct outbuf *out)
{
	out_printf(out, "%llu.%09u", (unsigned long long)(t / NS_PER_S),
		   (unsigned)(t % NS_PER_S));
}

static int show_clock(const struct view *v, struct outbuf *out)
{
	uint64_t ppm = v->w->speed_ppm;
	unsigned digits = 6, part = (unsigned)(ppm % 1000000);

	out_time(machine_now(v->m), out);
	out_printf(out, " speed=%llu", (unsigned long long)(ppm / 1000000));
	for (; digits && part % 10 == 0; digits--)
		part /= 10;
	if (digits)
		out_printf(out, ".%0*u", (int)digits, part);
	if (v->w->slipped_ns) {
		out_str(out, " slipped=");
		out_time(v->w->slipped_ns, out);
	}
	out_char(out, '\n');
	return 0;
}

static int show_config(const struct view *v, struct outbuf *out)
{
	profile_print(v->w->profile, out);
	return 0;
}

static int show_journal(const struct view *v, struct outbuf *out)
{
	const struct outbuf *journal = &v->w->journal;

	/* A part of it would be another history. */
	if (journal->error)
		return journal->error;
	if (journal->len)
		out_bytes(out, journal->text, journal->len);
	return 0;
}

static int show_events(const struct view *v, struct outbuf *out)
{
	const struct klog *k = &v->w->events;
	uint64_t first = klog_first(k);

	if (first)
		out_printf(out, "lost=%llu\n", (unsigned long long)first);
	for (uint64_t seq = first; seq < k->next; seq++) {
		const struct klog_line *line = klog_at(k, seq);

		if (!line)
			continue;
		out_time(line->at, out);
		out_char(out, ' ');
		out_bytes(out, klog_text(k, line), line->len);
		out_char(out, '\n');
	}
	return 0;
}

static uint64_t events_stamp(const struct view *v)
{
	return v->w->events.next;
}

struct check {
	struct outbuf *out;
	unsigned lines;
};

static void report(void *arg, const char *what, int64_t recounted, int64_t kept)
{
	struct check *c = arg;

	if (c->lines++ >= CHECK_LINES)
		return;
	out_printf(c->out, "%s recounted=%lld kept=%lld\n", what,
		   (long long)recounted, (long long)kept);
}

static int show_check(const struct view *v, struct outbuf *out)
{
	struct check c = { .out = out };

	machine_check(v->m, report, &c);
	if (!c.lines)
		out_str(out, "ok\n");
	return 0;
}

static int show_digest(const struct view *v, struct outbuf *out)
{
	out_hex(out, machine_digest(v->m), 16);
	out_char(out, '\n');
	return 0;
}

const struct fsnode model_world_nodes[] = {
	MODEL_FILE("clock", show_clock),
	MODEL_FILE("config", show_config),
	MODEL_FILE("journal", show_journal),
	{
		.path = "model/events",
		.mode = 0444,
		.flags = FSNODE_SIZE0 | FSNODE_POLL,
		.show = show_events,
		.stamp = events_stamp,
	},
	MODEL_FILE("check", show_check),
	MODEL_FILE("digest", show_digest),
};
const unsigned nr_model_world_nodes = ARRAY_SIZE(model_world_nodes);
