// SPDX-License-Identifier: Apache-2.0
/* /sys/kernel/mm/lru_gen and debugfs' lru_gen, lru_gen_full: mm/vmscan.c. */
#include "vmcore/control/lru-gen.h"
#include "fs/model/model-nodes.h"
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#include <errno.h>
#include <string.h>

#define NS_PER_MS    1000000u
#define NS_PER_TICK  4000000u /* HZ 250 */
#define MS_PER_TICK  4u
#define ENABLED_TEXT 32u

/* Before 2.6.28 there was no such thing. */
static bool has_gens(const struct view *v)
{
	return v->m->control.policy != POLICY_CLASSIC;
}

static int show_enabled(const struct view *v, struct outbuf *out)
{
	out_printf(out, "0x%04x\n", v->m->control.gen_caps);
	return out->error;
}

/* kstrtouint() with base 0. */
static int parse_uint(const char *text, size_t len, uint32_t *ret)
{
	uint64_t value;
	int r;

	if (len && *text == '+')
		text++, len--;
	r = parse_number(text, len, 10, &value);
	if (!r && len > 1 && *text == '0' && (text[1] | 0x20) != 'x')
		r = parse_number(text, len, 8, &value);
	if (!r && value > UINT32_MAX)
		r = -EINVAL;
	if (!r)
		*ret = (uint32_t)value;
	return r;
}

static long store_enabled(const struct view *v, const char *text, size_t len)
{
	uint32_t caps = 0;
	int r = 0;

	if (!len)
		return 0;
	if ((*text | 0x20) == 'y')
		caps = UINT32_MAX;
	else if ((*text | 0x20) != 'n')
		r = parse_uint(text, len, &caps);
	if (!r)
		r = machine_set_lru_gen(&v->w->m, caps);
	if (r)
		return r > 0 ? -r : r;
	return (long)len;
}

static int show_ttl(const struct view *v, struct outbuf *out)
{
	uint64_t ticks = v->m->control.min_ttl_ns / NS_PER_TICK;

	out_printf(out, "%llu\n", (unsigned long long)(ticks * MS_PER_TICK));
	return out->error;
}

/* Kept in ticks of the clock, rounded up. */
static long store_ttl(const struct view *v, const char *text, size_t len)
{
	uint32_t ms;
	uint64_t ticks;

	if (!len)
		return 0;
	if (parse_uint(text, len, &ms))
		return -EINVAL;
	ticks = ((uint64_t)ms + MS_PER_TICK - 1) / MS_PER_TICK;
	v->w->m.control.min_ttl_ns = ticks * NS_PER_TICK;
	return (long)len;
}

/* --- the debug view -------------------------------------------------------
 */
static void out_counts(struct outbuf *out, const uint64_t *n, const char *marks)
{
	for (; *marks; marks++)
		out_printf(out, " %10llu%c", (unsigned long long)*n++, *marks);
}

/* lru_gen_seq_show_full(): the controller's figures, a tier a line. */
static void show_tiers(const struct lru_gens *g, uint64_t seq,
		       struct outbuf *out)
{
	static const uint64_t none[NR_GEN_WALKS];
	bool last = seq == g->max_seq;

	for (unsigned tier = 0; tier < MAX_NR_TIERS; tier++) {
		out_printf(out, "            %10u", tier);
		for (unsigned t = 0; t < 2; t++) {
			uint64_t now[] = { g->avg_refaulted[t][tier],
					   g->avg_total[t][tier], 0 };
			uint64_t old[] = { g->refaulted[t][tier],
					   g->evicted[t][tier],
					   g->protected[t][tier] };

			if (last)
				out_counts(out, now, "RTx");
			else if (seq == g->min_seq[t])
				out_counts(out, old, "rep");
			else
				out_counts(out, none, "xxx");
		}
		out_char(out, '\n');
	}
	out_str(out, "                      ");
	out_counts(out, last ? g->walk : none, last ? "TYFA" : "xxxx");
	out_char(out, '\n');
}

static void show_lruvec(const struct view *v, uint32_t group, unsigned node,
			struct outbuf *out)
{
	/* What a kernel has that never used them. */
	static const struct lru_gens unused = { .max_seq = MIN_NR_GENS + 1 };
	const struct control *c = &v->m->control;
	const struct lru_gens *g =
		c->policy == POLICY_MGLRU ? gens_at(c, group, node) : &unused;
	bool full = v->arg;
	uint64_t seq = gens_min(g, 100), now = machine_now(v->m) / NS_PER_TICK;

