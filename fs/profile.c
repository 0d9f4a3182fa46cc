// SPDX-License-Identifier: Apache-2.0
/* Records of a profile: defaults, sections, keys, the command line's. */
#include "fs/profile-table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/script.h"

int profile_bad(struct outbuf *why, const struct profile_where *at,
		const char *fmt, ...)
{
	va_list ap;

	if (at->line)
		out_printf(why, "%s:%u: ", at->file, at->line);
	else
		out_printf(why, "%s: ", at->file);
	va_start(ap, fmt);
	out_vprintf(why, fmt, ap);
	va_end(ap);
	out_char(why, '\n');
	return -EINVAL;
}

int profile_grow(struct profile_list *l, size_t record, void **ret)
{
	uint32_t cap = l->cap ? l->cap * 2 : 8;
	void *items = l->items;

	if (l->nr == l->cap) {
		items = realloc(items, cap * record);
		if (!items)
			return -ENOMEM;
		l->items = items;
		l->cap = cap;
	}
	*ret = (char *)items + l->nr++ * record;
	memset(*ret, 0, record);
	return 0;
}

uint64_t profile_bit(const char *section, const char *key)
{
	const struct profile_section *row = profile_sections;

	while (strcmp(row->word, section))
		row++;
	for (uint32_t i = 0; i < row->nr_keys; i++)
		if (!strcmp(row->keys[i].name, key))
			return 1ull << i;
	return 0;
}

static void set_defaults(const struct profile_section *row, void *record)
{
	for (uint32_t i = 0; i < row->nr_keys; i++)
		if (row->keys[i].def)
			profile_value(&row->keys[i], record, row->keys[i].def);
}

int profile_init(struct profile *p)
{
	memset(p, 0, sizeof(*p));
	for (unsigned i = 0; i < nr_profile_sections; i++)
		if (profile_sections[i].kind == SECTION_ONE)
			set_defaults(&profile_sections[i],
				     (char *)p + profile_sections[i].off);
	p->machine.thp = PROFILE_THP_AUTO;
	return 0;
}

void profile_fini(struct profile *p)
{
	for (unsigned i = 0; i < nr_profile_sections; i++) {
		const struct profile_section *row = &profile_sections[i];

		if (row->kind != SECTION_ONE)
			free(((struct profile_list *)((char *)p + row->off))
				     ->items);
	}
	free(p->group_set.items);
	memset(p, 0, sizeof(*p));
}

/* @name without blanks at its ends, and with one between two words. */
static int squeeze(const char *name, char *ret, size_t room)
{
	size_t n = 0;

	for (const char *s = name; *s; s++) {
		if (*s == ' ' || *s == '\t') {
			if (n && ret[n - 1] != ' ')
				ret[n++] = ' ';
		} else {
			ret[n++] = *s;
		}
		if (n == room)
			return EINVAL;
	}
	if (n && ret[n - 1] == ' ')
		n--;
	ret[n] = '\0';
	return 0;
}

static const struct profile_section *find_section(const char *text,
						  const char **ret_id)
{
	size_t len = strcspn(text, " ");

	*ret_id = text[len] ? text + len + 1 : text + len;
	for (unsigned i = 0; i < nr_profile_sections; i++) {
		const struct profile_section *row = &profile_sections[i];

		if (strlen(row->word) == len && !memcmp(row->word, text, len))
			return row;
	}
	return NULL;
}

static int new_record(struct profile *p, const struct profile_section *row,
		      const char *id, uint32_t line, void **ret)
{
	struct profile_list *l = (struct profile_list *)((char *)p + row->off);
	struct profile_head *head;
	int r = profile_grow(l, row->record, ret);

	if (r)
		return r;
	set_defaults(row, *ret);
	head = *ret;
	snprintf(head->id, sizeof(head->id), "%s", id);
	head->line = line;
	return 0;
}

static int open_list(struct profile *p, const struct profile_section *row,
		     const char *id, const struct profile_where *at, void **ret,
		     struct outbuf *why)
{
	struct profile_list *l = (struct profile_list *)((char *)p + row->off);
	const char *expected;

