// SPDX-License-Identifier: Apache-2.0
/* memory.* of a memory group: mm/memcontrol.c memory_files[], swap_files[],
 * zswap_files[]. */
#include "fs/sys/attr.h"
#include "fs/sys/cgroup.h"
#include "fs/sys/sys-nodes.h"
#include "vmcore/task/group-stat.h"

#include <errno.h>
#include <string.h>

typedef unsigned long long ull;

static const struct group *group_of(const struct view *v)
{
	return group_at(&v->m->control, v->group);
}

/* Only where the group above shares memory out. */
static bool controlled(const struct view *v)
{
	return group_v2(v) && group_controlled(&v->m->control, v->group);
}

/* --- amounts -------------------------------------------------------------- */
enum amount {
	MAX,
	HIGH,
	LOW,
	MIN,
	SWAP_HIGH,
	SWAP_MAX,
	ZSWAP_MAX,
	CURRENT,
	PEAK,
	SWAP,
	SWAP_PEAK
};

static uint64_t amount(const struct group *g, enum amount which)
{
	switch (which) {
	case MAX:
		return g->max;
	case HIGH:
		return g->high;
	case LOW:
		return g->low;
	case MIN:
		return g->min;
	case SWAP_HIGH:
		return g->swap_high;
	case SWAP_MAX:
		return g->swap_max;
	case ZSWAP_MAX:
		return g->zswap_max;
	case CURRENT:
		return g->usage;
	case PEAK:
		return g->peak;
	case SWAP:
		return g->swap_usage;
	case SWAP_PEAK:
		break;
	}
	return g->swap_peak;
}

static int show_amount(const struct view *v, struct outbuf *out)
{
	uint64_t pages = amount(group_of(v), (enum amount)v->arg);

	if (pages == UINT64_MAX)
		out_str(out, "max\n");
	else
		out_printf(out, "%llu\n", (ull)pages << PAGE_SHIFT);
	return out->error;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* memparse(): digits of any base by their prefix, then K to E. Returns how
 * many characters it took. */
static size_t parse_bytes(const char *s, size_t len, uint64_t *ret_bytes)
{
	static const char units[] = "kmgtpe";
	unsigned base = 10;
	uint64_t n = 0;
	size_t i = 0;
	const char *unit;

	if (len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x' &&
	    digit_of(s[2]) < 16) {
		base = 16;
		i = 2;
	} else if (len && s[0] == '0') {
		base = 8;
	}
	for (; i < len && digit_of(s[i]) < base; i++)
		n = n * base + digit_of(s[i]);
	unit = i && i < len ? strchr(units, s[i] | 0x20) : NULL;
	if (unit && *unit) {
		n <<= 10 * (unit - units + 1);
		i++;
	}
	*ret_bytes = n;
	return i;
}

int group_parse_pages(const char *s, size_t len, const char *none,
		      uint64_t *ret_pages)
{
	uint64_t bytes;

	if (len == strlen(none) && !memcmp(s, none, len)) {
		*ret_pages = UINT64_MAX;
		return 0;
	}
	if (parse_bytes(s, len, &bytes) != len)
		return -EINVAL;
	bytes >>= PAGE_SHIFT;
	*ret_pages = bytes < GROUP_COUNTER_MAX ? bytes : UINT64_MAX;
	return 0;
}

static int set_amount(struct machine *m, uint32_t group, enum amount which,
		      uint64_t pages)
{
	struct group *g = group_at(&m->control, group);

	switch (which) {
	case MAX:
		return machine_group_max(m, group, pages);
	case HIGH:
		return machine_group_high(m, group, pages);
	case LOW:
		g->low = pages;
		return 0;
	case MIN:
		g->min = pages;
		return 0;
	case SWAP_HIGH:
		g->swap_high = pages;
		return 0;
	case SWAP_MAX:
		g->swap_max = pages;
		return 0;
	case ZSWAP_MAX:
		g->zswap_max = pages;
		return 0;
	default:
		return -EINVAL;
	}
}

static long store_amount(const struct view *v, const char *text, size_t len)
{
	const char *s = text;
	size_t n = len;
	uint64_t pages;
	int err;

	strip(&s, &n);
	err = group_parse_pages(s, n, "max", &pages);
	if (!err)
		err = set_amount(&v->w->m, v->group, (enum amount)v->arg,
				 pages);
	return err ? err : (long)len;
}

static enum group_peak peak_of(uint32_t arg)
{
	return arg == SWAP_PEAK ? PEAK_SWAP : PEAK_MEMORY;
}

/* peak_write(): it counts anew for that open file alone, which whoever has it
 * open sees to. */
static long store_peak(const struct view *v, const char *text, size_t len)
{
	struct group *g = group_at(&v->w->m.control, v->group);

	(void)text;
	g->local_peak[peak_of(v->arg)] =
		amount(g, v->arg == SWAP_PEAK ? SWAP : CURRENT);
	return (long)len;
}

uint64_t group_peak_since(const struct control *c, uint32_t group, uint32_t arg)
{
	return group_at(c, group)->local_peak[peak_of(arg)];
}

/* --- events --------------------------------------------------------------- */
static const char *const event_words[NR_GROUP_COUNTS] = {
	[GROUP_LOW] = "low",
	[GROUP_HIGH] = "high",
	[GROUP_MAX] = "max",
	[GROUP_OOM] = "oom",
	[GROUP_OOM_KILL] = "oom_kill",
	[GROUP_OOM_GROUP_KILL] = "oom_group_kill",
	[GROUP_SWAP_HIGH] = "high",
	[GROUP_SWAP_MAX] = "max",
	[GROUP_SWAP_FAIL] = "fail",
};

enum events { ALL, LOCAL, OF_SWAP };

static const uint64_t *counts(const struct view *v)
{
	const struct group *g = group_of(v);

	return v->arg == LOCAL ? g->count_local : g->count;
}

static int show_events(const struct view *v, struct outbuf *out)
{
	bool swap = v->arg == OF_SWAP;
	unsigned end = swap ? NR_GROUP_COUNTS : GROUP_SWAP_HIGH;

	for (unsigned i = swap ? GROUP_SWAP_HIGH : 0; i < end; i++)
		out_printf(out, "%s %llu\n", event_words[i], (ull)counts(v)[i]);
	return out->error;
}

static uint64_t stamp_events(const struct view *v)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < NR_GROUP_COUNTS; i++)
		sum += counts(v)[i];
	return sum;
}

