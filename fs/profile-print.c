// SPDX-License-Identifier: Apache-2.0
/* model/config: the profile in force, which can be loaded again. */
#include "fs/profile-table.h"

#include <string.h>

static bool shown(const struct profile_key *k, const void *record, bool given)
{
	if (k->type == PROFILE_WORKLOAD)
		return false;
	if (k->type == PROFILE_STRING)
		return ((const char *)record)[k->off];
	return k->def || given;
}

static void print_workloads(const void *record, struct outbuf *out)
{
	const struct profile_process *p = record;

	for (uint32_t i = 0; i < p->nr_workloads; i++)
		out_printf(out, "workload = %s\n", p->workload[i]);
}

static void print_keys(const struct profile_section *row, const void *record,
		       struct outbuf *out)
{
	const struct profile_head *head = record;

	for (uint32_t i = 0; i < row->nr_keys; i++) {
		const struct profile_key *k = &row->keys[i];

		if (k->type == PROFILE_WORKLOAD)
			print_workloads(record, out);
		if (!shown(k, record, head->given >> i & 1))
			continue;
		out_printf(out, "%s = ", k->name);
		profile_value_print(k, record, out);
		out_char(out, '\n');
	}
}

static void print_pairs(const struct profile_list *l, const char *id,
			struct outbuf *out)
{
	const struct profile_pair *pairs = l->items;

	for (uint32_t i = 0; i < l->nr; i++)
		if (!strcmp(pairs[i].head.id, id))
			out_printf(out, "%s = %s\n", pairs[i].name,
				   pairs[i].value);
}

static void print_list(const struct profile *p,
		       const struct profile_section *row, struct outbuf *out)
{
	const struct profile_list *l =
		(const void *)((const char *)p + row->off);

	for (uint32_t i = 0; i < l->nr; i++) {
		const struct profile_head *head =
			(const void *)((char *)l->items + i * row->record);

		out_printf(out, "\n[%s %s]\n", row->word, head->id);
		print_keys(row, head, out);
		if (row->pairs_prefix)
			print_pairs((const void *)((const char *)p +
						   row->pairs_off),
				    head->id, out);
	}
}

void profile_print(const struct profile *p, struct outbuf *out)
{
	size_t start = out->len;

	for (unsigned i = 0; i < nr_profile_sections; i++) {
		const struct profile_section *row = &profile_sections[i];
		const void *at = (const char *)p + row->off;
		const struct profile_head *head = at;
		const struct profile_list *l = at;

		if (row->kind == SECTION_LIST) {
			print_list(p, row, out);
			continue;
		}
		if (row->kind == SECTION_PAIRS
			    ? !l->nr
			    : !row->keys[0].def && !head->given)
			continue;
		if (out->len > start)
			out_char(out, '\n');
		out_printf(out, "[%s]\n", row->word);
		if (row->kind == SECTION_PAIRS)
			print_pairs(l, "", out);
		else
			print_keys(row, at, out);
	}
}