	for (uint32_t i = 0; i < l->nr; i++) {
		struct profile_head *head =
			(void *)((char *)l->items + i * row->record);

		if (!strcmp(head->id, id)) {
			*ret = head;
			return 0;
		}
	}
	expected = *id ? row->check(id) : "its name in the brackets";
	if (expected)
		return profile_bad(why, at, "[%s %s]: expected %s: %s",
				   row->word, id, row->form, expected);
	if (l->nr == row->max)
		return profile_bad(why, at, "one %s too many, at most %u",
				   row->form, row->max);
	return new_record(p, row, id, at->line, ret);
}

int profile_open_section(struct profile *p, const char *name,
			 const struct profile_where *at,
			 struct profile_open *ret, struct outbuf *why)
{
	char text[PROFILE_ID];
	const char *id;

	memset(ret, 0, sizeof(*ret));
	if (squeeze(name, text, sizeof(text)))
		return profile_bad(
			why, at,
			"[%.40s...]: a name of at most 49 bytes expected",
			name);
	ret->row = find_section(text, &id);
	if (!ret->row) {
		profile_bad(why, at, "[%s]: no such section, expected one of",
			    text);
		why->len--;
		for (unsigned i = 0; i < nr_profile_sections; i++)
			out_printf(why, " %s", profile_sections[i].form);
		out_char(why, '\n');
		return -EINVAL;
	}
	if (ret->row->kind == SECTION_LIST)
		return open_list(p, ret->row, id, at, &ret->record, why);
	if (*id)
		return profile_bad(why, at, "[%s]: expected %s", text,
				   ret->row->form);
	ret->record = (char *)p + ret->row->off;
	return 0;
}

static int bad_key(const struct profile_section *row, const char *key,
		   const struct profile_where *at, struct outbuf *why)
{
	profile_bad(why, at, "%s: no key '%s' in %s, expected one of",
		    row->word, key, row->form);
	why->len--;
	for (uint32_t i = 0; i < row->nr_keys; i++)
		out_printf(why, " %s", row->keys[i].name);
	if (row->pairs_prefix)
		out_printf(why, " %s*", row->pairs_prefix);
	out_char(why, '\n');
	return -EINVAL;
}

static int bad_value(const struct profile_section *row,
		     const struct profile_key *k, const char *value,
		     const struct profile_where *at, struct outbuf *why)
{
	profile_bad(why, at, "%s: %s = %s: expected ", row->word, k->name,
		    value);
	why->len--;
	profile_expected(k, why);
	out_char(why, '\n');
	return -EINVAL;
}

/* [set], [sysctl], memory.* of a group: kept as text. */
static int add_pair(struct profile_list *l, const char *id, const char *key,
		    const char *value, bool again,
		    const struct profile_where *at, struct outbuf *why)
{
	struct profile_pair *pair = NULL;
	void *mem;

	for (uint32_t i = 0; i < l->nr && !pair; i++)
		if (!strcmp(profile_pairs(l)[i].name, key) &&
		    !strcmp(profile_pairs(l)[i].head.id, id))
			pair = &profile_pairs(l)[i];
	if (pair && !again)
		return profile_bad(why, at, "%s is given twice, expected once",
				   key);
	if (strlen(key) >= PROFILE_TEXT || strlen(value) >= PROFILE_TEXT)
		return profile_bad(why, at, "%.40s: expected at most %u bytes",
				   key, PROFILE_TEXT - 1);
	if (!*value)
		return profile_bad(why, at, "%s: expected a value", key);
	if (!pair) {
		if (profile_grow(l, sizeof(*pair), &mem))
			return -ENOMEM;
		pair = mem;
	}
	snprintf(pair->head.id, sizeof(pair->head.id), "%s", id);
	snprintf(pair->name, sizeof(pair->name), "%s", key);
	snprintf(pair->value, sizeof(pair->value), "%s", value);
	pair->head.line = at->line;
	return 0;
}