/* --- statistics ------------------------------------------------------------
 */
static int show_stat(const struct view *v, struct outbuf *out)
{
	for (unsigned i = 0; i < nr_group_stats; i++) {
		int64_t n = group_stat_value(&v->m->control, v->group, i);

		out_printf(out, "%s %llu\n", group_stat_name(i),
			   n < 0 ? 0 : (ull)n);
	}
	return out->error;
}

static int show_numa_stat(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;

	for (unsigned i = 0; i < nr_group_stats; i++) {
		if (!group_stat_by_node(i))
			continue;
		out_str(out, group_stat_name(i));
		for (unsigned node = 0; node < p->nr_nodes; node++) {
			int64_t n;

			if (!p->nodes[node].online)
				continue;
			n = group_stat_node(&v->m->control, v->group, i, node);
			out_printf(out, " N%u=%llu", node, n < 0 ? 0 : (ull)n);
		}
		out_char(out, '\n');
	}
	return out->error;
}

/* --- actions ----------------------------------------------------------------
 */
/* Files that hold 0 or 1; arg of their rows. */
enum flag { ZSWAP_WRITEBACK, OOM_GROUP };

static uint32_t *flag_of(const struct view *v)
{
	struct group *g = group_at(&v->w->m.control, v->group);

	return v->arg == OOM_GROUP ? &g->oom_group : &g->zswap_writeback;
}

static int show_flag(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%u\n", *flag_of(v));
	return out->error;
}

static long store_flag(const struct view *v, const char *text, size_t len)
{
	const char *s = text;
	size_t n = len;
	uint64_t on;

	strip(&s, &n);
	if (attr_number(s, n, 1, &on))
		return -EINVAL;
	*flag_of(v) = (uint32_t)on;
	return (long)len;
}

/* swappiness=0..200 or swappiness=max (user_proactive_reclaim()). */
static int parse_swappiness(const char *s, size_t len, uint32_t *ret_asked)
{
	static const char key[] = "swappiness=";
	const size_t head = sizeof(key) - 1;
	uint64_t n;

	if (len <= head || memcmp(s, key, head) != 0)
		return -EINVAL;
	if (len == head + 3 && !memcmp(s + head, "max", 3)) {
		*ret_asked = SWAPPINESS_MAX + 2;
		return 0;
	}
	if (attr_number(s + head, len - head, SWAPPINESS_MAX, &n))
		return -EINVAL;
	*ret_asked = (uint32_t)n + 1;
	return 0;
}

