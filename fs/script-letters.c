// SPDX-License-Identifier: Apache-2.0
/* The fixed arguments of an operation: one row a letter of op.def. */
#include "fs/script-parse.h"

#include <errno.h>
#include <string.h>

static bool starts_number(const struct word *w)
{
	return w && w->s[0] >= '0' && w->s[0] <= '9';
}

static int take_who(struct parse *p, char *ret, bool is_new)
{
	const struct word *w;
	uint64_t pid;
	int r = parse_take(p, is_new ? "the new process's name" : "the process",
			   &w);

	if (r)
		return r;
	if (!script_name_ok(w->s, w->len, COMM_LEN - 1) &&
	    (is_new || w->len >= COMM_LEN || script_number(w->s, w->len, &pid)))
		return parse_bad(
			p, EINVAL,
			"'%.*s' is no name of a process, a letter and then at most 14 letters, digits, _ - .",
			SHOWN(w));
	return parse_keep(p, w, ret, COMM_LEN);
}

static int take_process(struct parse *p)
{
	return take_who(p, p->line->who, false);
}

static int take_second(struct parse *p)
{
	return take_who(p, p->line->who2, false);
}

static int take_maybe_process(struct parse *p)
{
	return p->nr - p->next >= 2 ? take_process(p) : 0;
}

static int take_process_or_none(struct parse *p)
{
	const struct word *w = parse_peek(p);

	if (w && word_is(w, "-")) {
		p->next++;
		return 0;
	}
	return take_process(p);
}

static int take_new(struct parse *p)
{
	return take_who(p, p->line->op.name, true);
}

static int take_region(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "the region", &w);

	if (r)
		return r;
	if (!script_name_ok(w->s, w->len, REGION_LEN - 1))
		return parse_bad(
			p, EINVAL,
			"'%.*s' is no name of a region, a letter and then at most 30 letters, digits, _ - .",
			SHOWN(w));
	return parse_keep(p, w, p->line->op.region, REGION_LEN);
}

static int take_kernel(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "the name of kernel memory", &w);

	if (r)
		return r;
	if (!script_name_ok(w->s, w->len, REGION_LEN - 1))
		return parse_bad(
			p, EINVAL,
			"'%.*s' is no name of kernel memory, a letter and then at most 30 letters, digits, _ - .",
			SHOWN(w));
	return parse_keep(p, w, p->line->op.region, REGION_LEN);
}

static int take_region_or_none(struct parse *p)
{
	const struct word *w = parse_peek(p);

	if (w && word_is(w, "-")) {
		p->next++;
		return 0;
	}
	return take_region(p);
}

int parse_hex(const char *s, size_t len, uint64_t *ret)
{
	uint64_t value = 0;

	if (len > 2 && s[0] == '0' && s[1] == 'x') {
		s += 2;
		len -= 2;
	}
	if (!len || len > 16)
		return EINVAL;
	for (size_t i = 0; i < len; i++) {
		const char *digits = "0123456789abcdefABCDEF";
		const char *at = strchr(digits, s[i]);
		uint64_t d;

		if (!at || !*at)
			return EINVAL;
		d = (uint64_t)(at - digits);
		value = value << 4 | (d > 15 ? d - 6 : d);
	}
	*ret = value;
	return 0;
}

static int take_address(struct parse *p)
{
	const struct word *w = parse_peek(p);
	struct op *op = &p->line->op;

	if (!w || w->s[0] != '@')
		return take_region(p);
	p->next++;
	if (parse_hex(w->s + 1, w->len - 1, &op->addr))
		return parse_bad(p, EINVAL,
				 "'%.*s' is no address, @ and hex digits",
				 SHOWN(w));
	/* No region says where it ends: one page. */
	op->flags |= OPX_ADDR | OPX_RANGE;
	op->len = PAGE_SIZE;
	return 0;
}

static int take_size_to(struct parse *p, const char *what, uint64_t *ret)
{
	const struct word *w;
	int r = parse_take(p, what, &w);

	if (r)
		return r;
	if (script_size(w->s, w->len, ret))
		return parse_bad(
			p, EINVAL,
			"%s '%.*s' is no size, a whole number and nothing, K, M, G, T or p",
			what, SHOWN(w));
	return 0;
}