static int pair_entry(struct profile *p, const struct profile_open *open,
		      const char *key, const char *value, bool again,
		      const struct profile_where *at, struct outbuf *why)
{
	const struct profile_section *row = open->row;
	const struct profile_head *head = open->record;
	struct profile_list *l;

	if (row->kind == SECTION_PAIRS) {
		const char *expected = row->check(key);

		if (expected)
			return profile_bad(why, at, "%s: %s: expected %s",
					   row->word, key, expected);
		l = (struct profile_list *)((char *)p + row->off);
		return add_pair(l, "", key, value, again, at, why);
	}
	if (!row->pairs_prefix ||
	    strncmp(key, row->pairs_prefix, strlen(row->pairs_prefix)))
		return bad_key(row, key, at, why);
	l = (struct profile_list *)((char *)p + row->pairs_off);
	return add_pair(l, head->id, key, value, again, at, why);
}

int profile_entry(struct profile *p, const struct profile_open *open,
		  const char *key, const char *value, bool again,
		  const struct profile_where *at, struct outbuf *why)
{
	const struct profile_section *row = open->row;
	struct profile_head *head = open->record;
	const struct profile_key *k = NULL;

	for (uint32_t i = 0; i < row->nr_keys && !k; i++)
		if (!strcmp(row->keys[i].name, key))
			k = &row->keys[i];
	if (!k)
		return pair_entry(p, open, key, value, again, at, why);
	if (head->given & 1ull << (k - row->keys) && !again &&
	    k->type != PROFILE_WORKLOAD)
		return profile_bad(why, at, "%s is given twice, expected once",
				   key);
	if (profile_value(k, head, value))
		return bad_value(row, k, value, at, why);
	head->given |= 1ull << (k - row->keys);
	return 0;
}

/* Would @key be understood in the section @name? */
static bool key_known(const char *name, const char *key)
{
	const char *id;
	const struct profile_section *row = find_section(name, &id);

	if (!row)
		return false;
	if (row->kind == SECTION_PAIRS)
		return true;
	for (uint32_t i = 0; i < row->nr_keys; i++)
		if (!strcmp(row->keys[i].name, key))
			return true;
	return row->pairs_prefix &&
	       !strncmp(key, row->pairs_prefix, strlen(row->pairs_prefix));
}

/* The first dot of @text that parts a section from a key of it. */
static const char *find_dot(const char *text, const char *equal)
{
	char name[PROFILE_TEXT], key[PROFILE_TEXT];

	for (const char *dot = text; (dot = strchr(dot, '.')) && dot < equal;
	     dot++) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - text), text);
		snprintf(key, sizeof(key), "%.*s", (int)(equal - dot - 1),
			 dot + 1);
		if (key_known(name, key))
			return dot;
	}
	return NULL;
}

/* As sysctl(8) has it: vm.swappiness=10 is sysctl.vm.swappiness=10. */
static bool plain_sysctl(const char *text)
{
	static const char *const folders[] = { "vm.", "kernel.", "fs." };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (!strncmp(text, folders[i], strlen(folders[i])))
			return true;
	return false;
}

int profile_set(struct profile *p, const char *text, struct outbuf *why)
{
	const struct profile_where at = { "--set", 0 };
	const char *fault = profile_line_fault(text, strlen(text));
	const char *equal = strchr(text, '='), *dot;
	char name[PROFILE_TEXT], key[PROFILE_TEXT];
	struct profile_open open;
	int r;

	if (fault)
		return profile_bad(why, &at, "%.60s: %s", text, fault);
	dot = find_dot(text, equal);
	if (!dot && equal && plain_sysctl(text)) {
		snprintf(name, sizeof(name), "sysctl");
		snprintf(key, sizeof(key), "%.*s", (int)(equal - text), text);
	} else if (!dot) {
		return profile_bad(
			why, &at,
			"%.60s: expected SECTION.KEY=VALUE, both as in a profile",
			text);
	} else {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - text), text);
		snprintf(key, sizeof(key), "%.*s", (int)(equal - dot - 1),
			 dot + 1);
	}
	r = profile_open_section(p, name, &at, &open, why);
	return r ? r : profile_entry(p, &open, key, equal + 1, true, &at, why);
}
