// SPDX-License-Identifier: Apache-2.0
/* Lines that a session runs itself: set, show, wait, until ... */
#include "fs/script-parse.h"

#include <errno.h>
#include <string.h>

static int take_label(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "the label", &w);

	return r ? r : parse_keep(p, w, p->line->path, sizeof(p->line->path));
}

static int take_file(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "the file", &w);

	return r ? r : parse_keep(p, w, p->line->path, sizeof(p->line->path));
}

/* PATH and the rest of the line */
static int take_set(struct parse *p)
{
	const struct word *last = &p->words[p->nr - 1], *w;
	int r = take_file(p);

	if (r)
		return r;
	w = parse_peek(p);
	if (!w)
		return parse_bad(p, EINVAL, "the value is missing");
	p->line->rest = w->s;
	p->line->rest_len = (size_t)(last->s + last->len - w->s);
	p->next = p->nr;
	return 0;
}

static int take_wait(struct parse *p)
{
	const struct word *w = parse_peek(p);

	if (w && word_is(w, "all")) {
		p->next++;
		return 0;
	}
	return parse_letters(p, "p");
}

/* PATH FIELD OP VALUE */
static int take_condition(struct parse *p)
{
	static const char *const compares[] = {
		"=", "!=", "<", "<=", ">", ">="
	};
	struct script_line *l = p->line;
	const struct word *w;
	int r = take_file(p);

	if (!r)
		r = parse_take(p, "the field", &w);
	if (!r)
		r = parse_keep(p, w, l->field, sizeof(l->field));
	if (!r)
		r = parse_take(p, "the comparison", &w);
	if (r)
		return r;
	for (size_t i = 0; i < sizeof(compares) / sizeof(compares[0]); i++)
		if (word_is(w, compares[i]))
			memcpy(l->compare, w->s, w->len);
	if (!l->compare[0])
		return parse_bad(
			p, EINVAL,
			"'%.*s' is no comparison, one of = != < <= > >=",
			SHOWN(w));
	r = parse_take(p, "the value", &w);
	return r ? r : parse_keep(p, w, l->value, sizeof(l->value));
}

static int take_until(struct parse *p)
{
	const struct word *w;
	int r = take_condition(p);

	if (!r)
		r = parse_take(p, "max=TIME", &w);
	if (r)
		return r;
	if (w->len < 5 || memcmp(w->s, "max=", 4) ||
	    script_time(w->s + 4, w->len - 4, &p->line->time_ns))
		return parse_bad(p, EINVAL,
				 "'%.*s' is no limit, max= and a time",
				 SHOWN(w));
	return 0;
}

static int take_speed(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "the speed", &w);

	if (r)
		return r;
	if (script_millionths(w->s, w->len, &p->line->number))
		return parse_bad(
			p, EINVAL,
			"'%.*s' is no speed, 0 or how often as fast as the wall's clock",
			SHOWN(w));
	return 0;
}

static int take_sample(struct parse *p)
{
	int r = parse_letters(p, "ti");

	p->line->time_ns = p->line->op.time_ns;
	p->line->number = p->line->op.value;
	if (!r && p->line->number &&
	    p->line->time_ns > UINT64_MAX / p->line->number / 2)
		return parse_bad(p, EINVAL, "EVERY x COUNT is too long");
	return r;
}

static int take_number(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "the number of the operation", &w);

	if (!r && (script_number(w->s, w->len, &p->line->number) ||
		   p->line->number > UINT32_MAX))
		r = parse_bad(p, EINVAL, "'%.*s' is no number", SHOWN(w));
	return r;
}

static int take_none(struct parse *p)
{
	(void)p;
	return 0;
}

static const struct verb_row {
	const char *word;
	enum script_verb verb;
	int (*take)(struct parse *p);
	const char *help;
} verb_rows[] = {
	{ "wait", VERB_WAIT, take_wait, " P|all" },
	{ "snap", VERB_SNAP, take_label, " LABEL" },
	{ "set", VERB_SET, take_set, " PATH VALUE" },
	{ "store", VERB_STORE, take_set, " PATH HEX" },
	{ "interrupt", VERB_INTERRUPT, take_number, " N" },
	{ "show", VERB_SHOW, take_file, " PATH" },
	{ "expect", VERB_EXPECT, take_condition, " PATH FIELD OP VALUE" },
	{ "until", VERB_UNTIL, take_until, " PATH FIELD OP VALUE max=TIME" },
	{ "speed", VERB_SPEED, take_speed, " X" },
	{ "save", VERB_SAVE, take_file, " FILE" },
	{ "load", VERB_LOAD, take_file, " FILE" },
	{ "reset", VERB_RESET, take_none, "" },
	{ "sample", VERB_SAMPLE, take_sample, " EVERY COUNT" },
	{ "samplewait", VERB_SAMPLEWAIT, take_none, "" },
	{ "samplestop", VERB_RECORDER, take_none, "" },
	{ "get", VERB_RECORDER, take_file, " PATH" },
};
#define NR_ROWS (sizeof(verb_rows) / sizeof(verb_rows[0]))

int parse_verb(struct parse *p, bool *ret_known)
{
	const struct word *w = parse_peek(p), *extra;
	const struct verb_row *row = NULL;
	int r;

	for (size_t i = 0; w && i < NR_ROWS && !row; i++)
		if (word_is(w, verb_rows[i].word))
			row = &verb_rows[i];
	*ret_known = row;
	if (!row)
		return 0;
	p->next++;
	p->line->verb = row->verb;
	p->line->word = row->word;
	r = row->take(p);
	extra = parse_peek(p);
	if (!r && extra)
		return parse_bad(p, EINVAL, "'%.*s' is too much, it takes%s",
				 SHOWN(extra),
				 row->help[0] ? row->help : " nothing");
	return r;
}

void help_verbs(struct outbuf *out)
{
	for (size_t i = 0; i < NR_ROWS; i++)
		out_printf(out, "%s%s\n", verb_rows[i].word, verb_rows[i].help);
	out_str(out, "async OPERATION\n");
}
