// SPDX-License-Identifier: Apache-2.0
/* model/lru, model/page_states. */
#include "fs/model/model-nodes.h"
#include "vmcore/control/lru-gen.h"

static const char *const lru_names[NR_LRU] = {
	[LRU_INACTIVE_ANON] = "inactive_anon",
	[LRU_ACTIVE_ANON] = "active_anon",
	[LRU_INACTIVE_FILE] = "inactive_file",
	[LRU_ACTIVE_FILE] = "active_file",
	[LRU_UNEVICTABLE] = "unevictable",
};

static void put_pfn(pfn_t pfn, struct outbuf *out)
{
	out_char(out, ' ');
	if (pfn == PFN_NONE)
		out_char(out, '-');
	else
		out_dec(out, pfn, 0);
}

static void put_head(const struct control *c, unsigned node, uint32_t group,
		     struct outbuf *out)
{
	out_dec(out, node, 0);
	out_char(out, ' ');
	out_group(c, group, out);
	out_char(out, ' ');
}

static void put_list(const struct lru_list *l, struct outbuf *out)
{
	out_char(out, ' ');
	out_dec(out, l->nr, 0);
	put_pfn(l->nr ? l->tail : PFN_NONE, out);
	put_pfn(l->nr ? l->head : PFN_NONE, out);
	out_char(out, '\n');
}

/* TYPE.NUMBER.ZONE of the generations' lists that hold anything. */
static void put_gens(const struct control *c, unsigned node, uint32_t group,
		     struct outbuf *out)
{
	const struct lru_gens *g = gens_at(c, group, node);

	for (unsigned type = 0; type < 2; type++)
		for (uint64_t seq = g->min_seq[type]; seq <= g->max_seq; seq++)
			for (unsigned z = 0; z < MAX_ZONES_PER_NODE; z++) {
				const struct lru_list *l =
					&g->list[gen_of(seq)][type][z];

				if (!l->nr)
					continue;
				put_head(c, node, group, out);
				out_printf(out, "%s.%llu.%s",
					   type ? "file" : "anon",
					   (unsigned long long)seq,
					   zone_name(c->phys, z));
				put_list(l, out);
			}
}

/* The lists of @group on @node, then those of its children. */
static void put_lruvec(const struct control *c, unsigned node, uint32_t group,
		       struct outbuf *out)
{
	const struct group *g = group_at(c, group);

	for (unsigned i = 0; i < NR_LRU; i++) {
		put_head(c, node, group, out);
		out_str(out, lru_names[i]);
		put_list(&g->lruvec[node].list[i], out);
	}
	if (c->policy == POLICY_CLASSIC) {
		put_head(c, node, group, out);
		out_str(out, "inactive_clean");
		put_list(&g->lruvec[node].clean, out);
	}
	if (g->lruvec[node].gens)
		put_gens(c, node, group, out);
	for (uint32_t id = g->first_child; id;
	     id = group_at(c, id)->next_sibling)
		put_lruvec(c, node, id, out);
}

static int show_lru(const struct view *v, struct outbuf *out)
{
	for (unsigned i = 0; i < MAX_NODES; i++)
		if (v->m->phys.nodes[i].online)
			put_lruvec(&v->m->control, i, GROUP_ROOT, out);
	return 0;
}

static const char *const state_names[NR_PAGE_STATES] = {
	[STATE_FREE] = "free",
	[STATE_ACTIVE] = "active",
	[STATE_INACTIVE_DIRTY] = "inactive_dirty",
	[STATE_INACTIVE_CLEAN] = "inactive_clean",
};

/* How many pages are in each state, then how many ever went where. */
static int show_states(const struct view *v, struct outbuf *out)
{
	uint64_t pages[NR_PAGE_STATES], moved[NR_PAGE_STATES][NR_PAGE_STATES];

	page_states(&v->m->control, pages, moved);
	for (unsigned i = 0; i < NR_PAGE_STATES; i++)
		out_printf(out, "%s %llu\n", state_names[i],
			   (unsigned long long)pages[i]);
	for (unsigned from = 0; from < NR_PAGE_STATES; from++)
		for (unsigned to = 0; to < NR_PAGE_STATES; to++)
			if (from != to)
				out_printf(out, "%s->%s %llu\n",
					   state_names[from], state_names[to],
					   (unsigned long long)moved[from][to]);
	return 0;
}

static bool is_classic(const struct view *v)
{
	return v->m->control.policy == POLICY_CLASSIC;
}

const struct fsnode model_lru_nodes[] = {
	MODEL_FILE("lru", show_lru),
	{
		.path = "model/page_states",
		.mode = 0444,
		.flags = FSNODE_SIZE0,
		.exists = is_classic,
		.show = show_states,
	},
};
const unsigned nr_model_lru_nodes = ARRAY_SIZE(model_lru_nodes);