static int take_size(struct parse *p)
{
	return take_size_to(p, "SIZE", &p->line->op.size);
}

static int take_off(struct parse *p)
{
	return take_size_to(p, "OFF", &p->line->op.off);
}

static int take_len(struct parse *p)
{
	p->line->op.flags |= OPX_RANGE;
	return take_size_to(p, "LEN", &p->line->op.len);
}

static int take_range(struct parse *p)
{
	int r;

	if (!starts_number(parse_peek(p)))
		return 0;
	r = take_off(p);
	return r ? r : take_len(p);
}

static int take_signed(struct parse *p)
{
	const struct word *w;
	uint64_t size;
	int r = parse_take(p, "+SIZE or -SIZE", &w);

	if (r)
		return r;
	if ((w->s[0] != '+' && w->s[0] != '-') ||
	    script_size(w->s + 1, w->len - 1, &size) || size > INT64_MAX)
		return parse_bad(p, EINVAL,
				 "'%.*s' is no change, + or - and a size",
				 SHOWN(w));
	p->line->op.size = w->s[0] == '-' ? 0 - size : size;
	return 0;
}

static int take_time(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "TIME", &w);

	if (r)
		return r;
	if (script_time(w->s, w->len, &p->line->op.time_ns))
		return parse_bad(
			p, EINVAL,
			"'%.*s' is no time, a number and ns, us, ms or s",
			SHOWN(w));
	return 0;
}

static int take_path(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "PATH", &w);

	if (r)
		return r;
	r = script_path(w->s, w->len, p->line->op.text, OP_TEXT);
	if (r)
		return parse_bad(p, r, "PATH has %zu bytes, at most %u", w->len,
				 OP_TEXT - 2);
	return 0;
}

/* Behind the NUL of the first one. */
static int take_path2(struct parse *p)
{
	const struct word *w;
	char *text = p->line->op.text;
	size_t used = strlen(text) + 1;
	int r = parse_take(p, "the second PATH", &w);

	if (r)
		return r;
	r = script_path(w->s, w->len, text + used, OP_TEXT - used);
	if (r)
		return parse_bad(p, r, "both PATHs have at most %u bytes",
				 OP_TEXT - 2);
	return 0;
}

static int take_text(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "a name", &w);

	return r ? r : parse_keep(p, w, p->line->op.text, OP_TEXT);
}

static int take_text2(struct parse *p)
{
	const struct word *w;
	int r = parse_take(p, "a name", &w);

	return r ? r : parse_keep(p, w, p->line->op.region2, REGION_LEN);
}

static int take_program(struct parse *p)
{
	return take_who(p, p->line->op.name, true);
}

static int take_number_to(struct parse *p, uint64_t *ret)
{
	const struct word *w;
	int r = parse_take(p, "a number", &w);

	if (r)
		return r;
	if (script_number(w->s, w->len, ret))
		return parse_bad(p, EINVAL, "'%.*s' is no whole number",
				 SHOWN(w));
	return 0;
}

static int take_number(struct parse *p)
{
	return take_number_to(p, &p->line->op.value);
}

static int take_number2(struct parse *p)
{
	return take_number_to(p, &p->line->op.loops);
}

/* A bitmask or number that may be left out; hex with 0x. */
static int take_mask(struct parse *p)
{
	const struct word *w = parse_peek(p);
	struct op *op = &p->line->op;

	if (!starts_number(w))
		return 0;
	op->flags |= OPX_VALUE;
	if (w->len < 3 || w->s[1] != 'x')
		return take_number(p);
	p->next++;
	if (parse_hex(w->s, w->len, &op->value))
		return parse_bad(p, EINVAL, "'%.*s' is no bitmask", SHOWN(w));
	return 0;
}

/* seq, random, zipf:S, hot:F% */
static bool pattern_ok(const struct word *w)
{
	uint64_t number;

	if (word_is(w, "seq") || word_is(w, "random"))
		return true;
	if (w->len > 5 && !memcmp(w->s, "zipf:", 5))
		return !script_millionths(w->s + 5, w->len - 5, &number) &&
		       number <= 10000000;
	if (w->len > 5 && !memcmp(w->s, "hot:", 4) && w->s[w->len - 1] == '%')
		return !script_number(w->s + 4, w->len - 5, &number) &&
		       number >= 1 && number <= 100;
	return false;
}