	if (full)
		seq = g->max_seq >= MAX_NR_GENS ? g->max_seq - MAX_NR_GENS + 1
						: 0;
	for (; seq <= g->max_seq; seq++) {
		uint64_t age = now - g->born[gen_of(seq)] / NS_PER_TICK;

		out_printf(out, " %10llu %10llu", (unsigned long long)seq,
			   (unsigned long long)(age * MS_PER_TICK));
		for (unsigned t = 0; t < 2; t++) {
			uint64_t pages = 0;

			for (unsigned z = 0; z < MAX_ZONES_PER_NODE; z++)
				pages += g->list[gen_of(seq)][t][z].nr;
			out_printf(out, " %10llu%c", (unsigned long long)pages,
				   full && seq < g->min_seq[t] ? 'x' : ' ');
		}
		out_char(out, '\n');
		if (full)
			show_tiers(g, seq, out);
	}
}

/* lru_gen_seq_show() */
static int show_debug(const struct view *v, struct outbuf *out)
{
	const struct control *c = &v->m->control;

	for (uint32_t g = GROUP_ROOT; g; g = group_next(c, GROUP_ROOT, g)) {
		out_printf(out, "memcg %5u ", g);
		out_group(c, g, out);
		out_char(out, '\n');
		for (unsigned n = 0; n < v->m->phys.nr_nodes; n++) {
			out_printf(out, " node %5u\n", n);
			show_lruvec(v, g, n, out);
		}
	}
	return out->error;
}

/* The next word of @text, moved on; NULL: there is none. */
static const char *next_word(const char **text, const char *end,
			     size_t *ret_len)
{
	const char *at = *text;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	*text = at;
	while (*text < end && **text != ' ' && **text != '\t')
		(*text)++;
	*ret_len = (size_t)(*text - at);
	return *ret_len ? at : NULL;
}

/* @which number of a command: memory group, node, generation, swappiness,
 * force_scan or pages. */
static int take_number(struct gen_command *cmd, unsigned which,
		       const char *word, size_t len)
{
	uint64_t value;

	if (which == 3 && len == 3 && !memcmp(word, "max", 3)) {
		cmd->swappiness = SWAPPINESS_MAX + 2;
		return 0;
	}
	if (parse_number(word, len, 10, &value) ||
	    (which < 2 && value > UINT32_MAX) ||
	    (which == 3 && value > SWAPPINESS_MAX))
		return -EINVAL;
	if (which == 0)
		cmd->group = (uint32_t)value;
	else if (which == 1)
		cmd->node = (uint32_t)value;
	else if (which == 2)
		cmd->seq = value;
	else if (which == 3)
		cmd->swappiness = (uint32_t)value + 1;
	else
		cmd->pages = value;
	return 0;
}

/* "+ MEMCG NODE MAX_SEQ [SWAPPINESS [FORCE]]", "- MEMCG NODE MIN_SEQ
 * [SWAPPINESS [PAGES]]" */
static int run_command(const struct view *v, const char *text, const char *end)
{
	struct gen_command cmd = { .pages = UINT64_MAX };
	size_t len;
	const char *word = next_word(&text, end, &len);
	unsigned n = 0;
	int r = 0;

	if (!word)
		return 0;
	if (len != 1 || (*word != '+' && *word != '-'))
		return -EINVAL;
	cmd.evict = *word == '-';
	while (!r && (word = next_word(&text, end, &len)))
		r = n < 5 ? take_number(&cmd, n++, word, len) : -EINVAL;
	if (r || n < 3)
		return -EINVAL;
	return -machine_lru_gen(&v->w->m, &cmd);
}

/* lru_gen_seq_write() */
static long store_debug(const struct view *v, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	int r = 0;

	while (!r && at < end) {
		const char *stop = at;

		while (stop < end && !strchr(",;\n", *stop))
			stop++;
		r = run_command(v, at, stop);
		at = stop + 1;
	}
	return r ? r : (long)len;
}

#define DIR   "sys/kernel/mm/lru_gen/"
#define DEBUG "sys/kernel/debug/"
const struct fsnode sys_lru_gen_nodes[] = {
	{ .path = DIR "enabled",
	  .mode = 0644,
	  .exists = has_gens,
	  .show = show_enabled,
	  .store = store_enabled },
	{ .path = DIR "min_ttl_ms",
	  .mode = 0644,
	  .exists = has_gens,
	  .show = show_ttl,
	  .store = store_ttl },
	{ .path = DEBUG "lru_gen",
	  .mode = 0644,
	  .exists = has_gens,
	  .show = show_debug,
	  .store = store_debug },
	{ .path = DEBUG "lru_gen_full",
	  .mode = 0444,
	  .arg = 1,
	  .exists = has_gens,
	  .show = show_debug },
};
NODES_COUNT(sys_lru_gen);
