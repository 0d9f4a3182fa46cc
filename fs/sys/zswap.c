// SPDX-License-Identifier: Apache-2.0
/* /sys/module/zswap/parameters: mm/zswap.c. */
#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#include <errno.h>

/* What crypto offers a kernel that has zswap; its default stands first. */
static const char *const compressors[] = { "lzo",   "lzo-rle", "lz4",
					   "lz4hc", "zstd",    "deflate" };

enum setting { ENABLED, SHRINKER, MAX_POOL, ACCEPT };
static const struct attr attrs[] = {
	[MAX_POOL] = ATTR32(sysfs.zswap.max_pool_percent, 0, UINT32_MAX),
	[ACCEPT] = ATTR32(sysfs.zswap.accept_threshold_percent, 0, UINT32_MAX),
};

static uint32_t *switch_of(struct later_sysfs *s, uint32_t which)
{
	return which == ENABLED ? &s->zswap.enabled
				: &s->zswap.shrinker_enabled;
}

static int show_switch(const struct view *v, struct outbuf *out)
{
	struct later_sysfs now = v->m->sysfs;

	out_str(out, *switch_of(&now, v->arg) ? "Y\n" : "N\n");
	return out->error;
}

static long store_switch(const struct view *v, const char *text, size_t len)
{
	bool on;
	int err = attr_bool(text, len, &on);

	if (err)
		return err;
	*switch_of(&v->w->m.sysfs, v->arg) = on;
	return (long)len;
}

static int show_number(const struct view *v, struct outbuf *out)
{
	return attr_show(v, &attrs[v->arg], out);
}

static long store_number(const struct view *v, const char *text, size_t len)
{
	return len ? attr_store(v, &attrs[v->arg], text, len) : -EINVAL;
}

static int show_compressor(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%s\n", compressors[v->m->sysfs.zswap.compressor]);
	return out->error;
}

static long store_compressor(const struct view *v, const char *text, size_t len)
{
	int word = attr_word(compressors, ARRAY_SIZE(compressors), text, len);

	if (word < 0)
		return word;
	v->w->m.sysfs.zswap.compressor = (uint32_t)word;
	return (long)len;
}

#define DIR "sys/module/zswap/parameters/"
#define SWITCH(name, which)                                   \
	{                                                     \
		.path = DIR name, .mode = 0644, .arg = which, \
		.show = show_switch, .store = store_switch    \
	}
#define NUMBER(name, which)                                   \
	{                                                     \
		.path = DIR name, .mode = 0644, .arg = which, \
		.show = show_number, .store = store_number    \
	}
const struct fsnode sys_zswap_nodes[] = {
	NUMBER("accept_threshold_percent", ACCEPT),
	{ .path = DIR "compressor",
	  .mode = 0644,
	  .show = show_compressor,
	  .store = store_compressor },
	SWITCH("enabled", ENABLED),
	NUMBER("max_pool_percent", MAX_POOL),
	SWITCH("shrinker_enabled", SHRINKER),
};
NODES_COUNT(sys_zswap);