static int take_pattern(struct parse *p)
{
	const struct word *w = parse_peek(p);
	struct op *op = &p->line->op;

	if (op->code == OP_WORKLOAD && w && word_is(w, "off")) {
		op->flags |= OPX_OFF;
		p->next++;
		return 0;
	}
	/* workload P - cpu=F%: no region, no pattern */
	if (op->code == OP_WORKLOAD && !op->region[0])
		return 0;
	if (parse_take(p, "PATTERN", &w))
		return EINVAL;
	if (!pattern_ok(w))
		return parse_bad(
			p, EINVAL,
			"'%.*s' is no pattern, one of seq random zipf:S hot:F%%",
			SHOWN(w));
	return parse_keep(p, w, op->text, sizeof(op->text));
}

static const struct letter {
	int (*take)(struct parse *p);
	const char *help;
	const struct choice *choices; /* instead of take(): one of these */
	size_t off; /* in struct op: where its value goes */
} letters[] = {
	['p'] = { take_process, "P", NULL, 0 },
	['q'] = { take_second, "C", NULL, 0 },
	['c'] = { take_process_or_none, "P|-", NULL, 0 },
	['e'] = { take_maybe_process, "[P]", NULL, 0 },
	['n'] = { take_new, "NEW", NULL, 0 },
	['x'] = { take_program, "NAME", NULL, 0 },
	['r'] = { take_region, "R", NULL, 0 },
	['R'] = { take_region, "R", NULL, 0 },
	['d'] = { take_region_or_none, "R|-", NULL, 0 },
	['a'] = { take_address, "R|@ADDR", NULL, 0 },
	['s'] = { take_size, "SIZE", NULL, 0 },
	['S'] = { take_signed, "+SIZE|-SIZE", NULL, 0 },
	['o'] = { take_range, "[OFF LEN]", NULL, 0 },
	['O'] = { take_off, "OFF", NULL, 0 },
	['L'] = { take_len, "LEN", NULL, 0 },
	['t'] = { take_time, "TIME", NULL, 0 },
	['f'] = { take_path, "PATH", NULL, 0 },
	['F'] = { take_path2, "PATH", NULL, 0 },
	['k'] = { take_kernel, "NAME", NULL, 0 },
	['w'] = { take_text, "NAME", NULL, 0 },
	['W'] = { take_text2, "CACHE", NULL, 0 },
	['K'] = { NULL, "zone|list|counter", inject_choices,
		  offsetof(struct op, advice) },
	['T'] = { take_text2, "NODE/ZONE|NODE/LIST|NAME", NULL, 0 },
	['i'] = { take_number, "N", NULL, 0 },
	['j'] = { take_number2, "N", NULL, 0 },
	['I'] = { take_mask, "[N]", NULL, 0 },
	['D'] = { take_pattern, "PATTERN|off", NULL, 0 },
	['A'] = { NULL, "ACCESS", access_choices, offsetof(struct op, advice) },
	['P'] = { NULL, "PROT", prot_choices, offsetof(struct op, prot) },
	['M'] = { NULL, "ADVICE", madvise_choices,
		  offsetof(struct op, advice) },
	['V'] = { NULL, "ADVICE", fadvise_choices,
		  offsetof(struct op, advice) },
	['m'] = { NULL, "POLICY", policy_choices, offsetof(struct op, advice) },
};

static const struct letter *letter_find(char c)
{
	return &letters[(unsigned char)c];
}

static int take_choice(struct parse *p, const struct letter *l)
{
	char *field = (char *)&p->line->op + l->off;
	const struct word *w;
	uint32_t value;
	int r = parse_take(p, l->help, &w);

	if (!r)
		r = parse_choice(p, w, l->choices, l->help, &value);
	if (!r)
		memcpy(field, &value, sizeof(value));
	return r;
}

int parse_letters(struct parse *p, const char *grammar)
{
	for (; *grammar && *grammar != ';'; grammar++) {
		const struct letter *l = letter_find(*grammar);
		int r = l->choices ? take_choice(p, l) : l->take(p);

		if (r)
			return r;
	}
	return 0;
}

void help_letters(struct outbuf *out, const char *grammar)
{
	for (; *grammar && *grammar != ';'; grammar++)
		out_printf(out, " %s", letter_find(*grammar)->help);
}
