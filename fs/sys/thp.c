// SPDX-License-Identifier: Apache-2.0
/* /sys/kernel/mm/transparent_hugepage: mm/huge_memory.c, mm/shmem.c. */
#include "fs/sys/thp.h"

#include "fs/sys/attr.h"
#include "fs/sys/sys-nodes.h"

#define THP "sys/kernel/mm/transparent_hugepage/"

static const char *const enabled_words[] = {
	[THP_ALWAYS] = "always",
	[THP_MADVISE] = "madvise",
	[THP_NEVER] = "never",
};
static const char *const defrag_words[] = {
	[THP_DEFRAG_ALWAYS] = "always",
	[THP_DEFRAG_DEFER] = "defer",
	[THP_DEFRAG_DEFER_MADVISE] = "defer+madvise",
	[THP_DEFRAG_MADVISE] = "madvise",
	[THP_DEFRAG_NEVER] = "never",
};
static const char *const shmem_words[] = {
	[THP_SHMEM_ALWAYS] = "always", [THP_SHMEM_WITHIN_SIZE] = "within_size",
	[THP_SHMEM_ADVISE] = "advise", [THP_SHMEM_NEVER] = "never",
	[THP_SHMEM_DENY] = "deny",     [THP_SHMEM_FORCE] = "force",
};

/* Settings of struct thp that are words; a row's arg is one of these. */
enum choice { CHOICE_ENABLED, CHOICE_DEFRAG, CHOICE_SHMEM };
static const struct {
	const char *const *words;
	unsigned nr;
} choices[] = {
	[CHOICE_ENABLED] = { enabled_words, ARRAY_SIZE(enabled_words) },
	[CHOICE_DEFRAG] = { defrag_words, ARRAY_SIZE(defrag_words) },
	[CHOICE_SHMEM] = { shmem_words, ARRAY_SIZE(shmem_words) },
};

static int32_t *choice_of(struct thp *t, uint32_t choice)
{
	switch ((enum choice)choice) {
	case CHOICE_DEFRAG:
		return &t->defrag;
	case CHOICE_SHMEM:
		return &t->shmem;
	case CHOICE_ENABLED:
		break;
	}
	return &t->enabled;
}

static int show_choice(const struct view *v, struct outbuf *out)
{
	struct thp now = v->m->space.thp;

	attr_choice(out, choices[v->arg].words, choices[v->arg].nr,
		    (unsigned)*choice_of(&now, v->arg));
	return out->error;
}

static long store_choice(const struct view *v, const char *text, size_t len)
{
	int word;

	if (!len)
		return 0;
	word = attr_word(choices[v->arg].words, choices[v->arg].nr, text, len);
	if (word < 0)
		return word;
	*choice_of(&v->w->m.space.thp, v->arg) = word;
	if (v->arg == CHOICE_ENABLED)
		thp_changed(&v->w->m);
	return (long)len;
}

void thp_changed(struct machine *m)
{
	phys_set_thp(&m->phys, thp_pmd_enabled(&m->space));
}

static int show_zero_page(const struct view *v, struct outbuf *out)
{
	out_printf(out, "%d\n", v->m->space.thp.zero_page != 0);
	return out->error;
}

static long store_zero_page(const struct view *v, const char *text, size_t len)
{
	uint64_t on;
	int err;

	if (!len)
		return 0;
	err = attr_number(text, len, 1, &on);
	if (err)
		return err;
	v->w->m.space.thp.zero_page = (int32_t)on;
	return (long)len;
}

static const struct attr shrink_underused =
	ATTR32(space.thp.shrink_underused, 0, 1);

static int show_underused(const struct view *v, struct outbuf *out)
{
	return attr_show(v, &shrink_underused, out);
}

static long store_underused(const struct view *v, const char *text, size_t len)
{
	return attr_store(v, &shrink_underused, text, len);
}

static int show_pmd_size(const struct view *v, struct outbuf *out)
{
	(void)v;
	out_printf(out, "%u\n", HPAGE_SIZE);
	return out->error;
}

#define CHOICE(name, which)                                     \
	{                                                       \
		.path = THP name, .mode = 0644, .arg = (which), \
		.show = show_choice, .store = store_choice      \
	}
const struct fsnode sys_thp_nodes[] = {
	CHOICE("enabled", CHOICE_ENABLED),
	CHOICE("defrag", CHOICE_DEFRAG),
	CHOICE("shmem_enabled", CHOICE_SHMEM),
	{ .path = THP "use_zero_page",
	  .mode = 0644,
	  .show = show_zero_page,
	  .store = store_zero_page },
	{ .path = THP "shrink_underused",
	  .mode = 0644,
	  .show = show_underused,
	  .store = store_underused },
	{ .path = THP "hpage_pmd_size", .mode = 0444, .show = show_pmd_size },
};
NODES_COUNT(sys_thp);
