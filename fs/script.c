// SPDX-License-Identifier: Apache-2.0
#include "fs/script-parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct op_row {
	const char *word, *grammar;
	uint32_t flags;
};

static const struct op_row op_rows[NR_OPS] = {
#define OP(id, word, grammar, flags) [id] = { word, grammar, flags },
#include "vmcore/task/op.def"
};

const char *script_op_word(enum op_code code)
{
	return op_rows[code].word;
}

int parse_bad(struct parse *p, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_vprintf(p->why, fmt, ap);
	va_end(ap);
	return error;
}

const struct word *parse_peek(const struct parse *p)
{
	return p->next < p->nr ? &p->words[p->next] : NULL;
}

int parse_take(struct parse *p, const char *what, const struct word **ret)
{
	const struct word *w = parse_peek(p);

	if (!w)
		return parse_bad(p, EINVAL, "%s is missing", what);
	p->next++;
	*ret = w;
	return 0;
}

int parse_keep(struct parse *p, const struct word *w, char *ret, size_t room)
{
	if (w->len >= room)
		return parse_bad(p, EINVAL,
				 "'%.*s...' is too long, at most %zu bytes", 20,
				 w->s, room - 1);
	memcpy(ret, w->s, w->len);
	ret[w->len] = '\0';
	return 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Check bytes, drop the comment and cut the rest into words. */
static int split(struct parse *p, const char *s, size_t len)
{
	size_t end = len;

	if (len > SCRIPT_LINE_MAX)
		return parse_bad(p, EINVAL,
				 "the line has %zu bytes, at most %u", len,
				 SCRIPT_LINE_MAX);
	for (size_t i = 0; i < len; i++) {
		if (!s[i] || (unsigned char)s[i] > 0x7e)
			return parse_bad(
				p, EINVAL,
				"byte %02x in column %zu, only 01 to 7e may stand here",
				(unsigned char)s[i], i + 1);
		if (s[i] == '#' && end == len)
			end = i;
	}
	for (size_t i = 0; i < end;) {
		size_t start;

		while (i < end && blank(s[i]))
			i++;
		for (start = i; i < end && !blank(s[i]); i++)
			;
		if (start == i)
			break;
		if (p->nr == SCRIPT_WORDS) {
			/* Only a value may have so many: it goes on. */
			p->words[p->nr - 1].len =
				(size_t)(s + i - p->words[p->nr - 1].s);
			continue;
		}
		p->words[p->nr++] = (struct word){ s + start, i - start };
	}
	return 0;
}

static const struct op_row *op_find(const struct word *w, enum op_code *ret)
{
	for (uint32_t i = 0; i < NR_OPS; i++)
		if (word_is(w, op_rows[i].word)) {
			*ret = (enum op_code)i;
			return &op_rows[i];
		}
	return NULL;
}

static int parse_op(struct parse *p)
{
	struct script_line *l = p->line;
	const struct word *w;
	const struct op_row *row;
	enum op_code code;
	int r = parse_take(p, "the operation", &w);

	if (r)
		return r;
	row = op_find(w, &code);
	if (!row)
		return parse_bad(
			p, EINVAL,
			"no operation '%.*s', `cat ctl` lists them all",
			w->len > 40 ? 40 : (int)w->len, w->s);
	l->verb = code == OP_ADVANCE ? VERB_ADVANCE : VERB_OP;
	l->op.code = code;
	l->op_flags = row->flags;
	l->word = row->word;
	r = parse_letters(p, row->grammar);
	if (!r)
		r = parse_options(p, row->grammar);
	if (!r)
		r = parse_whole(p);
	l->time_ns = l->op.time_ns;
	return r;
}

int script_parse(const char *line, size_t len, struct script_line *ret,
		 struct outbuf *why)
{
	struct parse p;
	bool known;
	int r;

	p.line = ret;
	p.why = why;
	p.nr = p.next = 0;
	memset(ret, 0, offsetof(struct script_line, path));
	ret->path[0] = ret->field[0] = ret->value[0] = '\0';
	ret->word = "";
	r = split(&p, line, len);
	if (r || !p.nr)
		return r;
	if (word_is(&p.words[0], "async")) {
		ret->async = true;
		ret->word = "async";
		p.next = 1;
	}
	r = parse_verb(&p, &known);
	if (known && ret->async)
		return parse_bad(
			&p, EINVAL,
			"only an operation of the machine can be begun with async");
	if (!known)
		r = parse_op(&p);
	if (!r && ret->async && ret->verb != VERB_OP)
		return parse_bad(
			&p, EINVAL,
			"only an operation of the machine can be begun with async");
	return r;
}

void script_help(struct outbuf *out)
{
	for (uint32_t i = 0; i < NR_OPS; i++) {
		out_str(out, op_rows[i].word);
		help_letters(out, op_rows[i].grammar);
		help_options(out, op_rows[i].grammar);
		if (op_rows[i].flags & OPF_LATER)
			out_str(out, "   # ENOSYS");
		out_char(out, '\n');
	}
	help_verbs(out);
}