int attr_reclaim(const char *text, size_t len, uint64_t *ret_pages,
		 uint32_t *ret_swappiness)
{
	const char *s = text;
	size_t n = len, word;
	uint32_t asked = 0;
	uint64_t bytes;
	int r = 0;

	strip(&s, &n);
	word = parse_bytes(s, n, &bytes);
	if (word < n && s[word] != ' ')
		return -EINVAL;
	for (s += word, n -= word; n && !r; s += word, n -= word) {
		for (; n && *s == ' '; s++)
			n--;
		for (word = 0; word < n && s[word] != ' '; word++)
			;
		r = parse_swappiness(s, word, &asked);
	}
	*ret_pages = bytes >> PAGE_SHIFT;
	*ret_swappiness = asked;
	return r;
}

static long store_reclaim(const struct view *v, const char *text, size_t len)
{
	uint64_t pages;
	uint32_t asked;
	int r = attr_reclaim(text, len, &pages, &asked);

	if (r)
		return r;
	r = machine_group_reclaim(&v->w->m, v->group, pages, asked);
	if (r)
		return r > 0 ? -r : r;
	return (long)len;
}

/* Nothing is compressed here: zswap is off. */
static int show_zero(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_str(out, "0\n");
	return out->error;
}

#define ROOT "sys/fs/cgroup/memory."
#define EACH "sys/fs/cgroup/$group/memory."
#define LIMIT(name, which)                                                  \
	{                                                                   \
		.path = EACH name, .mode = 0644, .flags = FSNODE_STALL,     \
		.show = show_amount, .store = store_amount, .arg = (which), \
		.exists = controlled                                        \
	}
#define AMOUNT(name, which)                                      \
	{                                                        \
		.path = EACH name, .mode = 0444, .arg = (which), \
		.show = show_amount, .exists = controlled        \
	}
#define TOP(name, which)                                         \
	{                                                        \
		.path = EACH name, .mode = 0644, .arg = (which), \
		.flags = FSNODE_PEAK, .show = show_amount,       \
		.store = store_peak, .exists = controlled        \
	}
#define EVENTS(name, which)                                                \
	{                                                                  \
		.path = EACH name, .mode = 0444, .flags = FSNODE_POLL,     \
		.show = show_events, .arg = (which), .exists = controlled, \
		.stamp = stamp_events                                      \
	}
#define BOTH(name, bits, how, f, g)                                \
	{ .path = ROOT name,                                       \
	  .mode = (bits),                                          \
	  .flags = (how),                                          \
	  .show = (f),                                             \
	  .store = (g),                                            \
	  .exists = group_v2 },                                    \
	{                                                          \
		.path = EACH name, .mode = (bits), .flags = (how), \
		.show = (f), .store = (g), .exists = controlled    \
	}
const struct fsnode sys_cgroup_memory_nodes[] = {
	AMOUNT("current", CURRENT),
	EVENTS("events", ALL),
	EVENTS("events.local", LOCAL),
	LIMIT("high", HIGH),
	LIMIT("low", LOW),
	LIMIT("max", MAX),
	LIMIT("min", MIN),
	BOTH("numa_stat", 0444, 0, show_numa_stat, NULL),
	{ .path = EACH "oom.group",
	  .mode = 0644,
	  .show = show_flag,
	  .store = store_flag,
	  .arg = OOM_GROUP,
	  .exists = controlled },
	TOP("peak", PEAK),
	BOTH("reclaim", 0200, FSNODE_STALL, NULL, store_reclaim),
	BOTH("stat", 0444, 0, show_stat, NULL),
	AMOUNT("swap.current", SWAP),
	EVENTS("swap.events", OF_SWAP),
	LIMIT("swap.high", SWAP_HIGH),
	LIMIT("swap.max", SWAP_MAX),
	TOP("swap.peak", SWAP_PEAK),
	{ .path = EACH "zswap.current",
	  .mode = 0444,
	  .show = show_zero,
	  .exists = controlled },
	LIMIT("zswap.max", ZSWAP_MAX),
	BOTH("zswap.writeback", 0644, 0, show_flag, store_flag),
};
NODES_COUNT(sys_cgroup_memory);
