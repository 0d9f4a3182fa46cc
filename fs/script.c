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

static bool may_stand(char c)
{
	return c > 0 && c < 0x7f;
}

/* Of a word; most are letters and digits. */
static bool inside(char c)
{
	return c > ' ' ? c != '#' && c < 0x7f : c > 0 && !blank(c);
}

static int bad_byte(struct parse *p, const char *s, size_t i)
{
	return parse_bad(
		p, EINVAL,
		"byte %02x in column %zu, only 01 to 7e may stand here",
		(unsigned char)s[i], i + 1);
}

/* Check bytes, drop the comment and cut the rest into words. */
static int split(struct parse *p, const char *s, size_t len)
{
	size_t i = 0, start;

	if (len > SCRIPT_LINE_MAX)
		return parse_bad(p, EINVAL,
				 "the line has %zu bytes, at most %u", len,
				 SCRIPT_LINE_MAX);
	while (i < len && s[i] != '#') {
		for (start = i; i < len && inside(s[i]); i++)
			;
		if (start == i && !blank(s[i]))
			return bad_byte(p, s, i);
		if (start == i)
			i++;
		else if (p->nr == SCRIPT_WORDS)
			/* Only a value may have so many: it goes on. */
			p->words[p->nr - 1].len =
				(size_t)(s + i - p->words[p->nr - 1].s);
		else
			p->words[p->nr++] =
				(struct word){ s + start, i - start };
	}
	for (; i < len; i++)
		if (!may_stand(s[i]))
			return bad_byte(p, s, i);
	return 0;
}

static bool op_find(const struct word *w, enum op_code *ret)
{
	for (uint32_t i = 0; i < NR_OPS; i++)
		if (word_is(w, op_rows[i].word)) {
			*ret = (enum op_code)i;
			return true;
		}
	return false;
}

static int no_operation(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "the operation", &w);

	return r ? r
		 : parse_bad(p, EINVAL,
			     "no operation '%.*s', `cat ctl` lists them all",
			     SHOWN(w));
}

static int parse_op(struct parse *p, enum op_code code)
{
	const struct op_row *row = &op_rows[code];
	struct script_line *l = p->line;
	int r;

	p->next++;
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

/* An operation, or what a session does itself. */
static int parse_line(struct parse *p)
{
	const struct word *w = parse_peek(p);
	enum op_code code;
	bool known;
	int r;

	if (w && op_find(w, &code)) {
		r = parse_op(p, code);
	} else {
		r = parse_verb(p, &known);
		if (!known)
			return no_operation(p);
	}
	if (p->line->async && p->line->verb != VERB_OP)
		return parse_bad(
			p, EINVAL,
			"only an operation of the machine can be begun with async");
	return r;
}

int script_parse(const char *line, size_t len, struct script_line *ret,
		 struct outbuf *why)
{
	struct parse p;
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
	return parse_line(&p);
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
